import assert from "node:assert/strict";
import { test } from "node:test";
import { EVERYTHING, lineOf, partOf, shows, viewOf, withoutScreen } from "./stations.js";

const kitchen = [{ id: "g", name: "Grill", kind: "prep" }, { id: "b", name: "Bar", kind: "prep" }, { id: "p", name: "Pass", kind: "expo" }];
const grill = viewOf(["g"], kitchen);
const pass = viewOf(["p"], kitchen);
const screens = (counts, all = 0) => ({ stations: new Map(Object.entries(counts)), all });
const manned = screens({ g: 1, b: 1, p: 1 });
const at = (text) => text.split(" ").filter(Boolean).map((x) => {
  const [id, status = "pending"] = x.split(":");
  return { id: id === "-" ? null : id, status };
});
/** A line: "g:ready b" is ready at the grill and pending at the bar, "-" has no station, "" needs no cooking. */
const item = (id, stations, more = {}) => ({ id, menu_item: { id, name: id }, quantity: 1, notes: "", modifiers: [], course: null, held: false, stations: at(stations), ...more });
const order = (status, ...items) => ({ id: "o", status, items });
const ids = (items) => items.map((i) => i.id).join(" ");

test("a view forgets stations that there are not, and shows everything rather than nothing", () => {
  assert.deepEqual(grill, { stations: ["g"], pass: false });
  assert.deepEqual(viewOf(["p", "b"], kitchen), { stations: ["b", "p"], pass: true });
  assert.deepEqual([viewOf(["x"], kitchen), viewOf([], kitchen), viewOf(null, kitchen)], [EVERYTHING, EVERYTHING, EVERYTHING]);
});

test("a line is a station's own where it is cooked there; what has no station is everybody's", () => {
  const line = (stations, view) => lineOf(item("x", stations), view, manned, kitchen);
  assert.deepEqual(line("g:preparing b", grill), { own: true, noStation: false, noScreen: [], status: "preparing", at: at("g:preparing") });
  assert.equal(line("b", grill).own, false);
  assert.deepEqual(line("-:preparing", grill), { own: true, noStation: true, noScreen: [], status: "preparing", at: at("-:preparing") });
  assert.equal(line("gone", grill).noStation, true); // deleted, and the order not read again yet
  assert.deepEqual(["", "b", "-"].map((s) => line(s, pass).own), [true, true, true]);
  assert.deepEqual([line("", grill).own, line("", EVERYTHING).own, line("", EVERYTHING).status], [false, true, "ready"]);
  assert.equal(line("g:ready b:preparing", pass).status, "preparing");
  assert.equal(line("g:preparing b", EVERYTHING).status, "pending");
});

test("where no screen shows a station every other one does, and says so; a pass cooks nothing", () => {
  const none = screens({ g: 1, p: 1 });
  assert.deepEqual(lineOf(item("x", "b"), grill, none, kitchen), { own: true, noStation: false, noScreen: ["Bar"], status: "pending", at: at("b") });
  assert.deepEqual(lineOf(item("x", "b"), pass, none, kitchen).noScreen, ["Bar"]);
  for (const known of [manned, screens({ g: 1 }, 1), null]) assert.equal(lineOf(item("x", "b"), grill, known, kitchen).own, false);
  assert.deepEqual(lineOf(item("x", "b"), viewOf(["b"], kitchen), none, kitchen).noScreen, []); // this screen is not counted yet
  assert.deepEqual(withoutScreen(grill, none, kitchen).map((s) => s.name), ["Bar"]);
  assert.deepEqual(withoutScreen(EVERYTHING, screens({}), kitchen), []);
});

test("the one button of a station is about its own lines that are not held", () => {
  const part = (...items) => partOf(order("preparing", ...items), grill, manned, kitchen);
  const step = (...items) => (({ status, next, moves }) => [status, next, moves])(part(...items));
  const moves = (...lines) => [{ station: "g", lines }];
  assert.deepEqual(step(item("1", "g"), item("2", "g"), item("3", "b")), ["pending", "preparing", moves("1", "2")]);
  assert.deepEqual(step(item("1", "g:preparing"), item("2", "g"), item("3", "g:ready")), ["preparing", "ready", moves("1", "2")]);
  assert.deepEqual(step(item("1", "g:ready"), item("2", "g")), ["pending", "preparing", moves("2")]); // added to what was ready
  assert.deepEqual(step(item("1", "g:ready"), item("2", "g", { held: true })), ["ready", null, []]);
  const { own, others, waiting } = part(item("1", "g"), item("2", "g", { held: true }), item("3", "b:preparing g:ready"), item("4", "b"), item("5", ""), item("6", "-"));
  assert.deepEqual([ids(own), ids(others)], ["1 2 3 6", "4 5"]);
  assert.deepEqual(waiting, [{ station: "g", name: "Grill", lines: 1 }, { station: "b", name: "Bar", lines: 2 }, { station: null, name: "", lines: 1 }]);
});

