// What changes mean to a cook, and what a kitchen hears of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AGAIN_MS, Alarms, NOT_LIVE_MS, STILL_NOT_LIVE_MS } from "./alarms.js";
import { Bumps } from "./bumps.js";
import { moreToCook, sameContent } from "./content.js";
import { wordsOf } from "./i18n.js";
import { urgencyOf } from "./lateness.js";
import { allergiesOf, hasAllergy, kindOf, labelOf, saysWithout } from "./modifiers.js";
import { rowsOf } from "./rows.js";
import { ARRIVAL_MS, NEW_MS, Tickets } from "./tickets.js";
import { totals } from "./totals.js";
import { nameOr, visible } from "./visible.js";

const order = (n, more = {}) => ({
  id: `o${n}`, order_number: n, order_type: "dine_in", status: "pending", priority: 0, table: null, created_by: null,
  customer_name: "", notes: "", allergy_note: "", promised_at: null, recalled: false, version: 1,
  created_at: new Date(n * 1000).toISOString(), updated_at: "", items: [], ...more,
});
const modifier = (name, kind, quantity = 1) => ({ id: `m-${name}`, modifier_option: { id: null, name }, quantity, kind });
const line = (id, quantity, name, ...modifiers) => ({ id, menu_item: { id: null, name }, quantity, notes: "", modifiers });
const change = (more) => ({ first: false, snapshot: false, created: [], returned: [], changed: [], gone: [], by: "", ...more });
const news = (heard) => heard.map((h) => h.news);
const marked = (now, seen) => rowsOf(now, seen, "").filter((r) => r.mark).map((r) => [r.kind, r.what || r.text, r.was, r.text, r.mark]);

/** Tickets with a clock of the test's own, and the first queue in it. */
function kitchen(...first) {
  const clock = { now: 0 };
  const tickets = new Tickets(() => clock.now, () => clock.now);
  tickets.apply(change({ first: true, snapshot: true, created: first }));
  /** Changes an order as a writer does. */
  const write = (before, more) => tickets.apply(change({ changed: [{ before, order: { ...before, version: before.version + 1, ...more } }] }));
  return { clock, tickets, write };
}

test("the data says what a modifier does; words are looked at only where it is silent", () => {
  assert.equal(kindOf(modifier("Onion", "remove")), "remove");
  assert.equal(kindOf(modifier("no onion", "add")), "add");
  assert.equal(kindOf(modifier("Nuts", "allergy")), "allergy");
  assert.equal(kindOf(modifier("well done", "note")), "note");
  for (const silent of [null, undefined, "a word of a later version"]) {
    assert.equal(kindOf(modifier("no onion", silent)), "remove");
    assert.equal(kindOf(modifier("extra cheese", silent)), "add");
  }
});

test("what is left out is guessed in the languages of the table", () => {
  const without = [
    "no onion", "NO ONION", "No: onion", "without nuts", "w/o mayo", "hold the pickles", "ohne Zwiebeln", "kein Salz", "keine Nüsse",
    "zonder ui", "geen kaas", "sin gluten", "sem cebola", "sans sel", "pas de sucre", "senza glutine", "بدون بصل", "من دون ملح",
    "bez cukru", "uden løg", "uten løk", "utan lök", "χωρίς κρεμμύδι", "без лука", "בלי בצל", "fără ceapă", "tanpa bawang",
    "không hành", "不要葱", "玉ねぎ抜き", "양파 빼고", "hagyma nélkül", "soğan olmasın",
  ];
  for (const name of without) assert.equal(saysWithout(name), true, name);
  const not = [
    "no pão", "No prato", "no forno", "no ponto", "extra onion", "Nougat", "note", "no. 5 sauce", "No 5 sauce", "Singapore noodles", "Sincronizada",
    "keinplatz", "Ei extra", "Bezel", "on the side", "hold", "hold for guest", "no", "Nopal", "ohnegleichen",
  ];
  for (const name of not) assert.equal(saysWithout(name), false, name);
});

