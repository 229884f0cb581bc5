// How the client comes by a token, changes it, and keeps the good one.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { asked, beating, client, clock, connected, give, heartbeat, jwt, last, log, order, queue, flush, setUp, sockets, START } from "../testdata/client_fakes.mjs";

beforeEach(setUp);
afterEach(() => client.stop());

const names = () => log.map(([name]) => name);
const bearers = () => sockets.map((s) => s.protocols[1].slice("bearer.".length));
const until = (ms) => jwt({ exp: (START + ms) / 1000 });

/** Says whether a promise has come to an end, and how. */
function outcome(promise) {
  const o = { done: "" };
  promise.then(() => (o.done = "taken"), (e) => (o.done = e.code));
  return o;
}

test("a connection that ends while a renewal is asked for comes back, whatever becomes of the renewal", async () => {
  for (const end of ["never", "null", "throws"]) {
    setUp();
    const never = new Promise(() => {});
    give(until(400_000), end === "never" ? never : end === "null" ? new Promise((r) => setTimeout(() => r(null))) : Promise.reject(new Error("503")));
    const s = await connected(order(1));
    await beating(s, 305_000); // the renewal is asked for
    assert.equal(asked.length >= 2, true, end);
    s.end(1006);
    await clock.advance(60_000);
    assert.ok(sockets.length >= 2, `it tries again where the answer is ${end}`);
    last().say(queue(order(1)));
    assert.equal(client.state.name, "live", end);
    client.stop();
  }
});

test("a token that comes while a socket opens is sent over it", async () => {
  client.start();
  await flush();
  const taken = outcome(client.renew("fresh"));
  assert.equal(sockets.length, 1, "what is opening stays");
  last().say(queue(order(1)));
  assert.deepEqual(last().sent, [{ type: "authenticate", token: "fresh" }]);
  assert.equal(taken.done, "");
  last().say({ type: "authenticated", expires_at: new Date(START + 1e6).toISOString() });
  await flush();
  assert.equal(taken.done, "taken");
  assert.equal(client.tokenEndsIn(), 1e6);
});

test("the refusal of an old token is not blamed on the new one", async () => {
  client.start();
  await flush();
  const taken = outcome(client.renew("fresh"));
  last().end(4001, "expired: get a new one");
  await clock.advance(1000);
  assert.deepEqual(bearers(), ["token-1", "fresh"]);
  last().say(queue(order(1)));
  await flush();
  assert.equal(taken.done, "taken");
  assert.equal(client.state.name, "live");
  assert.deepEqual(asked, [["start", null]], "nobody was asked: a token was at hand");
});

test("a callback that throws is no refusal: it is asked again, for ever", async () => {
  give(new Error("no route to host"), new Error("502"), "token-2");
  client.start();
  await flush();
  assert.deepEqual([client.state.name, client.state.reason], ["offline", "token"]);
  await clock.advance(5000);
  assert.deepEqual(bearers(), ["token-2"]);
  last().say(queue());
  give(new Error("502"), new Error("502"), "token-3");
  last().end(4001, "expired: get a new one");
  await clock.advance(60_000);
  assert.equal(names().includes("refused"), false);
  assert.deepEqual(asked.at(-1), ["refused", "token-2"]);
  assert.equal(bearers().at(-1), "token-3");
});

test("a callback that never answers is asked again", async () => {
  give(new Promise(() => {}), "token-2");
  client.start();
  await clock.advance(31_000);
  assert.deepEqual(bearers(), ["token-2"]);
});

test("a page is asked one question at a time", async () => {
  let answer;
  give(until(400_000), new Promise((r) => (answer = r)), "no-second-question");
  const s = await connected();
  await beating(s, 305_000);
  s.end(4001, "user_gone: not active");
  await flush();
  assert.equal(asked.length, 2);
  answer("fresh");
  await clock.advance(1000);
  assert.equal(asked.length, 2);
  assert.equal(bearers().at(-1), "fresh");
});

