// Reports to the server which orders the page has shown.

/** A version of an order. @typedef {{order_id: string, version: number}} SeenOrder */
/**
 * Nobody has seen orders of the restaurant, for one reason.
 * @typedef {object} Alarm
 * @property {"no_display"|"not_painted"|"not_touched"} reason
 * @property {number} count of how many orders, when it began
 * @property {string} oldest_order_id
 * @property {number|null} oldest_order_number
 * @property {number} age_s of the oldest, when the server said so
 */

const MOST = 100; // in one message
let last = 0;

/**
 * @param {import("./connection.js").Connection} connection one that has its queue
 * @param {SeenOrder[]} orders
 * @param {"painted"|"touched"} how
 */
export function sendSeen(connection, orders, how) {
  for (let i = 0; i < orders.length; i += MOST) {
    // The id distinguishes an error for it from one for a token.
    connection.send({ type: "seen", how, orders: orders.slice(i, i + MOST), request_id: `seen-${++last}` });
  }
}

/**
 * Whether a message answers a `seen` that was sent.
 * @param {unknown} id its request_id
 */
export function isOfSeen(id) {
  return typeof id === "string" && id.startsWith("seen-");
}

/**
 * The alarms that are on, after one has begun or ended.
 * @param {Alarm[]} alarms
 * @param {Alarm & {type: string}} message
 * @returns {Alarm[]}
 */
export function withAlarm(alarms, { type, ...alarm }) {
  const others = alarms.filter((a) => a.reason !== alarm.reason);
  return type === "alarm" ? [...others, alarm] : others;
}
