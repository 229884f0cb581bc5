// What the client asks of the server, and how answers find their request.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { asked, client, clock, connected, heartbeat, order, setUp } from "../testdata/client_fakes.mjs";

beforeEach(setUp);
afterEach(() => client.stop());

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
