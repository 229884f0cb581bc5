import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import ws from "../testdata/ws.cjs";
import { KitchenClient } from "./index.js";
import {
  client, clock, connected, heartbeat, last, log, order, queue, restaurant, flush, setUp, START,
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
