// What a page reports of itself, and learns of other screens.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { client, clock, connected, last, log, order, queue, setUp } from "../testdata/client_fakes.mjs";

beforeEach(setUp);
afterEach(() => client.stop());

const shows = (s) => s.sent.filter((m) => m.type === "show").map(({ stations }) => stations ?? "everything");
const events = (name) => log.filter(([n]) => n === name).map(([, detail]) => detail);

test("a page that never says what it shows sends nothing", async () => {
  const s = await connected(order(1));
  assert.deepEqual(s.sent, []);
});

test("what a page shows is said after the first queue, at each change, and after each reconnect", async () => {
  client.show(["grill"]);
  const s = await connected(order(1));
  assert.deepEqual(shows(s), [["grill"]]);
  s.say(queue(order(1)));
  client.show(["grill", "bar"]);
  assert.deepEqual(shows(s), [["grill"], ["grill", "bar"]]);
  s.end(1012);
  client.show(null);
  await clock.advance(1000);
  assert.deepEqual(shows(last()), []);
  last().say(queue(order(1)));
  assert.deepEqual(shows(last()), ["everything"]);
});

test("the screens of a connection are those that it reported", async () => {
  const s = await connected(order(1));
  assert.equal(client.screens, null);
  const said = { stations: [{ id: "grill", screens: 1 }, { id: "bar", screens: 0 }], all: 2 };
  s.say({ type: "screens", ...said });
  assert.deepEqual(events("screens"), [said]);
  assert.deepEqual(client.screens, said);
  s.end(1006);
  assert.equal(client.screens, null);
});

test("an error for what is shown is a problem, and none of a token's; a server that does not know it is silent", async () => {
  const s = await connected(order(1));
  client.show(["gone"]);
  const taken = client.renew("fresh");
  const { request_id } = s.sent.find((m) => m.type === "show");
  s.say({ type: "error", request_id, code: "unknown_type", message: "" });
  assert.deepEqual(events("problem"), []);
  s.say({ type: "error", request_id, code: "invalid_message", message: "no such station" });
  assert.deepEqual(events("problem").map((e) => e.code), ["invalid_message"]);
  s.say({ type: "authenticated", expires_at: new Date(clock.date() + 1e6).toISOString() });
  await taken;
});
