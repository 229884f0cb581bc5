// Finds what happened while the screen was not live. A fresh queue shows what is new and what is missing; the recall list says why an
// order is missing.
import { sameContent } from "./content.js";

/** @typedef {import("../client/queue.js").Change} Change */
/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {{created: number, cancelled: number, deleted: number, changed: number, done: number, unknown: number}} Away */

/** The server lists at most this many. */
const LISTED = 50;
/** A reload, and some time before it. */
const RELOAD_MS = 15_000;

export class Absence {
  /** @param {import("../client/client.js").KitchenClient} client */
  constructor(client) {
    this.client = client;
    this.wasLive = false;
    this.leftAt = 0; // by the server's clock
    this.reloaded = false; // the page was loaded anew; the connection was not lost
  }

  /** The page begins with a queue of an earlier run. @param {number} leftAt when that was live, by the server's clock */
  begin(leftAt) {
    this.leftAt = leftAt;
    this.reloaded = true;
  }

  /** Everything is explained. */
  end() {
    this.leftAt = 0;
    this.reloaded = false;
  }

  /** Whether the absence was long enough to be reported. A reload alone is not. */
  long() {
    return this.leftAt > 0 && !(this.reloaded && this.client.serverNow() - this.leftAt < RELOAD_MS);
  }

  /** @param {import("../client/state.js").State} state */
  note(state) {
    if (state.name === "live") this.wasLive = true;
    else if (this.wasLive && this.leftAt === 0) this.leftAt = this.client.serverNow();
  }

  /**
   * @param {Change} change of a fresh queue
   * @param {(order: Order, gone: "cancelled"|"deleted") => void} strike
   * @returns {Promise<Away>}
   */
  async explain(change, strike) {
    const away = { created: change.created.length + change.returned.length, cancelled: 0, deleted: 0, changed: 0, done: 0, unknown: 0 };
    away.changed = change.changed.filter(({ before, order }) => !sameContent(before, order)).length;
    if (change.gone.length === 0) return away;
    /** @type {Order[]} */
    let recent = [];
    let complete = false;
    try {
      recent = await this.client.listRecent();
      const window = (this.client.restaurant?.recall_window_s ?? 0) * 1000;
      complete = recent.length < LISTED && this.client.serverNow() - this.leftAt < window;
    } catch {
      // lost again: what is missing stays unexplained
    }
    for (const { order } of change.gone) {
      if (this.client.order(order.id)) continue; // it came back meanwhile
      const now = recent.find((o) => o.id === order.id);
      if (now?.status === "completed") away.done++;
      else if (now) {
        away.cancelled++;
        strike(now, "cancelled");
      } else if (complete) {
        away.deleted++;
        strike(order, "deleted");
      } else away.unknown++;
    }
    return away;
  }
}
