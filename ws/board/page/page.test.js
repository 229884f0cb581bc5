import assert from "node:assert/strict";
import { test } from "node:test";
import { totals } from "./totals.js";
import { wordsOf } from "./i18n.js";
import { actionOf, assign, defaultKeys, nameOf } from "./keys.js";
import { readQueue } from "./last_queue.js";
import { readPasted } from "./token.js";
import { pieces, rowsOf } from "./rows.js";
import { UNDO_MS } from "./ticket.js";
import { ASIDE_MS, Tickets } from "./tickets.js";

const ID = "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10";
const order = (n, more = {}) => ({
  id: `o${n}`, order_number: n, order_type: "dine_in", status: "pending", priority: 0, table: null, created_by: null,
  customer_name: "", notes: "", allergy_note: "", promised_at: null, recalled: false, version: 1,
  created_at: new Date(n * 1000).toISOString(), updated_at: "", items: [], ...more,
});
const line = (id, quantity, name, ...modifiers) => ({
  id, menu_item: { id: null, name }, quantity, notes: "",
  modifiers: modifiers.map((m) => ({ id: `${id}-${m}`, modifier_option: { id: null, name: m }, quantity: 1 })),
});
const chimes = (rings) => rings.map((r) => r.chime);
const change = (more) => ({ first: false, snapshot: false, created: [], returned: [], changed: [], gone: [], ...more });

test("a link and a token are read, and what is neither is not", () => {
  const here = new URL("https://kitchen.test/");
  assert.deepEqual(readPasted(` ${here}kitchen/${ID}#token=a.b.c `, "", here), { restaurant: ID, token: "a.b.c" });
  assert.deepEqual(readPasted(`/kitchen/${ID.toUpperCase()}/#token=a.b.c`, "", here), { restaurant: ID, token: "a.b.c" });
  assert.deepEqual(readPasted("a.b.c", ID, here), { restaurant: ID, token: "a.b.c" });
  assert.deepEqual(readPasted("a.b.c", "", here), { problem: "needRestaurant" });
  assert.deepEqual(readPasted("a.b.c", "4 2", here), { problem: "badRestaurant" });
  assert.deepEqual(readPasted("hello", ID, here), { problem: "noLinkOrToken" });
  assert.deepEqual(readPasted(`${here}kitchen/%7B42%7D#token=a.b.c`, "", here), { problem: "noLinkOrToken" });
  assert.deepEqual(readPasted("javascript:alert(1)//a.b.c", ID, here), { problem: "noLinkOrToken" });
  assert.equal(readPasted(`https://evil.test/kitchen/${ID}#token=a.b.c`, "", here).elsewhere.host, "evil.test");
  assert.equal(readPasted(`http://kitchen.test/kitchen/${ID}#token=a.b.c`, "", here).elsewhere.protocol, "http:");
  assert.deepEqual(readPasted(`${here}kitchen/${ID}`, "", here), { problem: "noToken" });
  assert.deepEqual(readPasted(`${here}kitchen/${ID}#token=`, "", here), { problem: "noToken" });
  assert.deepEqual(readPasted(`${here}kitchen/${ID}#token=a.b`, "", here), { problem: "badToken" });
  const claims = Buffer.from(JSON.stringify({ restaurant_id: ID })).toString("base64url");
  assert.deepEqual(readPasted(`a.${claims}.c`, "", here), { restaurant: ID, token: `a.${claims}.c` });
});

test("a restaurant's id is of any kind, and only uuids are the same in capitals", () => {
  const here = new URL("https://kitchen.test/");
  for (const id of ["42", "Da_Gino-2"]) {
    assert.deepEqual(readPasted(`${here}kitchen/${id}#token=a.b.c`, "", here), { restaurant: id, token: "a.b.c" });
    assert.deepEqual(readPasted("a.b.c", ` ${id} `, here), { restaurant: id, token: "a.b.c" });
  }
  assert.deepEqual(readPasted("a.b.c", "x".repeat(41), here), { problem: "badRestaurant" });
  const claims = Buffer.from(JSON.stringify({ restaurant_id: 42 })).toString("base64url");
  assert.deepEqual(readPasted(`a.${claims}.c`, "", here), { restaurant: "42", token: `a.${claims}.c` });
});

test("links belong to a path of a proxy as well", () => {
  const here = new URL("https://kitchen.test/kds/");
  assert.deepEqual(readPasted("https://kitchen.test/kds/kitchen/42#token=a.b.c", "", here), { restaurant: "42", token: "a.b.c" });
  assert.deepEqual(readPasted("/kitchen/42#token=a.b.c", "", here), { restaurant: "42", token: "a.b.c" });
  assert.equal(readPasted("https://kitchen.test/other/kitchen/42#token=a.b.c", "", here).elsewhere.pathname, "/other/kitchen/42");
});

