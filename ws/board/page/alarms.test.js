import assert from "node:assert/strict";
import { test } from "node:test";
import { AGAIN_MS, Alarms, NOT_LIVE_MS, STILL_NOT_LIVE_MS } from "./alarms.js";
import { change, kitchen, order } from "../testdata/tickets.mjs";

/** Alarms over tickets of a test, with what is drawn on this page. */
function alarms(...first) {
  const k = kitchen(...first);
  const played = [];
  const scene = {
    tickets: k.tickets, wall: { here: () => k.here.map((id) => ({ id })) }, settings: { values: { insist: false, readySound: true } }, sound: { play: (c) => played.push(c) },
    client: { state: { name: "live" }, restaurant: { warn_after_s: 300, late_after_s: 600 }, serverNow: () => k.clock.now, hadQueue: true }, now: () => k.clock.now,
  };
  return Object.assign(k, { here: first.map((o) => o.id), scene, alarms: new Alarms(scene), played });
}

test("what is on another page has a sound besides its own", () => {
  const k = alarms(order(1));
  const look = (rings) => {
    k.played.length = 0;
    k.alarms.add(rings);
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
  assert.deepEqual(look([{ chime: "ready", id: "o4" }]), ["ready"]); // nothing to look for
  k.scene.settings.values.readySound = false;
  assert.deepEqual(look([{ chime: "ready", id: "o4" }]), []);
});

test("each message rings for itself, and once for all its orders", () => {
  const k = alarms(order(1), order(2), order(3));
  const gone = (...all) => k.tickets.apply(change({ gone: all.map((n) => ({ order: order(n, { status: "cancelled" }), status: "cancelled" })) }));
  k.alarms.add(gone(1));
  k.alarms.add(gone(2, 3)); // before the first was drawn
  k.alarms.look();
  assert.deepEqual(k.played, ["void", "void"]);
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
  k.alarms.add(k.tickets.apply(change({ created: [order(3)] })));
  assert.equal(after(AGAIN_MS), 0); // it has just rung
  assert.equal(after(AGAIN_MS), 1);
});

test("an order that is due later neither rings again nor is late, and is new when work at it begins", () => {
  const [hour, lead] = [3_600_000, 1_200_000];
  const k = alarms(order(1, { promised_at: new Date(hour).toISOString(), created_at: new Date(0).toISOString() }));
  k.scene.settings.values.insist = true;
  const at = (ms) => {
    k.played.length = 0;
    k.clock.now = ms;
    k.alarms.add(k.tickets.begin(lead));
    k.alarms.look();
    return [...k.played];
  };
  assert.deepEqual([at(0), at(AGAIN_MS), at(hour - lead - 1)], [[], [], []]);
  k.tickets.touch("o1"); // somebody has read it in the strip
  assert.equal(k.tickets.get("o1").beginsAt, hour - lead);
  assert.deepEqual(at(hour - lead), ["new"]);
  assert.equal(k.tickets.get("o1").fresh, true);
  assert.deepEqual(at(hour - lead + AGAIN_MS), ["again"]);
  assert.deepEqual([at(hour - lead), k.tickets.get("o1").beginsAt], [[], 0]); // not a second time
});

test("what brings a scheduled order forward is no hour that strikes", () => {
  for (const [more, lead] of [[{ status: "preparing" }, 600_000], [{ priority: 1 }, 600_000], [{}, 3_600_000]]) {
    const k = alarms(order(1, { promised_at: new Date(3_000_000).toISOString() }));
    assert.deepEqual(k.tickets.begin(600_000), []);
    assert.notEqual(k.tickets.get("o1").beginsAt, 0);
    k.write(k.tickets.get("o1").order, more);
    assert.deepEqual(k.tickets.begin(lead), []); // begun, in a rush, or another setting
    assert.equal(k.tickets.get("o1").beginsAt, 0);
  }
});

test("NOT LIVE sounds once it lasts, and again where the settings say so", () => {
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