test("what is left out is written so, once, in the language of the screen", () => {
  const [en, ar] = [wordsOf("en"), wordsOf("ar")];
  assert.equal(labelOf("Onion", "remove", en), "NO ONION");
  assert.equal(labelOf("no onion", "remove", en), "NO ONION");
  assert.equal(labelOf("بصل", "remove", ar), "بدون بصل");
  assert.equal(labelOf("بدون بصل", "remove", ar), "بدون بصل");
  assert.equal(labelOf("Nuts", "allergy", en), "ALLERGY Nuts");
  assert.equal(labelOf("Cheese", "add", en), "Cheese");
});

test("an allergy that the menu marks stands at the top, like the note, and at its dish", () => {
  const o = order(1, { allergy_note: "sesame", items: [line("a", 1, "Salad", modifier("Nuts", "allergy"), modifier("Feta", "add"))] });
  assert.deepEqual(rowsOf(o, null, "").map((r) => [r.kind, r.what, r.text]), [
    ["banner", "allergy", "sesame"], ["banner", "allergy", "Nuts: Salad"], ["item", "", "Salad"],
    ["modifier", "allergy", "Nuts"], ["modifier", "add", "Feta"],
  ]);
  assert.deepEqual(allergiesOf(o.items[0]), ["Nuts"]);
  assert.equal(hasAllergy(order(1, { items: o.items })), true);
  assert.equal(hasAllergy(order(1, { items: [line("a", 1, "Salad", modifier("Feta", "add"))] })), false);
  const without = order(1, { allergy_note: "sesame", items: [line("a", 1, "Salad", modifier("Feta", "add"))] });
  assert.deepEqual(marked(o, without), [["banner", "allergy", "", "Nuts: Salad", "added"], ["modifier", "allergy", "", "Nuts", "added"]]);
});

test("modifiers keep the till's order", () => {
  const o = order(1, { items: [line("a", 1, "Burger", modifier("rare"), modifier("no onion"), modifier("bacon"))] });
  assert.deepEqual(rowsOf(o, null, "").filter((r) => r.kind === "modifier").map((r) => r.text), ["rare", "no onion", "bacon"]);
});

test("a name that shows nothing is a question mark, a note that shows nothing is none", () => {
  for (const blank of ["", "  ", "\u200b\u200d", "\u2800", "\u3164", "\u00a0\u2060\ufeff", "\u00ad", "\ufe0f"]) {
    assert.equal(nameOr(blank), "?", JSON.stringify(blank));
    assert.equal(visible(blank), "");
    const o = order(1, { notes: blank, allergy_note: blank, customer_name: blank, table: { id: "t", label: "7" }, items: [line("a", 2, blank, modifier(blank))] });
    assert.deepEqual(rowsOf(o, null, "").map((r) => [r.kind, r.text]), [["item", "?"], ["modifier", "?"]]);
  }
  assert.equal(nameOr(" 🍕 "), "🍕");
  assert.equal(nameOr("👩‍🍳"), "👩‍🍳");
});

