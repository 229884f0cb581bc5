import assert from "node:assert/strict";
import { test } from "node:test";
import { Bumps } from "./bumps.js";
import { rowsOfTicket } from "./line_rows.js";
import { courseToFire } from "./courses.js";
import { viewOf } from "./stations.js";
import { change, chimes, kitchen, line, order } from "../testdata/tickets.mjs";

const STATIONS = [{ id: "grill", name: "Grill", kind: "prep" }, { id: "bar", name: "Bar", kind: "prep" }, { id: "pass", name: "Pass", kind: "expo" }];
const everywhere = { stations: new Map([["grill", 1], ["bar", 1], ["pass", 1]]), all: 0 };
const dish = (id, name, station, status = "pending", more = {}) =>
  ({ ...line(id, 1, name), course: null, held: false, stations: [{ id: station, status }], ...more });
const dinner = (more = {}) => order(1, { items: [dish("a", "Burger", "grill"), dish("b", "Steak", "grill"), dish("c", "Spritz", "bar")], ...more });

/** Tickets as a screen of these stations sees them. */
function screen(shown, ...first) {
  const k = kitchen();
  k.clock.now = 1000;
  k.tickets.look(STATIONS, viewOf(shown, STATIONS), everywhere);
  k.tickets.apply(change({ first: true, snapshot: true, created: first }));
  return k;
}

/** Bumps over them, with a server that does what `answer` says. */
function bumps(k, answer = async () => ({ version: 2 })) {
  const asked = [];
  const said = [];
  const client = {
    state: { name: "live" }, order: (id) => k.tickets.get(id)?.order,
    updateLines: (id, status, station, which) => (asked.push([status, station, which.lines.join(), which.from, ...(which.reason ? [which.reason] : [])]), answer()),
    updateStatus: (id, status, version, how) => (asked.push([status, ...(how ? [how] : [])]), answer()),
    fire: (id, course) => (asked.push(["fire", course]), answer()),
  };
  return { asked, said, bumps: new Bumps(client, k.tickets, { problem: (code) => said.push(code) }, () => {}) };
}

test("the button of a station asks for its own lines, from where the cook saw them, and nothing twice", async () => {
  const k = screen(["grill"], dinner());
  const b = bumps(k);
  const ticket = k.tickets.get("o1");
  b.bumps.bump("o1", "pending", true, "ready"); // no button says that yet
  assert.deepEqual(b.asked, []);
  b.bumps.bump("o1", "pending", true, "preparing");
  b.bumps.bump("o1", "pending", true, "preparing"); // a second press of START is none of READY
  assert.deepEqual(b.asked, [["preparing", "grill", "a,b", "pending"]]);
  assert.equal(ticket.stage, "preparing");
  await ticket.lineAnswer;
  assert.equal(ticket.stage, "preparing"); // until the event comes
  b.bumps.lines.tick("o1", "a", "preparing");
  await ticket.lineAnswer;
  b.bumps.bump("o1", "preparing", true, "ready");
  assert.deepEqual(b.asked.slice(1), [["ready", "grill", "a", "preparing"], ["ready", "grill", "b", "preparing"]]);
  assert.equal(ticket.finished, true);
  assert.equal(ticket.isHere, true);
});

test("lines with different statuses are asked for apart, and an undo puts each where it was", async () => {
  const k = screen(["grill", "bar"], dinner({ status: "preparing", items: [dish("a", "Burger", "grill", "preparing"), dish("b", "Steak", "grill"), dish("c", "Spritz", "bar")] }));
  const b = bumps(k);
  b.bumps.bump("o1", "preparing", false, "ready");
  assert.deepEqual(b.asked, [["ready", "grill", "a", "preparing"], ["ready", "grill", "b", "pending"], ["ready", "bar", "c", "pending"]]);
  await k.tickets.get("o1").lineAnswer;
  b.asked.length = 0;
  await b.bumps.undo();
  assert.deepEqual(b.asked, [["preparing", "grill", "a", "ready"], ["pending", "grill", "b", "ready"], ["pending", "bar", "c", "ready"]]);
});

