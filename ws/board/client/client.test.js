import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import ws from "../testdata/ws.cjs";
import { KitchenClient, STALE_MS, DEAD_MS } from "./index.js";
import {
  asked, beating, client, clock, connected, give, heartbeat, jwt, last, log, order, queue, restaurant, flush, setUp, sockets, START, states,
} from "../testdata/client_fakes.mjs";

beforeEach(setUp);
afterEach(() => client.stop());

const changes = () => log.filter(([name]) => name === "change").map(([, c]) => ({
  first: c.first, snapshot: c.snapshot,
  created: c.created.map((o) => o.order_number), returned: c.returned.map((o) => o.order_number),
  changed: c.changed.map((x) => x.order.order_number), gone: c.gone.map((g) => [g.order.order_number, g.status]),
}));
test("it connects with the token as subprotocol and is live with the first queue", async () => {
  const s = await connected(order(2), order(1));
  assert.equal(s.url, "ws://kitchen.test/ws/kitchen/r/");
  assert.deepEqual(s.protocols, ["kitchen.v1", "bearer.token-1"]);
  assert.deepEqual(client.orders().map((o) => o.order_number), [1, 2]);
  assert.equal(client.state.name, "live");
  assert.equal(client.restaurant.name, "Da Gino");
  assert.equal(changes()[0].first, true);
});

test("events are applied to the queue, and each reports its difference", async () => {
  const s = await connected(order(1));
  log.length = 0;
  s.say({ type: "order_created", order: order(2), by: "till-3" });
  s.say({ type: "order_status_changed", order_id: "order-2", status: "preparing", version: 2 });
  assert.deepEqual(log.map(([, c]) => c.by), ["till-3", ""]);
  s.say({ type: "order_updated", order: order(2, { status: "preparing", notes: "no salt", version: 3 }) });
  s.say({ type: "order_updated", order: order(3, { recalled: true, version: 9 }) });
  s.say({ type: "order_status_changed", order_id: "order-2", status: "completed", version: 4 });
  s.say({ type: "order_updated", order: order(1, { status: "cancelled", version: 2 }) });
  s.say({ type: "order_deleted", order_id: "order-3" });
  s.say({ type: "order_deleted", order_id: "order-77" });
  assert.deepEqual(changes().map(({ created, returned, changed, gone }) => [created, returned, changed, gone]), [
    [[2], [], [], []], [[], [], [2], []], [[], [], [2], []], [[], [3], [], []],
    [[], [], [], [[2, "completed"]]], [[], [], [], [[1, "cancelled"]]], [[], [], [], [[3, "deleted"]]],
  ]);
  assert.equal(client.orders().length, 0);
});

test("old versions and repetitions change nothing", async () => {
  const s = await connected(order(1, { version: 5, status: "ready" }));
  log.length = 0;
  s.say({ type: "order_updated", order: order(1, { version: 4 }) });
  s.say({ type: "order_updated", order: order(1, { version: 5, status: "ready" }) });
  s.say({ type: "order_status_changed", order_id: "order-1", status: "preparing", version: 4 });
  assert.deepEqual(changes(), []);
  assert.equal(client.orders()[0].status, "ready");
});

test("a fresh queue after a reconnect reports only what differs", async () => {
  const s = await connected(order(1), order(2), order(3));
  s.end(1006);
  await clock.advance(1000);
  log.length = 0;
  last().say(queue(order(1), order(2, { version: 2, notes: "x" }), order(4), order(5, { recalled: true })));
  assert.deepEqual(changes(), [
    { first: false, snapshot: true, created: [4], returned: [5], changed: [2], gone: [[3, null]] },
  ]);
});

test("what an event of a status lacks is no change in the next fresh queue", async () => {
  const s = await connected(order(1));
  s.say({ type: "order_status_changed", order_id: "order-1", status: "preparing", version: 2 });
  log.length = 0;
  s.say(queue(order(1, { status: "preparing", version: 2, updated_at: "2026-11-22T18:30:00Z" })));
  assert.deepEqual(changes()[0].changed, []);
  assert.equal(client.orders()[0].updated_at, "2026-11-22T18:30:00Z");
});

test("a fresh queue may go back to a lower version", async () => {
  const s = await connected(order(1, { version: 7, status: "ready" }));
  s.say(queue(order(1, { version: 6, status: "preparing" })));
  assert.equal(client.orders()[0].status, "preparing");
});