test("only what a cook must act on is a change", () => {
  const full = order(1, {
    table: { id: "t1", label: "7" }, created_by: { id: "u1", name: "Anna" }, customer_name: "Bob", promised_at: "2026-11-28T18:00:00Z",
    notes: "n", allergy_note: "a", items: [line("a", 2, "Soup", modifier("Salt", "add")), line("b", 1, "Fish")],
  });
  const items = full.items;
  const nothing = {
    "a waiter's corrected name": { created_by: { id: "u1", name: "Anna-Maria" } },
    "another waiter": { created_by: null },
    "the id of a table": { table: { id: "t9", label: "7" } },
    "the same moment in another zone": { promised_at: "2026-11-28T20:00:00+02:00" },
    "lines in another order": { items: [items[1], items[0]] },
    "lines written anew": { items: items.map((i) => ({ ...i, id: `${i.id}2`, modifiers: i.modifiers.map((m) => ({ ...m, id: `${m.id}2` })) })) },
    "a field of a later version": { colour: "red" },
    "a space after a note": { notes: "n " },
  };
  for (const [name, more] of Object.entries(nothing)) assert.equal(sameContent(full, { ...full, ...more }), true, name);
  const something = {
    table: { table: { id: "t1", label: "8" } }, "no table": { table: null }, guest: { customer_name: "Rob" }, type: { order_type: "takeaway" },
    due: { promised_at: "2026-11-28T18:05:00Z" }, "not due": { promised_at: null }, rush: { priority: 1 }, notes: { notes: "m" }, allergy: { allergy_note: "b" },
    "line gone": { items: [items[0]] }, "line new": { items: [...items, line("c", 1, "Fish")] }, quantity: { items: [{ ...items[0], quantity: 3 }, items[1]] },
    half: { items: [{ ...items[0], quantity: 2.5 }, items[1]] }, "line's note": { items: [{ ...items[0], notes: "x" }, items[1]] },
    modifier: { items: [{ ...items[0], modifiers: [modifier("Pepper", "add")] }, items[1]] },
    "what a modifier does": { items: [{ ...items[0], modifiers: [modifier("Salt", "remove")] }, items[1]] },
  };
  for (const [name, more] of Object.entries(something)) assert.equal(sameContent(full, { ...full, ...more }), false, name);
  const { write } = kitchen(full);
  assert.deepEqual(news(write(full, nothing["a waiter's corrected name"])), []);
  assert.deepEqual(news(write(full, something.table)), ["changed"]);
});

test("a change says what was and what is", () => {
  const before = order(1, { table: { id: "t", label: "7" }, items: [line("a", 2, "Soup", modifier("Salt", "add")), line("b", 1, "Fish")], notes: "soon" });
  const after = order(1, {
    table: { id: "t2", label: "9" }, order_type: "takeaway", customer_name: "Bob", promised_at: "2026-11-28T18:00:00Z", priority: 2, notes: "now",
    items: [line("a", 6, "Soup", modifier("Salt", "add", 2)), line("b", 1, "Fish fillet")],
  });
  assert.deepEqual(marked(after, before), [
    ["turn", "type", "dine_in", "takeaway", "changed"], ["turn", "table", "7", "9", "changed"], ["turn", "customer", "", "Bob", "added"],
    ["turn", "due", "", "2026-11-28T18:00:00Z", "added"], ["banner", "rush", "", "", "added"],
    ["note", "soon", "", "soon", "removed"], ["note", "now", "", "now", "changed"],
    ["item", "Soup", 2, "Soup", "changed"], ["modifier", "add", 1, "Salt", "changed"],
    ["item", "Fish", "", "Fish", "removed"], ["item", "Fish fillet", "", "Fish fillet", "changed"],
  ]);
  assert.deepEqual(marked(before, after).filter(([kind]) => kind === "turn" || kind === "banner"), [
    ["turn", "type", "takeaway", "dine_in", "changed"], ["turn", "table", "9", "7", "changed"], ["turn", "customer", "Bob", "", "removed"],
    ["turn", "due", "2026-11-28T18:00:00Z", "", "removed"], ["banner", "rush", "", "", "removed"],
  ]);
});

