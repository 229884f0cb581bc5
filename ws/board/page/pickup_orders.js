// What a pick-up screen makes of the orders that it gets.

/** @typedef {{number: number, order_type: string, status: "preparing"|"ready", name: string}} PickupOrder */

/** Identifies an order. @param {PickupOrder} o */
export const keyOf = (o) => `${o.number} ${o.order_type} ${o.name}`;

/**
 * Which orders became ready between two queues.
 * @param {PickupOrder[]} before
 * @param {PickupOrder[]} now
 */
export function newlyReady(before, now) {
  const was = new Set(before.filter((o) => o.status === "ready").map(keyOf));
  return now.filter((o) => o.status === "ready" && !was.has(keyOf(o)));
}

/**
 * The two columns: cooked, oldest first; ready, the latest first, because guests look for what has just been called.
 * @param {PickupOrder[]} orders as the server sends them
 */
export function columns(orders) {
  return { cooking: orders.filter((o) => o.status !== "ready"), ready: orders.filter((o) => o.status === "ready").reverse() };
}

/** How many times as large as the least that can be read across a room. */
const SCALES = [2, 1.6, 1.3, 1];

/**
 * How a column shows so many orders: as large as they fit on one page, or page after page.
 * @param {number} count
 * @param {{width: number, height: number}} room in pixels
 * @param {{width: number, height: number}} cell of an order, at the least size
 * @returns {{scale: number, perPage: number, pages: number}}
 */
export function fit(count, room, cell) {
  let perPage = 1;
  for (const scale of SCALES) {
    const across = Math.max(1, Math.floor(room.width / (cell.width * scale)));
    const down = Math.max(1, Math.floor(room.height / (cell.height * scale)));
    perPage = across * down;
    if (count <= perPage) return { scale, perPage, pages: 1 };
  }
  return { scale: 1, perPage, pages: Math.ceil(count / perPage) };
}