test("what the server refuses is taken back, said on the ticket, and cannot be undone; what followed falls with it", async () => {
  const k = screen(["grill"], dinner());
  const b = bumps(k, async () => { throw Object.assign(new Error(), { code: "conflict" }); });
  const ticket = k.tickets.get("o1");
  b.bumps.bump("o1", "pending", false, "preparing");
  b.bumps.bump("o1", "preparing", false, "ready");
  assert.equal(ticket.finished, true);
  await ticket.lineAnswer;
  assert.deepEqual([ticket.stage, ticket.finished, ticket.says.code, b.said, b.asked.length], ["pending", false, "conflict", ["lines_moved"], 1]);
  assert.equal(await b.bumps.undo(), false);
});

test("an event that is older than the answer does not take a step back", async () => {
  const k = screen(["grill"], dinner());
  const b = bumps(k, async () => ({ version: 5 }));
  const ticket = k.tickets.get("o1");
  b.bumps.lines.tick("o1", "a", "pending");
  await ticket.lineAnswer;
  k.write(ticket.order, { version: 4 });
  assert.equal(ticket.shown.items[0].stations[0].status, "ready");
  k.write(ticket.order, { version: 5 }); // where the server says, whatever was asked
  assert.equal(ticket.shown.items[0].stations[0].status, "pending");
});

test("the pass asks for the whole order, twice where others cook or a course is held, and never by the same press", async () => {
  const k = screen(["pass"], dinner());
  const waiting = [{ station: "grill", name: "Grill", lines: 2 }];
  let refusal = { code: "not_ready", waiting };
  const b = bumps(k, async () => { if (refusal) throw Object.assign(new Error(), refusal); return { version: 2 }; });
  const ticket = k.tickets.get("o1");
  assert.equal(ticket.next, "waits");
  b.bumps.bump("o1", "pending", false, "waits");
  assert.equal(ticket.finished, false); // not shown before the server has said so
  await ticket.answer;
  assert.deepEqual([ticket.blocked.to, ticket.blocked.waiting, ticket.finished, b.said], ["completed", waiting, false, []]);
  refusal = null;
  b.bumps.force("o1", "ready"); // nobody offered that
  b.bumps.force("o1", "completed");
  assert.deepEqual(b.asked, [["completed"], ["completed", { force: true }]]);
  assert.equal(ticket.finished, true);

  const held = screen(["pass"], dinner({ status: "ready", items: [dish("a", "Soup", "grill", "ready", { course: 1 }), dish("b", "Steak", "grill", "pending", { course: 2, held: true })] }));
  const h = bumps(held);
  assert.equal(courseToFire(held.tickets.get("o1")), 2);
  h.bumps.bump("o1", "ready", false, "completed");
  assert.deepEqual([h.asked, held.tickets.get("o1").blocked.to], [[], "completed"]);
});

test("a line that is sent back says why, to everybody who made it", () => {
  const both = { ...dish("a", "Surf and turf", "grill", "ready"), stations: [{ id: "grill", status: "ready" }, { id: "bar", status: "ready" }] };
  const b = bumps(screen(["pass"], dinner({ status: "ready", items: [both, dish("b", "Steak", "grill", "ready")] })));
  b.bumps.lines.again("o1", "a", "cold");
  assert.deepEqual(b.asked, [["pending", "grill", "a", "ready", "cold"], ["pending", "bar", "a", "ready", "cold"]]);
});

test("a station's screen sounds for what comes to it, and not for what others do", () => {
  const k = screen(["grill"], dinner());
  const now = () => k.tickets.get("o1").order;
  const with_ = (...items) => chimes(k.write(now(), { items }));
  const [a, b, c] = now().items;
  assert.deepEqual(with_(a, b, { ...c, quantity: 3 }), []); // the bar's
  assert.equal(k.tickets.get("o1").seen, null);
  assert.deepEqual(with_(a, c), ["changed"]); // the steak was cancelled
  k.tickets.touch("o1");
  const done = { ...a, stations: [{ id: "grill", status: "ready" }] };
  assert.deepEqual(with_(done, c), []);
  assert.equal(k.tickets.get("o1").isHere, false);
  assert.deepEqual(with_({ ...a, stations: [{ id: "grill", status: "pending", reason: "cold" }] }, c), ["changed"]); // the pass sends it back
  assert.equal(k.tickets.get("o1").fresh, false);
  with_(done, c);
  assert.deepEqual(with_(done, { ...c, stations: [{ id: "grill", status: "pending" }] }), ["new"]); // the bar is closed
  assert.equal(k.tickets.get("o1").fresh, true);
  with_(done, dish("d", "Cake", "grill", "pending", { held: true, course: 2 }));
  k.tickets.touch("o1");
  assert.equal(k.tickets.get("o1").isHere, false);
  assert.deepEqual(with_(done, dish("d", "Cake", "grill", "pending", { course: 2 })), ["new"]);
  assert.deepEqual([...k.tickets.get("o1").fired.keys()], ["d"]);
});