test("a token that does not do, sent over a working connection, changes nothing", async () => {
  const s = await connected(order(1));
  const taken = outcome(client.renew("bad"));
  s.say({ type: "error", code: "bad_token", message: "it is not valid" });
  await flush();
  assert.equal(taken.done, "bad_token");
  assert.equal(client.state.name, "live");
  assert.equal(s.closedByClient, false);
  s.end(1006);
  await clock.advance(1000);
  assert.deepEqual(bearers(), ["token-1", "token-1"]);
  assert.deepEqual(asked, [["start", null]]);
});

test("a server that closes for a token that does not do is joined again with the good one", async () => {
  const s = await connected(order(1));
  const taken = outcome(client.renew("bad"));
  s.end(4001, "bad_token: get a new one");
  await clock.advance(1000);
  assert.equal(taken.done, "bad_token");
  assert.equal(bearers().at(-1), "token-1");
  last().say(queue(order(1)));
  assert.equal(client.state.name, "live");
  assert.equal(names().includes("refused"), false);
});

test("a token that is refused in the handshake leaves the good one in use", async () => {
  for (const [code, reason] of [[4001, "bad_token: get a new one"], [4003, "other_restaurant: not here"]]) {
    setUp();
    const s = await connected(order(1));
    s.end(1006);
    const taken = outcome(client.renew("bad"));
    await flush();
    assert.equal(bearers().at(-1), "bad");
    last().end(code, reason);
    await clock.advance(1000);
    assert.equal(taken.done, reason.split(":")[0]);
    assert.equal(bearers().at(-1), "token-1");
    assert.equal(names().includes("refused"), false);
    client.stop();
  }
});

test("a token that cannot travel is refused without a socket", async () => {
  const s = await connected(order(1));
  s.end(1006);
  const taken = outcome(client.renew("a token, with spaces"));
  await clock.advance(1000);
  assert.equal(taken.done, "bad_token");
  assert.equal(bearers().at(-1), "token-1");
});

test("the newest token that was brought is the one that counts", async () => {
  client.start();
  await flush();
  const [first, second] = [outcome(client.renew("first")), outcome(client.renew("second"))];
  last().say(queue());
  assert.deepEqual(last().sent.map((m) => m.token), ["second"]);
  last().say({ type: "authenticated", expires_at: new Date(START + 1e6).toISOString() });
  await flush();
  assert.deepEqual([first.done, second.done], ["replaced", "taken"]);
});

test("answers to tokens come in the order in which they were sent", async () => {
  const s = await connected();
  const first = outcome(client.renew("bad"));
  const second = outcome(client.renew("good"));
  s.say({ type: "error", code: "bad_token", message: "" });
  s.say({ type: "authenticated", expires_at: new Date(START + 1e6).toISOString() });
  await flush();
  assert.deepEqual([first.done, second.done], ["replaced", "taken"]);
  s.end(1006);
  await clock.advance(1000);
  assert.equal(bearers().at(-1), "good");
});

test("a token without an answer is given up, and the old one kept", async () => {
  const s = await connected();
  const taken = outcome(client.renew("fresh"));
  await beating(s, 15_000);
  assert.equal(taken.done, "timeout");
  assert.equal(client.state.name, "live");
});

test("it says which refusal it was, by its word", async () => {
  for (const word of ["expired", "user_gone", "bad_token"]) {
    setUp();
    const s = await connected(order(1));
    s.end(4001, `${word}: for people`);
    await clock.advance(1000);
    assert.deepEqual(log.at(-1), ["refused", { code: 4001, reason: `${word}: for people`, word }]);
    assert.equal(client.state.word, word);
    assert.equal(client.orders().length, 1, "what was known stays readable");
  }
});

test("a renewal that fails over and over does not end what works", async () => {
  give(until(400_000), "bad-1", new Error("502"), "bad-2", null, "good");
  const s = await connected(order(1));
  for (let t = 0; t < 395_000; t += 5000) {
    await clock.advance(5000);
    const asks = s.sent.filter((m) => m.type === "authenticate").length;
    s.say(heartbeat());
    if (asks && s.sent.at(-1).token.startsWith("bad") && !s.sent.at(-1).answered) {
      s.sent.at(-1).answered = true;
      s.say({ type: "error", code: "bad_token", message: "" });
    }
  }
  assert.equal(s.sent.at(-1).token, "good");
  assert.equal(client.state.name, "live");
  assert.equal(sockets.length, 1);
});
