import assert from "node:assert/strict";
import test from "node:test";
import { columns, fit, newlyReady } from "./pickup_orders.js";

const order = (number, status, name = "", order_type = "takeaway") => ({ number, status, name, order_type });

test("what became ready is what was not ready before", () => {
  const before = [order(1, "preparing"), order(2, "ready"), order(3, "preparing")];
  assert.deepEqual(newlyReady(before, [order(3, "preparing"), order(2, "ready"), order(1, "ready"), order(4, "ready")]).map((o) => o.number), [1, 4]);
  assert.deepEqual(newlyReady(before, before), []);
  assert.deepEqual(newlyReady([order(2, "ready")], [order(2, "ready", "", "delivery")]).length, 1, "the same number of another kind");
});

test("the latest that became ready is first", () => {
  const { cooking, ready } = columns([order(4, "preparing"), order(5, "preparing"), order(1, "ready"), order(2, "ready")]);
  assert.deepEqual([cooking.map((o) => o.number), ready.map((o) => o.number)], [[4, 5], [2, 1]]);
});

test("numbers are as large as they fit, and then come page after page", () => {
  const cell = { width: 200, height: 100 }, room = { width: 900, height: 800 };
  assert.deepEqual(fit(0, room, cell), { scale: 2, perPage: 8, pages: 1 });
  assert.deepEqual(fit(8, room, cell), { scale: 2, perPage: 8, pages: 1 });
  assert.equal(fit(9, room, cell).scale, 1.6);
  assert.deepEqual(fit(32, room, cell), { scale: 1, perPage: 32, pages: 1 });
  assert.deepEqual(fit(33, room, cell), { scale: 1, perPage: 32, pages: 2 });
  assert.deepEqual(fit(3, { width: 10, height: 10 }, cell), { scale: 1, perPage: 1, pages: 3 });
});