test("nothing received for 12 s is stale, and the socket is replaced without waiting for its close", async () => {
  await connected();
  await clock.advance(STALE_MS - 1000);
  assert.equal(client.state.name, "live");
  await clock.advance(1000);
  assert.deepEqual([client.state.name, client.state.reason], ["stale", "silent"]);
  clock.chance = 0;
  await clock.advance(DEAD_MS - STALE_MS);
  assert.equal(sockets.length, 2);
  assert.equal(sockets[0].closedByClient, true);
  assert.equal(client.state.name, "offline");
  assert.equal(clock.now() - client.state.since, DEAD_MS, "the age counts from the last proof of life");
  sockets[0].say(queue(order(66))); // the replaced one speaks again: too late
  assert.equal(client.orders().length, 0);
  last().say(queue());
  assert.equal(client.state.name, "live");
});

test("heartbeats keep it live, and live:false makes it stale at once", async () => {
  const s = await connected();
  for (let i = 0; i < 10; i++) {
    await clock.advance(5000);
    s.say(heartbeat());
  }
  assert.deepEqual(states(), ["offline", "live"]);
  s.say(heartbeat(false));
  assert.deepEqual([client.state.name, client.state.reason], ["stale", "feed"]);
  s.say(heartbeat(true));
  assert.equal(client.state.name, "live");
});

test("a device that slept finds out at once, although its monotonic clock stopped", async () => {
  await connected();
  clock.wrong += 600_000;
  clock.chance = 0;
  client.device.wake();
  await flush();
  assert.notEqual(client.state.name, "live");
  assert.equal(sockets[0].closedByClient, true);
});

test("a socket that never opens, or never brings a queue, is given up", async () => {
  client.start();
  await flush();
  last().open();
  await clock.advance(10_000);
  await clock.advance(10_000);
  assert.ok(sockets.length >= 2);
});