test("food that is added to a ready ticket is to be cooked", () => {
  const ready = order(1, { status: "ready", items: [line("a", 2, "Soup"), line("b", 1, "Fish")] });
  const { tickets, write } = kitchen(ready);
  const ticket = tickets.get("o1");
  assert.deepEqual([ticket.stage, totals(tickets.list())], ["ready", []]);
  const more = { version: 2, items: [line("a", 6, "Soup"), line("b", 1, "Fish"), line("c", 1.5, "Steak")] };
  assert.deepEqual(news(write(ready, more)), ["changed"]);
  assert.equal(ticket.stage, "reopened");
  assert.deepEqual(totals(tickets.list()).map((t) => [t.name, t.quantity]), [["Soup", 4], ["Steak", 1.5]]);
  tickets.touch("o1"); // having looked at it, nobody has cooked it yet
  assert.equal(ticket.stage, "reopened");
  assert.deepEqual(marked(ticket.order, ticket.before).map((m) => m[3]), ["Soup", "Steak"]);
  const now = ticket.order;
  write(now, { status: "preparing" });
  assert.equal(ticket.stage, "preparing");
  assert.deepEqual(totals(tickets.list()).map((t) => [t.name, t.quantity]), [["Soup", 4], ["Steak", 1.5]]);
  write(ticket.order, { status: "ready" });
  assert.deepEqual([ticket.stage, totals(tickets.list()), ticket.before], ["ready", [], null]);
  write(ticket.order, { items: [line("a", 6, "Soup")] }); // less is nothing to cook
  assert.equal(ticket.stage, "ready");
});

test("a dish that is to be made differently is to be cooked again, one that is written anew is not", () => {
  const old = order(1, { items: [line("a", 2, "Soup", modifier("Salt", "add"))] });
  const quantities = (items) => moreToCook(old, order(1, { items })).map((x) => x.quantity);
  assert.deepEqual(quantities([line("a", 2, "Soup", modifier("Salt", "remove"))]), [2]);
  assert.deepEqual(quantities([{ ...old.items[0], notes: "hot" }]), [2]);
  assert.deepEqual(quantities([{ ...old.items[0], id: "z" }]), []);
  assert.deepEqual(quantities([{ ...old.items[0], id: "z", quantity: 3 }]), [1]);
});

test("NEW ends with a touch, with a step on any screen, and by itself; what is recalled is not new", () => {
  const { clock, tickets, write } = kitchen();
  tickets.apply(change({ created: [order(1), order(2), order(3)], returned: [order(4, { recalled: true })] }));
  assert.deepEqual([1, 2, 3, 4].map((n) => tickets.get(`o${n}`).fresh), [true, true, true, false]);
  tickets.touch("o1");
  write(order(2), { status: "preparing" });
  assert.deepEqual([1, 2, 3].map((n) => tickets.get(`o${n}`).fresh), [false, false, true]);
  clock.now = NEW_MS - 1;
  tickets.expire();
  assert.equal(tickets.get("o3").fresh, true);
  clock.now = NEW_MS;
  tickets.expire();
  assert.equal(tickets.get("o3").fresh, false);
});

test("an order whose lines come in transactions of their own is heard once, and says NEW and not CHANGED", () => {
  const { clock, tickets, write } = kitchen();
  const heard = [...news(tickets.apply(change({ created: [order(1)] })))];
  const ticket = tickets.get("o1");
  const next = (more) => heard.push(...news(write(ticket.order, more)));
  next({ items: [line("a", 1, "Soup")] });
  next({ items: [line("a", 2, "Soup", modifier("hot")), line("b", 1, "Fish")], notes: "soon", table: { id: "t", label: "7" } });
  assert.deepEqual(heard, ["new"]);
  assert.deepEqual([ticket.fresh, ticket.seen], [true, null]);
  next({ items: [line("b", 1, "Fish")] }); // what is taken away again may have been begun
  assert.deepEqual(heard, ["new", "changed"]);
  next({ items: [line("b", 1, "Fish"), line("c", 1, "Pie")] });
  assert.deepEqual(heard, ["new", "changed", "changed"]);

  tickets.apply(change({ created: [order(2), order(3)] }));
  tickets.touch("o2"); // somebody has looked: what comes now is a change
  assert.deepEqual(news(write(order(2), { items: [line("a", 1, "Soup")] })), ["changed"]);
  clock.now += ARRIVAL_MS;
  assert.deepEqual(news(write(order(3), { items: [line("a", 1, "Soup")] })), []); // its first lines, however late
  assert.deepEqual(news(write(tickets.get("o3").order, { items: [line("a", 1, "Soup"), line("b", 1, "Fish")] })), ["changed"]);
});

