// The open orders of one restaurant, built from the server's messages.
import { same } from "./order.js";

/** @typedef {import("./order.js").Order} Order */
/**
 * What differs between the queue before and after a message.
 * @typedef {object} Change
 * @property {boolean} first the very first queue: everything in it is `created`, though nothing has just happened
 * @property {boolean} snapshot a whole queue came, not an event: what it holds happened while the page was away
 * @property {Order[]} created new to the kitchen
 * @property {Order[]} returned had left the queue and came back (a recall)
 * @property {{before: Order, order: Order}[]} changed
 * @property {{order: Order, status: "completed"|"cancelled"|"deleted"|null}[]} gone null where a snapshot lacks the
 *   order without saying why; `listRecent` may say it
 * @property {string} by who made it, as that program calls itself to the database: any text; empty where that is not known
 */

export class Queue {
  constructor() {
    /** @type {Map<string, Order>} */
    this.orders = new Map();
    this.had = false; // ever a whole queue
  }

  /**
   * Takes a whole queue and returns the difference to what was known.
   * @param {Order[]} orders
   * @returns {Change}
   */
  replace(orders) {
    const before = this.orders;
    const change = { ...noChange(), first: !this.had, snapshot: true };
    this.orders = new Map(orders.map((o) => [o.id, o]));
    this.had = true;
    for (const order of this.orders.values()) {
      const old = before.get(order.id);
      if (!old) (order.recalled && !change.first ? change.returned : change.created).push(order);
      else if (!same(old, order)) change.changed.push({ before: old, order });
    }
    for (const order of before.values()) {
      if (!this.orders.has(order.id)) change.gone.push({ order, status: null });
    }
    return change;
  }

  /**
   * Applies one order. A version that is lower than the known one is ignored: only a whole queue may go back.
   * @param {Order} order
   * @param {boolean} isNew
   * @returns {Change|null} null where nothing changed
   */
  fold(order, isNew) {
    const before = this.orders.get(order.id);
    if (before && order.version < before.version) return null;
    if (order.status === "completed" || order.status === "cancelled") return this.remove(order.id, order.status, order);
    this.orders.set(order.id, order);
    if (!before) return { ...noChange(), [isNew ? "created" : "returned"]: [order] };
    return same(before, order) ? null : { ...noChange(), changed: [{ before, order }] };
  }

  /**
   * A new status of a known order. One of an order that is not in the queue changes nothing: the next whole queue has it.
   * @param {{order_id: string, status: import("./order.js").Status, version: number, updated_at?: string}} message
   * @returns {Change|null}
   */
  move({ order_id, status, version, updated_at }) {
    const known = this.orders.get(order_id);
    return known ? this.fold({ ...known, status, version, updated_at: updated_at ?? known.updated_at }, false) : null;
  }

  /**
   * @param {string} id
   * @param {"completed"|"cancelled"|"deleted"} status
   * @param {Order} [last]
   * @returns {Change|null}
   */
  remove(id, status, last) {
    const order = this.orders.get(id);
    if (!order) return null;
    this.orders.delete(id);
    return { ...noChange(), gone: [{ order: last ?? order, status }] };
  }
}

/** @returns {Change} */
function noChange() {
  return { first: false, snapshot: false, created: [], returned: [], changed: [], gone: [], by: "" };
}
