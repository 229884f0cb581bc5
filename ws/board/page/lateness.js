// Says how urgent tickets are, and which have just become late, each once, for a sound.
import { urgency } from "./time.js";

/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {import("../client/client.js").Restaurant} Restaurant */

/**
 * A ready ticket is late when nobody has fetched it for as long as cooking may take, counted from when it was ready, or from
 * the time that was promised where that is later. What was added to a ready ticket is as old as its addition.
 * @param {Ticket} ticket
 * @param {Restaurant|null} restaurant
 * @param {number} now the server's
 */
export function urgencyOf({ order, stage, more, moreAt, readySince }, restaurant, now) {
  if (stage === "ready") {
    const since = Math.max(readySince, order.promised_at ? Date.parse(order.promised_at) : -Infinity);
    return urgency({ promised_at: null, created_at: new Date(since).toISOString() }, restaurant, now);
  }
  return more ? urgency({ promised_at: null, created_at: new Date(moreAt).toISOString() }, restaurant, now) : urgency(order, restaurant, now);
}

export class Lateness {
  constructor() {
    /** @type {Set<string>} tickets that are late, with the stage in which they are */
    this.known = new Set();
    this.begun = false;
  }

  /**
   * @param {Ticket[]} open
   * @param {Restaurant|null} restaurant null while nothing is known
   * @param {number} now the server's
   * @returns {string[]} the tickets that became late since the last call; those that were late at the first call are left out
   */
  look(open, restaurant, now) {
    const late = open.filter((t) => urgencyOf(t, restaurant, now) === "late");
    const key = (/** @type {Ticket} */ t) => `${t.id} ${t.stage === "ready"}`;
    const nowLate = this.begun ? late.filter((t) => !this.known.has(key(t))).map((t) => t.id) : [];
    this.begun ||= restaurant !== null;
    this.known = new Set(late.map(key));
    return nowLate;
  }
}