test("it reconnects for ever, with full jitter up to 10 s", async () => {
  client.start();
  await flush();
  const waits = [];
  for (let i = 0; i < 12; i++) {
    const n = sockets.length;
    const from = clock.t;
    last().end(1006);
    for (let ms = 0; sockets.length === n && ms < 20_000; ms += 100) await clock.advance(100);
    waits.push(clock.t - from);
  }
  assert.deepEqual(waits.slice(0, 7), [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  assert.deepEqual(waits.slice(7), Array(5).fill(10_000));
  clock.chance = 0.5;
  const n = sockets.length;
  last().end(1006);
  await clock.advance(4900);
  assert.equal(sockets.length, n);
  await clock.advance(100);
  assert.equal(sockets.length, n + 1);
});

test("the backoff starts anew after a steady connection", async () => {
  client.start();
  await flush();
  for (let i = 0; i < 6; i++) {
    last().end(1006);
    await clock.advance(10_000);
  }
  last().say(queue());
  await clock.advance(6000);
  const n = sockets.length;
  last().end(1012);
  await clock.advance(500);
  assert.equal(sockets.length, n + 1);
});

test("it comes back at once when the network does", async () => {
  const s = await connected();
  for (let i = 0; i < 6; i++) {
    last().end(1006);
    await clock.advance(10_000);
  }
  last().end(1006);
  const n = sockets.length;
  client.device.wake();
  await flush();
  assert.equal(sockets.length, n + 1);
  assert.ok(s);
});

test("a server that is full is asked again later", async () => {
  client.start();
  await flush();
  clock.chance = 0.9;
  last().end(4029);
  await clock.advance(3000);
  assert.equal(sockets.length, 1);
  assert.equal(client.state.reason, "busy");
  await clock.advance(1000);
  assert.equal(sockets.length, 2);
});

test("a foreign restaurant stops it, and says so", async () => {
  const s = await connected();
  s.end(4003, "other_restaurant: not yours");
  await clock.advance(60_000);
  assert.equal(sockets.length, 1);
  assert.deepEqual(log.at(-1), ["refused", { code: 4003, reason: "other_restaurant: not yours", word: "other_restaurant" }]);
  assert.deepEqual([client.state.name, client.state.reason, client.state.code], ["offline", "refused", 4003]);
});

test("a refused token is replaced once; the same again stops it", async () => {
  give("old", "new", "new");
  client.start();
  await flush();
  last().end(4001, "expired");
  await clock.advance(1000);
  assert.deepEqual(last().protocols[1], "bearer.new");
  assert.deepEqual(asked, [["start", null], ["refused", "old"]]);
  last().end(4001, "expired");
  await clock.advance(60_000);
  assert.equal(sockets.length, 2);
  assert.equal(client.state.reason, "refused");
});

test("a token pushed by its page starts a refused client again", async () => {
  const s = await connected(order(1));
  s.end(4001, "user gone");
  await clock.advance(60_000);
  assert.equal(sockets.length, 1);
  client.renew("fresh");
  await flush();
  assert.equal(last().protocols[1], "bearer.fresh");
  last().say(queue(order(1)));
  assert.equal(client.state.name, "live");
  assert.equal(changes().at(-1).created.length, 0, "what was shown before is not new");
});

test("no token at all stops it", async () => {
  give();
  client.start();
  await flush();
  assert.equal(sockets.length, 0);
  assert.equal(client.state.reason, "refused");
});

test("it renews in-band before the token expires, by the server's clock", async () => {
  clock.wrong = 600_000; // the device believes that the token has long expired
  const first = jwt({ exp: (START + 400_000) / 1000 });
  const second = jwt({ exp: (START + 4_000_000) / 1000 });
  give(first, null, null, null, second);
  const s = await connected();
  for (let t = 0; t < 290_000; t += 5000) {
    await clock.advance(5000);
    s.say(heartbeat());
  }
  assert.deepEqual(s.sent, [], "too early");
  for (let t = 0; t < 100_000; t += 5000) {
    await clock.advance(5000);
    s.say(heartbeat());
  }
  assert.deepEqual(s.sent, [{ type: "authenticate", token: second }]);
  s.say({ type: "authenticated", expires_at: new Date(START + 4_000_000).toISOString() });
  assert.equal(sockets.length, 1);
  for (let t = 0; t < 1_000_000; t += 5000) {
    await clock.advance(5000);
    s.say(heartbeat());
  }
  assert.equal(s.sent.length, 1, "renewed: no need to ask again yet");
});

test("an update carries request id and version and resolves with the ack", async () => {
  const s = await connected(order(1));
  const done = client.updateStatus("order-1", "preparing", 1);
  const [sent] = s.sent;
  assert.deepEqual({ ...sent, request_id: "" }, {
    type: "update_status", request_id: "", order_id: "order-1", status: "preparing", version: 1,
  });
  s.say({ type: "ack", request_id: sent.request_id, order_id: "order-1", status: "preparing", version: 2 });
  assert.equal((await done).version, 2);
});

test("lines and courses carry request id, resolve with the ack, and say who still cooks", async () => {
  const s = await connected(order(1));
  const sent = () => ({ ...s.sent.at(-1), request_id: "" });
  const done = client.updateLines("order-1", "ready", "grill", { lines: ["line-1"], from: "preparing" });
  assert.deepEqual(sent(), {
    type: "update_lines", request_id: "", order_id: "order-1", status: "ready", station: "grill", lines: ["line-1"], from: "preparing",
  });
  s.say({ type: "ack", request_id: s.sent.at(-1).request_id, order_id: "order-1", status: "ready", version: 2 });
  assert.equal((await done).status, "ready");
  const all = client.updateLines("order-1", "ready", null);
  assert.equal(JSON.stringify(sent()), JSON.stringify({ type: "update_lines", order_id: "order-1", status: "ready", station: null, request_id: "" }));
  s.say({ type: "error", code: "conflict", message: "m", request_id: s.sent.at(-1).request_id, status: "ready", version: 3 });
  await assert.rejects(all, { code: "conflict", status: "ready", version: 3 });
  const fired = client.fire("order-1", 2);
  assert.deepEqual(sent(), { type: "fire", request_id: "", order_id: "order-1", course: 2 });
  s.say({ type: "ack", request_id: s.sent.at(-1).request_id, order_id: "order-1", status: "preparing", version: 4 });
  assert.equal((await fired).version, 4);
  const early = client.updateStatus("order-1", "ready", 4);
  const waiting = [{ station: "grill", name: "Grill", lines: 2 }];
  s.say({ type: "error", code: "not_ready", message: "m", request_id: s.sent.at(-1).request_id, order_id: "order-1", waiting });
  await assert.rejects(early, { code: "not_ready", waiting });
  client.updateStatus("order-1", "ready", 4, { force: true }).catch(() => {});
  assert.equal(s.sent.at(-1).force, true);
});

test("an update rejects with the server's answer, with offline, or with timeout", async () => {
  const s = await connected(order(1));
  let done = client.updateStatus("order-1", "preparing", 1);
  s.say({ type: "error", code: "conflict", message: "m", request_id: s.sent[0].request_id, status: "ready", version: 3 });
  await assert.rejects(done, { name: "KitchenError", code: "conflict", status: "ready", version: 3 });
  done = client.updateStatus("order-1", "preparing", 1);
  const late = assert.rejects(done, { code: "timeout" });
  await clock.advance(5000);
  s.say(heartbeat());
  await clock.advance(5000);
  s.say(heartbeat());
  await late;
  done = client.updateStatus("order-1", "preparing", 1);
  const lost = assert.rejects(done, { code: "offline" });
  s.end(1006);
  await lost;
  await assert.rejects(client.updateStatus("order-1", "preparing", 1), { code: "offline" });
});

test("the recall list is asked for by request id: an answer, and an error, reach their request", async () => {
  const s = await connected();
  const [first, second, third] = [client.listRecent(), client.listRecent(), client.listRecent()];
  const ids = s.sent.map((m) => m.request_id);
  assert.equal(new Set(ids).size, 3);
  assert.ok(ids.every((id) => typeof id === "string" && id), "each names itself");
  s.say({ type: "recent_orders", request_id: ids[1], orders: [order(9, { status: "completed" })] });
  s.say({ type: "error", code: "unavailable", message: "try again", request_id: ids[0] });
  s.say({ type: "recent_orders", request_id: ids[2], orders: [] });
  await assert.rejects(first, { code: "unavailable" });
  assert.deepEqual((await second).map((o) => o.order_number), [9]);
  assert.deepEqual(await third, []);
  assert.equal(clock.t, 0, "nobody waited for a timeout");
});

test("the recall list can be had while the feed is not live, a bump cannot", async () => {
  const s = await connected();
  s.say({ ...heartbeat(), live: false });
  await assert.rejects(client.updateStatus("order-1", "preparing", 1), { code: "offline" });
  const list = client.listRecent();
  s.say({ type: "recent_orders", request_id: s.sent.at(-1).request_id, orders: [order(9, { status: "cancelled" })] });
  assert.equal((await list)[0].order_number, 9);
  s.end(1006);
  await assert.rejects(client.listRecent(), { code: "offline" });
});

test("server time comes from the messages, however wrong the device's clock is", async () => {
  for (const wrong of [-600_000, 600_000]) {
    clock.wrong = wrong;
    const s = await connected();
    assert.equal(client.serverNow(), START + clock.t);
    await clock.advance(5000);
    s.say({ ...heartbeat(), server_time: new Date(START + clock.t - 900).toISOString() }); // slow on its way
    assert.equal(client.serverNow(), START + clock.t);
    clock.wrong += 7_200_000; // somebody sets the clock
    s.say(heartbeat());
    assert.equal(client.serverNow(), START + clock.t);
    client.stop();
  }
});

test("an event of a status says when it was, and one of an unknown order changes nothing", async () => {
  const s = await connected(order(1));
  log.length = 0;
  s.say({ type: "order_status_changed", order_id: "order-1", status: "preparing", version: 2, updated_at: "2026-11-22T18:30:00Z" });
  assert.equal(client.order("order-1").updated_at, "2026-11-22T18:30:00Z");
  s.say({ type: "order_status_changed", order_id: "unknown", status: "preparing", version: 2 });
  assert.deepEqual(client.orders().map((o) => o.id), ["order-1"]);
  assert.equal(changes().length, 1);
});

test("ids are of any kind, and travel in the address as they are", async () => {
  const { KitchenClient } = await import("./index.js");
  const { FakeSocket } = await import("../testdata/client_fakes.mjs");
  for (const id of ["42", "Da_Gino-2", "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"]) {
    const other = new KitchenClient({ restaurant: id, url: "https://kitchen.test/kds/", socket: FakeSocket, clock, token: () => "t" });
    other.start();
    await flush();
    assert.equal(last().url, `wss://kitchen.test/kds/ws/kitchen/${id}/`);
    last().say(queue(order(1, { id: "7" }), order(2, { id: "8", items: [{ id: "1", menu_item: { id: "3", name: "Ham" }, quantity: 1.5, notes: "", modifiers: [] }] })));
    last().say({ type: "order_status_changed", order_id: "7", status: "completed", version: 2 });
    assert.deepEqual(other.orders().map((o) => [o.id, o.items[0].quantity]), [["8", 1.5]]);
    other.stop();
  }
});

test("a queue with a bound says how many orders it leaves out", async () => {
  const s = await connected(order(1));
  assert.equal(client.omitted, 0);
  s.say({ ...queue(order(1)), omitted: 149_500 });
  assert.equal(client.omitted, 149_500);
  s.say({ ...heartbeat(), omitted: 3 });
  assert.equal(client.omitted, 3);
  s.say(heartbeat());
  assert.equal(client.omitted, 0);
});

test("a device without a network is not live at once, and live again only by a message", async () => {
  const s = await connected(order(1));
  await clock.advance(2000);
  s.say(heartbeat());
  Object.defineProperty(globalThis, "navigator", { value: { onLine: false }, configurable: true });
  try {
    await clock.advance(1000);
    assert.deepEqual([client.state.name, client.state.reason], ["stale", "network"]);
    s.say(heartbeat()); // was on its way
    assert.equal(client.state.name, "stale");
    await clock.advance(3000);
    s.say(heartbeat()); // the server is on the device itself: it needs no network
    assert.equal(client.state.name, "live");
    await clock.advance(4000);
    assert.equal(client.state.name, "live");
  } finally {
    Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });
  }
});