test("what comes back while its UNDO is still offered sounds", async () => {
  const k = screen(["bar"], dinner());
  const b = bumps(k);
  const ticket = k.tickets.get("o1");
  const [steak, burger, spritz] = ticket.order.items;
  b.bumps.lines.tick("o1", "c", "pending");
  await ticket.lineAnswer;
  k.write(ticket.order, { version: 2, items: [steak, burger, { ...spritz, stations: [{ id: "bar", status: "ready" }] }] });
  assert.equal(ticket.finished, true);
  assert.deepEqual(chimes(k.write(ticket.order, { items: [steak, burger, { ...spritz, stations: [{ id: "bar", status: "pending", reason: "wrong" }] }] })), ["changed"]);
  assert.deepEqual([ticket.finished, ticket.isHere], [false, true]);
});

test("an order that is cancelled is struck out where somebody still cooks for it", () => {
  const items = [dish("a", "Burger", "grill", "ready"), dish("c", "Spritz", "bar")];
  for (const [shown, here] of [["grill", false], ["bar", true], ["pass", true]]) {
    const k = screen([shown], dinner({ items }));
    const rings = k.tickets.apply(change({ gone: [{ order: dinner({ items, status: "cancelled" }), status: "cancelled" }] }));
    assert.deepEqual([k.tickets.list().length, chimes(rings)], here ? [1, ["void"]] : [0, []], shown);
  }
});

test("lines of a station whose last screen was closed come here as new, and leave with it", () => {
  const k = screen(["grill"], dinner(), order(2, { items: [dish("x", "Beer", "bar")] }));
  assert.deepEqual(k.tickets.list().map((t) => t.id), ["o1"]);
  const view = viewOf(["grill"], STATIONS);
  const rings = k.tickets.look(STATIONS, view, { stations: new Map([["grill", 1], ["pass", 1]]), all: 0 });
  assert.deepEqual(rings, [{ chime: "new", id: "o1" }, { chime: "new", id: "o2" }]);
  assert.deepEqual([[...k.tickets.get("o1").arrived], k.tickets.get("o2").fresh], [["c"], true]);
  assert.deepEqual(k.tickets.look(STATIONS, view, everywhere), []);
  assert.deepEqual(k.tickets.list().map((t) => t.id), ["o1"]);
});

test("held lines are in their course, and the lines of other stations are small below", () => {
  const items = [dish("b", "Steak", "grill", "pending", { course: 2, held: true }), dish("a", "Soup", "grill", "preparing", { course: 1 }), dish("c", "Spritz", "bar", "preparing"), dish("w", "Water", "")];
  items[3].stations = [];
  const rows = rowsOfTicket(screen(["grill"], dinner({ status: "preparing", items })).tickets.get("o1"));
  assert.deepEqual(rows.map((r) => [r.kind, r.kind === "course" ? r.quantity : r.text]), [
    ["course", 1], ["item", "Soup"], ["course", 2], ["item", "Steak"], ["others", "1× Spritz"], ["others", "1× Water"],
  ]);
  assert.deepEqual(rows.map((r) => r.line?.held ?? null), [false, false, true, true, null, null]);
  assert.deepEqual(rows[4].others, { name: "Bar", counts: [{ status: "preparing", n: 1 }], held: 0 });
  assert.equal(rows[3].line.ticks, false);
});

test("a kitchen without stations has none of all this", () => {
  const k = kitchen(order(1, { items: [line("a", 1, "Soup")] }));
  const ticket = k.tickets.get("o1");
  assert.deepEqual([ticket.part, ticket.isHere, ticket.stage, courseToFire(ticket)], [null, true, "pending", null]);
  assert.deepEqual(rowsOfTicket(ticket).map((r) => r.line), [null]);
});