test("a kept queue is taken only as it was written, and not after a shift", () => {
  const good = () => JSON.parse(JSON.stringify({
    format: 1, at: Date.now() - 60_000, serverAt: 1, omitted: 0,
    restaurant: { name: "Da Gino", timezone: "Europe/Rome", warn_after_s: 300, late_after_s: 600, recall_window_s: 3600 },
    orders: [{ ...order(1, { items: [line("a", 1.5, "Ham", "no fat")], table: { id: "1", label: "7" } }), updated_at: new Date(0).toISOString() }],
  }));
  const written = good();
  assert.deepEqual(readQueue(written), written);
  /** @param {any} v @returns {string[][]} the paths to everything in it */
  const paths = (v) => (v && typeof v === "object" ? Object.keys(v).flatMap((k) => [[k], ...paths(v[k]).map((p) => [k, ...p])]) : []);
  const free = ["orders.0.table.id", "orders.0.recalled", "orders.0.created_by"]; // what no ticket rests on, or may be null
  for (const path of paths(good())) {
    for (const rubbish of [undefined, null, {}, "rubbish"]) {
      const bad = good();
      const at = path.slice(0, -1).reduce((v, k) => v[k], bad);
      const name = path.at(-1);
      if (rubbish === "rubbish" && (typeof at[name] === "string" || name === "id") && !name.endsWith("_at") && name !== "status") continue; // any text will do
      if (rubbish === null && ["table", "created_by", "promised_at", "id"].includes(name)) continue;
      at[name] = rubbish;
      if (!free.includes(path.join("."))) assert.equal(readQueue(bad), null, `${path.join(".")} = ${JSON.stringify(rubbish)}`);
    }
  }
  for (const rubbish of [undefined, null, 7, "x", [], { ...good(), format: 2 }, { ...good(), at: Date.now() - 13 * 3_600_000 }, { ...good(), at: Date.now() + 1e6 }]) {
    assert.equal(readQueue(rubbish), null);
  }
});

test("keys are found by what they write, and letters by their place on other keyboards", () => {
  const key = (key, code) => ({ key, code });
  assert.equal(nameOf(key("R", "KeyR")), "r");
  assert.equal(nameOf(key("ق", "KeyR")), "r");
  assert.equal(nameOf(key(" ", "Space")), "Space");
  assert.equal(nameOf(key("+", "NumpadAdd")), "NumpadAdd");
  assert.equal(nameOf(key("٣", "Digit3")), "3");
  const keys = defaultKeys();
  assert.deepEqual(["Enter", "Space", "Backspace", "r", "a", "7", "ü"].map((n) => actionOf(keys, n)), [
    "bump", "bump", "undo", "recall", "allday", "select", null,
  ]);
  const next = assign(keys, "bump", "r");
  assert.equal(actionOf(next, "r"), "bump");
  assert.equal(actionOf(next, "Enter"), null);
});

test("long texts are cut between words, and between whole characters", () => {
  const text = "x".repeat(300) + " " + "word ".repeat(60);
  assert.ok(pieces(text).every((p) => [...p].length <= 120));
  assert.equal(pieces(text).join("").replaceAll(" ", ""), text.replaceAll(" ", ""));
  assert.ok(pieces("👩‍🍳🍕".repeat(100)).every((p) => !/[\ud800-\udbff]$/.test(p)));
});

test("what changed since it was seen is marked, row by row", () => {
  const seen = order(1, { items: [line("a", 1, "Soup"), line("b", 1, "Fish", "no salt")] });
  const now = order(1, { notes: "hurry", items: [line("a", 2, "Soup"), line("c", 1, "Steak")] });
  const marks = rowsOf(now, seen, "").map((r) => [r.kind, r.kind === "banner" ? r.what : r.text, r.mark, r.was]);
  assert.deepEqual(marks, [
    ["banner", "changed", "", ""], ["note", "hurry", "added", ""], ["item", "Soup", "changed", 1], ["item", "Steak", "added", ""],
    ["item", "Fish", "removed", ""], ["modifier", "no salt", "removed", ""],
  ]);
});

test("orders of the first queue are not new, later ones are", () => {
  const t = new Tickets(() => 0, () => 0);
  assert.deepEqual(chimes(t.apply(change({ first: true, snapshot: true, created: [order(1)] }))), []);
  assert.equal(t.get("o1").fresh, false);
  assert.deepEqual(chimes(t.apply(change({ created: [order(2)] }))), ["new"]);
  assert.equal(t.get("o2").fresh, true);
  t.touch("o2");
  assert.equal(t.get("o2").fresh, false);
});

