// The client against the real server. cmd/kitchen runs this with a node and a database of its own: KITCHEN_TEST holds their
// addresses and tokens, and what is posted to `control` is run as SQL, or restarts the server.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import ws from "../testdata/ws.cjs";
import { KitchenClient } from "./index.js";

const { url, restaurant, other, token, control } = JSON.parse(process.env.KITCHEN_TEST ?? "null") ??
  assert.fail("run by: go test -run TestBrowserClient ./cmd/kitchen");

const post = async (path, body) => {
  const answer = await fetch(control + path, { method: "POST", body });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return text;
};
const sql = (text) => post("/sql", text);
const write = (notes) => sql(`insert into orders (restaurant_id, notes) values ('${restaurant}', '${notes}')`);

/** Resolves with the first detail of an event that satisfies `want`; what never comes ends the whole run, by its timeout. */
const next = (client, name, want = () => true) => new Promise((resolve) => {
  const receive = (e) => {
    if (!want(e.detail)) return;
    client.removeEventListener(name, receive);
    resolve(e.detail);
  };
  client.addEventListener(name, receive);
});
const live = (s) => s.name === "live";

let sockets = 0;
class CountedSocket extends ws.WebSocket {
  constructor(...args) {
    super(...args);
    sockets++;
  }
}
const make = (more = {}) => new KitchenClient({ restaurant, url, socket: CountedSocket, token: () => token, ...more });

/** @type {KitchenClient} */
let client;
before(async () => {
  client = make();
  client.start();
  await next(client, "state", live);
});
after(() => client.stop());

test("an order written in SQL arrives whole, and is moved on in the database", async () => {
  const came = next(client, "change", (c) => c.created.length > 0);
  await write("from SQL");
  const { created: [order], first, snapshot } = await came;
  assert.deepEqual([order.notes, order.status, order.version, first, snapshot], ["from SQL", "pending", 1, false, false]);
  const moved = next(client, "change", (c) => c.changed.length > 0);
  const ack = await client.updateStatus(order.id, "preparing", order.version);
  assert.deepEqual([ack.status, ack.version], ["preparing", 2]);
  assert.equal((await moved).changed[0].order.status, "preparing");
  assert.ok(Math.abs(client.serverNow() - Date.now()) < 2000);
});

test("a conflict names the order's status; an unknown order is not found", async () => {
  const came = next(client, "change", (c) => c.created.length > 0);
  await write("contested");
  const [order] = (await came).created;
  const moved = next(client, "change", (c) => c.changed.some((x) => x.order.id === order.id));
  await sql(`update orders set status = 'ready' where id = '${order.id}'`);
  await moved;
  await assert.rejects(client.updateStatus(order.id, "preparing", 1), { code: "conflict", status: "ready", version: 2 });
  await assert.rejects(client.updateStatus("11111111-1111-4111-8111-111111111111", "ready"), { code: "order_not_found" });
});

test("what left is listed, and comes back by a recall", async () => {
  const came = next(client, "change", (c) => c.created.length > 0);
  await write("eaten");
  const [order] = (await came).created;
  const gone = next(client, "change", (c) => c.gone.some((g) => g.order.id === order.id));
  await client.updateStatus(order.id, "completed", 1);
  assert.equal((await gone).gone[0].status, "completed");
  const [last] = await client.listRecent();
  assert.equal(last.id, order.id);
  const back = next(client, "change", (c) => c.returned.length > 0);
  await client.updateStatus(order.id, "ready", last.version);
  assert.equal((await back).returned[0].recalled, true);
});

test("another restaurant and a bad token are refused, and it stops", async () => {
  const foreign = make({ restaurant: other });
  foreign.start();
  assert.deepEqual(await next(foreign, "refused").then(({ code, word }) => [code, word]), [4003, "other_restaurant"]);
  assert.equal(foreign.state.reason, "refused");
  const asked = [];
  const bad = make({ token: (reason) => (asked.push(reason), "no.token.atall") });
  bad.start();
  assert.equal((await next(bad, "refused")).word, "bad_token");
  assert.deepEqual(asked, ["start", "refused"]);
});

test("a token is renewed in-band before it ends", async () => {
  const tokens = [await post("/token"), token];
  const renewing = make({ token: () => tokens.shift() ?? null });
  const before = sockets;
  renewing.start();
  await next(renewing, "state", live);
  const { expires_at } = await next(renewing, "authenticated");
  assert.ok(Date.parse(expires_at) - Date.now() > 60_000);
  assert.equal(sockets - before, 1);
  assert.equal(renewing.state.name, "live");
  renewing.stop();
});

test("a token that does not do leaves the connection as it is, and says so", async () => {
  const before = sockets;
  await assert.rejects(client.renew("no.token.atall"), { code: "bad_token" });
  assert.equal(client.state.name, "live");
  await client.listRecent();
  assert.equal(sockets, before);
});

test("it survives a restart of the server, and reports what happened meanwhile", async () => {
  const off = next(client, "state", (s) => s.name === "offline");
  const on = off.then(() => next(client, "state", live));
  const fresh = next(client, "change", (c) => c.snapshot);
  await post("/restart", `insert into orders (restaurant_id, notes) values ('${restaurant}', 'while away')`);
  await on;
  const change = await fresh;
  assert.deepEqual(change.created.map((o) => o.notes), ["while away"]);
  assert.deepEqual([change.first, change.changed.length, change.gone.length], [false, 0, 0]);
});
