// Tokens and restaurants that the server refuses, and the renewal of tokens.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import {
  asked, client, clock, connected, give, heartbeat, jwt, last, log, order, queue, restaurant, flush, setUp, sockets, START,
} from "../testdata/client_fakes.mjs";

beforeEach(setUp);
afterEach(() => client.stop());

const changes = () => log.filter(([name]) => name === "change").map(([, c]) => ({
  first: c.first, snapshot: c.snapshot,
  created: c.created.map((o) => o.order_number), returned: c.returned.map((o) => o.order_number),
  changed: c.changed.map((x) => x.order.order_number), gone: c.gone.map((g) => [g.order.order_number, g.status]),
}));

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