test("everything moves all its lines and then the order; a kitchen without stations moves the order", () => {
  const step = (stations, status, ...items) => (({ next, moves }) => [next, moves])(partOf(order(status, ...items), EVERYTHING, screens({}, 1), stations));
  assert.deepEqual(step(kitchen, "pending", item("1", "g b"), item("2", "-")), ["preparing", [{ station: "g", lines: ["1"] }, { station: "b", lines: ["1"] }, { station: null, lines: ["2"] }]]);
  assert.deepEqual(step(kitchen, "preparing", item("1", "g:ready b:preparing")), ["ready", [{ station: "b", lines: ["1"] }]]);
  assert.deepEqual(step(kitchen, "preparing", item("1", "g:ready")), ["ready", []]); // where the pass says when
  assert.deepEqual(step(kitchen, "ready", item("1", "g:ready")), ["completed", []]);
  assert.deepEqual(["pending", "preparing", "ready"].map((s) => step([], s, item("1", ""))[0]), ["preparing", "ready", "completed"]);
});

test("the pass serves what is ready, and cooks only what nobody else shows", () => {
  const step = (known, status, ...items) => (({ next, moves }) => [next, moves])(partOf(order(status, ...items), pass, known, kitchen));
  assert.deepEqual(step(manned, "preparing", item("1", "g:ready"), item("2", "b")), [null, []]);
  assert.deepEqual(step(manned, "preparing", item("1", "g:ready"), item("2", "b:ready")), ["ready", []]);
  assert.deepEqual(step(manned, "ready", item("1", "g:ready")), ["completed", []]);
  assert.deepEqual(step(manned, "pending", item("1", "")), ["completed", []]);
  assert.deepEqual(step(screens({ g: 1, p: 1 }), "preparing", item("1", "g"), item("2", "b:preparing")), ["ready", [{ station: "b", lines: ["2"] }]]);
  const both = partOf(order("preparing", item("1", "g"), item("2", "b")), viewOf(["p", "b"], kitchen), manned, kitchen);
  assert.deepEqual([both.next, both.moves], ["preparing", [{ station: "b", lines: ["2"] }]]);
});

test("a station's screen shows what is to be cooked there, and the pass everything", () => {
  const shown = (view, known, ...items) => shows(order("preparing", ...items), view, known, kitchen);
  assert.equal(shown(grill, manned, item("1", "g:preparing"), item("2", "b")), true);
  assert.deepEqual(["g:ready", "b", ""].map((s) => shown(grill, manned, item("1", s))), [false, false, false]);
  assert.equal(shown(grill, manned, item("1", "g", { held: true })), false);
  assert.equal(shown(grill, manned), false);
  assert.deepEqual([[], [item("1", "")], [item("1", "g:ready")]].map((items) => [pass, EVERYTHING].map((v) => shown(v, manned, ...items))), [[true, true], [true, true], [true, true]]);
  const alone = screens({ g: 1, b: 1 }); // neither a pass nor a screen of everything
  assert.deepEqual([shown(grill, alone), shown(grill, alone, item("1", "")), shown(grill, alone, item("1", "g", { held: true }))], [true, true, true]);
  const ready = [item("1", "g:ready"), item("2", "b:ready"), item("3", "")]; // who cooked it serves it
  assert.deepEqual([shown(grill, alone, ...ready), shown(viewOf(["b"], kitchen), alone, ...ready), shown(grill, manned, ...ready)], [true, true, false]);
  assert.deepEqual([shown(grill, alone, item("1", "g:ready"), item("2", "b")), shown(grill, alone, item("2", "b:ready"))], [false, false]);
});

test("no live line is ever on no screen, whatever routes, stations and screens there are", () => {
  let seed = 7;
  const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
  const some = (list) => list.filter(() => random(3) === 0);
  for (let round = 0; round < 4000; round++) {
    const stations = Array.from({ length: random(5) }, (_, i) => ({ id: `s${i}`, name: `S${i}`, kind: random(4) ? "prep" : "expo" }));
    const prep = stations.filter((s) => s.kind === "prep").map((s) => s.id);
    const status = () => ["pending", "preparing", "ready"][random(3)];
    const items = Array.from({ length: random(4) }, (_, i) => {
      const routed = random(4) ? some(prep) : [null, "deleted"].slice(random(2));
      return { ...item(`l${i}`, "", { held: random(5) === 0 }), stations: stations.length ? routed.map((id) => ({ id, status: status() })) : [] };
    });
    const o = order(["pending", "preparing"][random(2)], ...items);
    const wanted = Array.from({ length: 1 + random(3) }, () => (random(3) ? some([...stations.map((s) => s.id), "deleted"]) : null));
    const views = wanted.map((w) => viewOf(w, stations));
    const count = { stations: new Map(), all: views.filter((v) => v.stations === null).length };
    for (const id of views.flatMap((v) => v.stations ?? [])) count.stations.set(id, (count.stations.get(id) ?? 0) + 1);
    const showing = views.filter((v) => shows(o, v, count, stations));
    for (const i of items.filter((x) => x.stations.some((a) => a.status !== "ready"))) {
      const state = JSON.stringify({ o, views, count: [...count.stations], all: count.all });
      assert.ok(showing.some((v) => partOf(o, v, count, stations).own.includes(i)), `nobody sees line ${i.id}: ${state}`);
      if (i.held) continue;
      for (const a of i.stations.filter((x) => x.status !== "ready")) { // and at each of its stations somebody is asked for it
        assert.ok(showing.some((v) => partOf(o, v, count, stations).moves.some((m) => m.station === a.id && m.lines.includes(i.id))), `no button is about line ${i.id} at ${a.id}: ${state}`);
      }
    }
    assert.ok(showing.length > 0, `nobody sees the order: ${JSON.stringify({ o, views })}`);
  }
});
