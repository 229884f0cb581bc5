import assert from "node:assert/strict";
import { test } from "node:test";
import { Bumps } from "./bumps.js";
import { urgencyOf } from "./lateness.js";
import { ARRIVAL_MS, ASIDE_MS, NEW_MS } from "./tickets.js";
import { change, chimes, kitchen, line, modifier, order } from "../testdata/tickets.mjs";

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

test("an order whose lines come in transactions of their own sounds once, and says NEW and not CHANGED", () => {
  const { clock, tickets, write } = kitchen();
  const sounds = [...chimes(tickets.apply(change({ created: [order(1)] })))];
  const ticket = tickets.get("o1");
  const next = (more) => sounds.push(...chimes(write(ticket.order, more)));
  next({ items: [line("a", 1, "Soup")] });
  next({ items: [line("a", 2, "Soup", modifier("hot")), line("b", 1, "Fish")], notes: "soon", table: { id: "t", label: "7" } });
  assert.deepEqual(sounds, ["new"]);
  assert.deepEqual([ticket.fresh, ticket.seen], [true, null]);
  next({ items: [line("b", 1, "Fish")] }); // what is taken away again may have been begun
  assert.deepEqual(sounds, ["new", "changed"]);
  next({ items: [line("b", 1, "Fish"), line("c", 1, "Pie")] });
  assert.deepEqual(sounds, ["new", "changed", "changed"]);

  tickets.apply(change({ created: [order(2), order(3)] }));
  tickets.touch("o2"); // somebody has looked: what comes now is a change
  assert.deepEqual(chimes(write(order(2), { items: [line("a", 1, "Soup")] })), ["changed"]);
  clock.now += ARRIVAL_MS;
  assert.deepEqual(chimes(write(order(3), { items: [line("a", 1, "Soup")] })), []); // its first lines, however late
  assert.deepEqual(chimes(write(tickets.get("o3").order, { items: [line("a", 1, "Soup"), line("b", 1, "Fish")] })), ["changed"]);
});

test("ready sounds where another screen did it", () => {
  const { tickets, write } = kitchen(order(1), order(2));
  assert.deepEqual(chimes(write(order(1), { status: "ready" })), ["ready"]);
  Object.assign(tickets.get("o2"), { asked: "ready", waiting: true });
  assert.deepEqual(chimes(write(order(2), { status: "ready" })), []);
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
  await b.bumps.moves.last().done;
  b.bumps.bump("o1", "pending");
  assert.equal(k.tickets.get("o1"), undefined);
  b.client.state.name = "offline";
  assert.equal(await b.bumps.undo(), true);
  assert.equal(k.tickets.get("o1").gone, "cancelled");
  assert.deepEqual(b.said, []);
  assert.equal(b.bumps.moves.last().id, "o2");
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

test("a struck out ticket that was touched steps aside, and UNDO takes back first what was done since the touch", async () => {
  const k = kitchen(order(1), order(2), order(3));
  const b = bumps(k);
  const look = () => b.bumps.moves.steppedAside(k.tickets.expire());
  for (const n of [1, 2]) k.tickets.apply(change({ gone: [{ order: order(n, { status: "cancelled" }), status: "cancelled" }] }));
  k.tickets.touch("o1");
  k.clock.now = 30_000;
  k.tickets.touch("o1"); // a second look does not keep it
  b.bumps.bump("o3", "pending");
  await b.bumps.moves.last().done;
  k.clock.now = ASIDE_MS - 1;
  look();
  assert.ok(k.tickets.get("o1"));
  k.clock.now = ASIDE_MS;
  look();
  assert.equal(k.tickets.get("o1"), undefined);
  assert.ok(k.tickets.get("o2")); // nobody touched it
  await b.bumps.undo();
  assert.equal(k.tickets.get("o3").status, "pending");
  await b.bumps.undo();
  assert.equal(k.tickets.get("o1").gone, "cancelled");
  k.clock.now += ASIDE_MS;
  look();
  assert.ok(k.tickets.get("o1"));
});