test("when the network is back, a connection that has said nothing since is replaced at once", async () => {
  const s = await connected(order(1));
  await clock.advance(3000);
  Object.defineProperty(globalThis, "navigator", { value: { onLine: false }, configurable: true });
  client.device.unplugged();
  assert.equal(client.state.reason, "network");
  Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });
  client.device.wake();
  await flush();
  assert.equal(s.closedByClient, true);
  assert.equal(sockets.length, 2);
});

test("a queue that the page kept is shown with its age, and the first one of the server says what happened since", async () => {
  client.restore({ restaurant, orders: [order(1), order(2)], age: 90_000 });
  assert.equal(client.restaurant.name, "Da Gino");
  assert.deepEqual(client.orders().map((o) => o.order_number), [1, 2]);
  client.start();
  await flush();
  last().end(1006);
  assert.equal(client.state.name, "offline");
  assert.equal(clock.now() - client.state.since, 90_000);
  await clock.advance(1000);
  log.length = 0;
  last().say(queue(order(2), order(3)));
  assert.deepEqual(changes(), [{ first: false, snapshot: true, created: [3], returned: [], changed: [], gone: [[1, null]] }]);
  assert.equal(client.state.name, "live");
});

test("what it has forgotten, it does not show", async () => {
  const s = await connected(order(1));
  client.forget();
  assert.equal(s.closedByClient, true);
  assert.deepEqual([client.orders(), client.restaurant, client.hadQueue, client.tokenEndsIn()], [[], null, false, null]);
});

