// When the client gives a connection up, and how it comes back.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { STALE_MS, DEAD_MS } from "./index.js";
import {
  asked, client, clock, connected, heartbeat, last, order, queue, flush, setUp, sockets, states,
} from "../testdata/client_fakes.mjs";

beforeEach(setUp);
afterEach(() => client.stop());

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