test("ready is heard where another screen did it", () => {
  const { tickets, write } = kitchen(order(1), order(2));
  assert.deepEqual(news(write(order(1), { status: "ready" })), ["ready"]);
  Object.assign(tickets.get("o2"), { asked: "ready", waiting: true });
  assert.deepEqual(news(write(order(2), { status: "ready" })), []);
});

test("a ready ticket is late when nobody fetches it, counted from when it was ready, or promised for", () => {
  const restaurant = { warn_after_s: 300, late_after_s: 600 };
  const minutes = 60_000;
  const { clock, tickets, write } = kitchen(order(0, { created_at: new Date(0).toISOString() }), order(2, { status: "ready", updated_at: new Date(-5 * minutes).toISOString() }));
  const at = (id, now) => urgencyOf(tickets.get(id), restaurant, now);
  assert.equal(at("o0", 20 * minutes), "late");
  clock.now = 20 * minutes;
  write(tickets.get("o0").order, { status: "ready" });
  assert.deepEqual([24, 25, 30].map((m) => at("o0", m * minutes)), ["ok", "slow", "late"]);
  assert.deepEqual([-1, 0, 5].map((m) => at("o2", m * minutes)), ["ok", "slow", "late"]);
  write(tickets.get("o0").order, { promised_at: new Date(40 * minutes).toISOString() });
  assert.deepEqual([30, 45, 50].map((m) => at("o0", m * minutes)), ["ok", "slow", "late"]);
  clock.now = 60 * minutes;
  write(tickets.get("o0").order, { items: [line("a", 1, "Soup")] });
  assert.deepEqual([60, 65].map((m) => at("o0", m * minutes)), ["ok", "slow"]); // as old as what was added
});

/** Alarms over tickets of a test, with what is drawn on this page. */
function alarms(...first) {
  const k = kitchen(...first);
  const played = [];
  const scene = {
    tickets: k.tickets, wall: { here: () => k.here.map((id) => ({ id })) }, settings: { values: { insist: false } }, sound: { play: (c) => played.push(c) },
    client: { state: { name: "live" }, restaurant: { warn_after_s: 300, late_after_s: 600 }, serverNow: () => k.clock.now, hadQueue: true }, now: () => k.clock.now,
  };
  return Object.assign(k, { here: first.map((o) => o.id), scene, alarms: new Alarms(scene), played });
}

test("what is on another page has a sound besides its own", () => {
  const k = alarms(order(1));
  const look = (heard) => {
    k.played.length = 0;
    k.alarms.hear(heard);
    k.alarms.look();
    return [...k.played];
  };
  const write = (n) => k.tickets.apply(change({ created: [order(n)] }));
  k.here.push("o2");
  assert.deepEqual(look(write(2)), ["new"]);
  assert.deepEqual(look([...write(3), ...write(4)]), ["new", "elsewhere"]);
  k.clock.now = 600_000 + 1000;
  assert.deepEqual(look([]), ["late"]); // the first one, which is here
  k.clock.now += 2000;
  assert.deepEqual(look([]), ["late", "elsewhere"]);
  assert.deepEqual(look([{ news: "ready", id: "o4" }]), ["ready"]); // nothing to look for
});

test("what nobody has touched or started rings again, where the settings say so", () => {
  const k = alarms(order(1), order(2));
  const after = (ms) => {
    k.played.length = 0;
    k.clock.now += ms;
    k.alarms.look();
    return k.played.filter((c) => c === "again").length;
  };
  k.alarms.look();
  assert.equal(after(AGAIN_MS * 2), 0); // off, unless it is asked for
  k.scene.settings.values.insist = true;
  assert.equal(after(0), 1);
  assert.equal(after(AGAIN_MS - 1), 0);
  assert.equal(after(1), 1);
  k.tickets.touch("o1");
  assert.equal(after(AGAIN_MS), 1); // the other one
  k.write(order(2), { status: "preparing" });
  assert.equal(after(AGAIN_MS), 0);
  k.alarms.hear(k.tickets.apply(change({ created: [order(3)] })));
  assert.equal(after(AGAIN_MS), 0); // it has just rung
  assert.equal(after(AGAIN_MS), 1);
});