test("what it does not understand does no harm", async () => {
  const s = await connected(order(1));
  s.onmessage({ data: "{" });
  s.onmessage({ data: "null" });
  s.say({ type: "from_the_future", x: 1 });
  s.say({ type: "error", code: "unknown_type", message: "?" });
  assert.equal(log.at(-1)[0], "problem");
  assert.equal(client.state.name, "live");
});

test("against a real socket: subprotocol, queue, update, close code, return", async () => {
  const server = new ws.WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => "kitchen.v1" });
  await new Promise((r) => server.once("listening", r));
  const seen = [];
  server.on("connection", (socket, request) => {
    seen.push(request.headers["sec-websocket-protocol"]);
    socket.send(JSON.stringify({ ...queue(order(1)), server_time: new Date().toISOString() }));
    socket.on("message", (data) => {
      const m = JSON.parse(data);
      socket.send(JSON.stringify({ type: "ack", request_id: m.request_id, order_id: m.order_id, status: m.status, version: 2 }));
      socket.close(1012, "restart");
    });
  });
  const real = new KitchenClient({
    restaurant: "r", url: `http://127.0.0.1:${server.address().port}`, socket: ws.WebSocket, token: () => "abc",
  });
  const live = () => new Promise((r) => {
    const f = (e) => e.detail.name === "live" && (real.removeEventListener("state", f), r());
    real.addEventListener("state", f);
  });
  try {
    let wait = live();
    real.start();
    await wait;
    wait = live();
    assert.equal((await real.updateStatus("order-1", "preparing", 1)).version, 2);
    await wait;
    assert.deepEqual(seen, ["kitchen.v1,bearer.abc", "kitchen.v1,bearer.abc"]);
  } finally {
    real.stop();
    for (const c of server.clients) c.terminate();
    await new Promise((r) => server.close(r));
  }
});