test("a status is no change to look at, other content is, until touched or changed back", () => {
  const t = new Tickets(() => 0, () => 0);
  t.apply(change({ first: true, created: [order(1)] }));
  const ready = order(1, { status: "ready", version: 2 });
  assert.deepEqual(chimes(t.apply(change({ changed: [{ before: order(1), order: ready }] }))), ["ready"]);
  const noted = order(1, { status: "ready", version: 3, notes: "x" });
  assert.deepEqual(chimes(t.apply(change({ changed: [{ before: ready, order: noted }] }))), ["changed"]);
  assert.ok(t.get("o1").seen);
  const again = order(1, { status: "ready", version: 4, notes: "y" });
  t.apply(change({ changed: [{ before: noted, order: again }], by: "psql" }));
  t.apply(change({ changed: [{ before: again, order: { ...again, version: 5, status: "pending" } }], by: "till-3" }));
  assert.equal(t.get("o1").by, "psql");
  t.apply(change({ changed: [{ before: noted, order: { ...ready, version: 4 } }] }));
  assert.equal(t.get("o1").seen, null);
});

test("cancelled and deleted orders stay until a while after a touch, completed ones do not", () => {
  let now = 0;
  const t = new Tickets(() => now, () => now);
  t.apply(change({ first: true, created: [order(1), order(2), order(3)] }));
  const gone = ["cancelled", "deleted", "completed"].map((status, i) => ({ order: order(i + 1), status }));
  assert.deepEqual(chimes(t.apply(change({ gone }))), ["void", "void"]);
  assert.deepEqual(t.list().map((x) => x.gone), ["cancelled", "deleted"]);
  t.touch("o1");
  assert.deepEqual(t.expire(), []);
  now = ASIDE_MS;
  assert.deepEqual(t.expire().map((x) => x.id), ["o1"]);
  assert.deepEqual(t.list().map((x) => x.id), ["o2"]);
});

test("a ticket finished here keeps its place for the time of an undo", () => {
  let now = 1000;
  const t = new Tickets(() => now, () => now);
  t.apply(change({ first: true, created: [order(1)] }));
  Object.assign(t.get("o1"), { asked: "completed", doneAt: now });
  t.apply(change({ gone: [{ order: order(1, { status: "completed" }), status: "completed" }] }));
  assert.equal(t.get("o1").finished, true);
  assert.deepEqual(t.open(), []);
  now += UNDO_MS - 1;
  t.expire();
  assert.equal(t.list().length, 1);
  now += 1;
  t.expire();
  assert.equal(t.list().length, 0);
  assert.equal(t.all.size, 0);
});

test("all-day counts what is still to cook, with its variants", () => {
  const t = new Tickets(() => 0, () => 0);
  t.apply(change({ first: true, created: [
    order(1, { items: [line("a", 2, "Burger", "no onion"), line("b", 1, "Fries")] }),
    order(2, { status: "preparing", items: [line("c", 3, "Burger")] }),
    order(3, { status: "ready", items: [line("d", 9, "Fries")] }),
  ] }));
  assert.deepEqual(totals(t.list()), [
    { name: "Burger", quantity: 5, ways: [{ name: "no onion", kind: "remove", quantity: 2 }] }, { name: "Fries", quantity: 1, ways: [] },
  ]);
});

test("Arabic has a word of its own for everything", () => {
  const english = wordsOf("en");
  const arabic = wordsOf("ar");
  for (const [name, word] of Object.entries(english)) {
    if (typeof word === "string") assert.notEqual(arabic[name], word, name);
  }
  for (const [name, word] of Object.entries(english.actions)) assert.notEqual(arabic.actions[name], word, name);
});

test("an event that is older than the server's answer does not show the old status again", () => {
  const t = new Tickets(() => 0, () => 0);
  t.apply(change({ first: true, created: [order(1)] }));
  const ticket = t.get("o1");
  Object.assign(ticket, { asked: "preparing", acked: 3 });
  t.apply(change({ changed: [{ before: order(1), order: order(1, { version: 2, notes: "late news" }) }] }));
  assert.deepEqual([ticket.status, ticket.version], ["preparing", 3]);
  t.apply(change({ changed: [{ before: order(1), order: order(1, { version: 3, status: "preparing" }) }] }));
  assert.equal(ticket.asked, null);
});

test("a ticket stays while the server is asked to bring it back, and goes if that never comes to pass", () => {
  let now = 0;
  const t = new Tickets(() => now, () => now);
  t.apply(change({ first: true, created: [order(1)] }));
  Object.assign(t.get("o1"), { asked: "ready", askedAt: 0, waiting: true });
  t.apply(change({ gone: [{ order: order(1, { status: "completed" }), status: "completed" }] }));
  t.expire();
  assert.equal(t.get("o1").status, "ready");
  t.get("o1").waiting = false;
  now = UNDO_MS;
  t.expire();
  assert.equal(t.get("o1"), undefined);
});
