// One ticket on this screen: the order as the server tells it, and what only this screen knows of it.
import { moreToCook } from "./content.js";

/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("../client/order.js").Status} Status */
/** What a cook has to do next: a status, or reopened where food was added to a ready ticket. @typedef {Status|"reopened"} Stage */

export class Ticket {
  /** @param {Order} order */
  constructor(order) {
    this.order = order;
    this.fresh = false; // new: nobody has touched it here or moved it anywhere, and it came a short while ago
    this.cameAt = -Infinity; // by the steady clock, as news
    this.touched = false; // on this screen
    /** The order as it became ready, and for as long as what was added to it is not. @type {Order|null} */
    this.whenReady = null;
    /** What `whenReady` becomes where an undo makes the order ready again. @type {Order|null} */
    this.takenBack = null;
    this.more = false; // there is more to cook than was ready
    this.moreAt = 0; // by the server's clock: since when
    this.readyAt = 0; // by the server's clock: since when it is ready
    /** The order as it was last touched, where it changed since. @type {Order|null} */
    this.seen = null;
    this.by = ""; // who made what a cook must see of it: a change since it was touched, or its end
    /** Left without being done: stays, struck out, until touched. @type {""|"cancelled"|"deleted"} */
    this.gone = "";
    this.goneSeenAt = Infinity; // by the steady clock, when a cook first touched it as struck out
    /** What a cook asked for and the server has not yet told everybody. @type {Status|null} */
    this.asked = null;
    this.askedAt = -Infinity;
    this.waiting = false; // for the server's answer
    this.acked = 0; // the version that the server's last answer named; its event may come later
    this.asks = 0; // how often the server was asked
    /** What it answered last: the new version, null for a no. @type {Promise<number|null>} */
    this.answer = Promise.resolve(null);
    /** The stage that the buttons still speak of, after a finger has moved it on. @type {{stage: Stage, until: number}|null} */
    this.held = null;
    this.doneAt = 0; // by the steady clock, when this screen finished it; 0: it did not
    this.left = false; // it is no longer in the queue
    this.beginsAt = 0; // by the server's clock: until then it is held back, because it is due later; 0: it is not
    this.edition = 1; // rises with whatever changes its rows
  }

  get id() {
    return this.order.id;
  }

  /** As a cook calls it. */
  get number() {
    return `#${this.order.order_number}`;
  }

  /** The status to show: what was asked for, at once, until the server says otherwise. @returns {Status} */
  get status() {
    return this.asked ?? this.order.status;
  }

  /** @returns {Stage} */
  get stage() {
    return this.asked ?? (this.order.status === "ready" && this.more ? "reopened" : this.order.status);
  }

  /** The order as a cook knew it, where there is something in it that is not done with. */
  get before() {
    return this.seen ?? (this.more ? this.whenReady : null);
  }

  /** What of it a cook must see at once. @returns {""|"changed"|"cancelled"|"deleted"} */
  get news() {
    return this.gone || (this.before ? "changed" : "");
  }

  /** The version that this screen has seen. */
  get version() {
    return Math.max(this.order.version, this.acked);
  }

  /** The stage whose next step the buttons name. @returns {Stage} */
  get named() {
    return this.held?.stage ?? this.stage;
  }

  /** It is finished, keeps its place for the time of an undo, and is no longer a ticket to work on. */
  get finished() {
    return !this.gone && this.status === "completed";
  }

  /**
   * Takes the order as it is now. Food that was added to a ready order is not ready, whatever its status says.
   * @param {Order} order
   * @param {number} now the server's clock
   * @param {boolean} snapshot the order comes with a whole queue, and may be ready for a while
   */
  update(order, now, snapshot) {
    const becameReady = order.status === "ready" && (this.order.status !== "ready" || !this.whenReady);
    this.order = order;
    this.edition++;
    if (becameReady) {
      this.whenReady = this.takenBack ?? order;
      this.takenBack = null;
      this.readyAt = (snapshot && Date.parse(order.updated_at)) || now;
    } else if (order.status !== "ready" && !(order.status === "preparing" && this.more)) this.whenReady = null;
    const more = this.whenReady !== null && moreToCook(this.whenReady, order).length > 0;
    if (more && !this.more) this.moreAt = now;
    this.more = more;
  }
}