test("NOT LIVE is heard once it lasts, and again where the settings say so", () => {
  const k = alarms(order(1));
  const after = (ms, state) => {
    k.played.length = 0;
    k.clock.now += ms;
    k.scene.client.state.name = state;
    k.alarms.look();
    return k.played.filter((c) => c === "notlive").length;
  };
  assert.deepEqual([after(0, "offline"), after(NOT_LIVE_MS - 1, "offline"), after(0, "live"), after(1, "offline")], [0, 0, 0, 0]); // a short one
  assert.deepEqual([after(NOT_LIVE_MS, "stale"), after(STILL_NOT_LIVE_MS * 3, "stale")], [1, 0]);
  k.scene.settings.values.insist = true;
  assert.deepEqual([after(0, "stale"), after(STILL_NOT_LIVE_MS - 1, "stale"), after(1, "offline")], [1, 0, 1]);
  assert.deepEqual([after(1, "live"), after(1, "offline"), after(NOT_LIVE_MS, "offline")], [0, 0, 1]);
  k.scene.client.hadQueue = false; // nothing was ever live: the page says so, and nobody relies on it yet
  assert.equal(after(STILL_NOT_LIVE_MS, "offline"), 0);
});

/** Bumps over tickets of a test, with a server that takes everything. */
function bumps(k) {
  const said = [];
  let version = 10;
  const client = {
    state: { name: "live" }, order: (id) => k.tickets.get(id)?.order,
    updateStatus: async (id, status) => {
      const t = k.tickets.get(id);
      if (t) k.write(t.order, { status, version: ++version });
      return { version };
    },
  };
  return { said, bumps: new Bumps(client, k.tickets, { problem: (code) => said.push(code) }, () => {}), client };
}

test("a ticket that was cleared away by mistake comes back with UNDO, also while nothing is live", async () => {
  const k = kitchen(order(1), order(2));
  const b = bumps(k);
  k.tickets.apply(change({ gone: [{ order: order(1, { status: "cancelled" }), status: "cancelled" }] }));
  b.bumps.bump("o2", "pending");
  await b.bumps.last().done;
  b.bumps.bump("o1", "pending");
  assert.equal(k.tickets.get("o1"), undefined);
  b.client.state.name = "offline";
  assert.equal(await b.bumps.undo(), true);
  assert.equal(k.tickets.get("o1").gone, "cancelled");
  assert.deepEqual(b.said, []);
  assert.equal(b.bumps.last().id, "o2");
  b.bumps.bump("o1", "pending");
  k.tickets.apply(change({ returned: [order(1, { recalled: true })] })); // meanwhile the till took it back
  await b.bumps.undo();
  assert.equal(k.tickets.get("o1").gone, "");
});

test("the next step of a ready ticket with more to cook is START, on every screen, and UNDO takes that back", async () => {
  const ready = order(1, { status: "ready", items: [line("a", 1, "Soup")] });
  const k = kitchen(ready);
  const b = bumps(k);
  const ticket = k.tickets.get("o1");
  k.write(ready, { items: [line("a", 1, "Soup"), line("b", 1, "Fish")] });
  b.bumps.bump("o1", "ready"); // DONE, pressed when the food had just been added
  assert.deepEqual([ticket.status, b.said], ["ready", ["changed"]]);
  b.bumps.bump("o1", "reopened");
  await ticket.answer;
  assert.deepEqual([ticket.order.status, ticket.stage], ["preparing", "preparing"]);
  await b.bumps.undo();
  assert.deepEqual([ticket.order.status, ticket.stage], ["ready", "reopened"]);
});
