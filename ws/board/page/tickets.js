// The tickets on this screen: the client's queue, and what only this screen knows of it: what nobody has touched yet, what
// changed since, what a cook just did and the server has not confirmed, and what has left but must still be seen.
import { byAge } from "../client/index.js";
import { sameContent } from "./rows.js";

/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("../client/order.js").Status} Status */
/** @typedef {import("../client/queue.js").Change} Change */

/** How long a finished ticket keeps its place, with a way back on it. */
export const UNDO_MS = 5000;

export class Ticket {
  /** @param {Order} order */
  constructor(order) {
    this.order = order;
    this.fresh = false; // new, and nobody has touched it
    /** The order as it was last touched, where it changed since. @type {Order|null} */
    this.seen = null;
    this.by = ""; // who made what a cook must see of it: a change since it was touched, or its end
    /** Left without being done: stays, struck out, until touched. @type {""|"cancelled"|"deleted"} */
    this.gone = "";
    /** What a cook asked for and the server has not yet told everybody. @type {Status|null} */
    this.asked = null;
    this.askedAt = -Infinity;
    this.waiting = false; // for the server's answer
    this.acked = 0; // the version that the server's last answer named; its event may come later
    this.asks = 0; // how often the server was asked
    /** What it answered last: the new version, null for a no. @type {Promise<number|null>} */
    this.answer = Promise.resolve(null);
    /** The status that the buttons still speak of, after a finger has moved it on. @type {{status: Status, until: number}|null} */
    this.held = null;
    this.doneAt = 0; // by the steady clock, when this screen finished it; 0: it did not
    this.left = false; // it is no longer in the queue
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

  /** The version that this screen has seen. */
  get version() {
    return Math.max(this.order.version, this.acked);
  }

  /** The status whose next step the buttons name. @returns {Status} */
  get named() {
    return this.held?.status ?? this.status;
  }

  /** It is finished, keeps its place for the time of an undo, and is no longer a ticket to work on. */
  get finished() {
    return !this.gone && this.status === "completed";
  }
}

export class Tickets {
  /** @param {() => number} now the steady clock, milliseconds */
  constructor(now) {
    this.now = now;
    /** @type {Map<string, Ticket>} */
    this.all = new Map();
  }

  /** Oldest first, whatever their state. */
  list() {
    return [...this.all.values()].sort((a, b) => byAge(a.order, b.order));
  }

  /** Those that are open, as the server or this screen knows them. */
  open() {
    return this.list().filter((t) => !t.gone && !t.finished);
  }

  /** @param {string|null} id */
  get(id) {
    return id === null ? undefined : this.all.get(id);
  }

  /**
   * Folds a change of the client's queue in, and tells what deserves a sound.
   * @param {Change} change
   * @returns {("new"|"changed"|"void")[]}
   */
  apply(change) {
    /** @type {Set<"new"|"changed"|"void">} */
    const sounds = new Set();
    if (change.snapshot) for (const t of this.all.values()) t.acked = 0; // the database may have gone back
    for (const order of change.created) {
      this.put(order).fresh = !change.first;
      if (!change.first) sounds.add("new");
    }
    for (const order of change.returned) {
      const own = this.all.get(order.id);
      const ours = Boolean(own && !own.gone);
      this.put(order).fresh = !ours;
      if (!ours) sounds.add("changed");
    }
    for (const { before, order } of change.changed) {
      const ticket = this.put(order);
      if (sameContent(before, order)) continue;
      ticket.seen ??= before;
      ticket.by = change.by;
      if (sameContent(ticket.seen, order)) ticket.seen = null; // it was changed back
      sounds.add("changed");
    }
    for (const { order, status } of change.gone) {
      const ticket = this.all.get(order.id);
      if (!ticket) continue;
      ticket.left = true;
      if (status === "cancelled" || status === "deleted") {
        this.strike(ticket, status);
        ticket.by = change.by;
        sounds.add("void");
      } else if (!ticket.doneAt && !ticket.waiting) this.all.delete(order.id);
    }
    if (change.snapshot) {
      // A whole queue is the truth, also about what was being brought back when the connection went.
      for (const t of this.all.values()) if (t.left && !t.gone && !t.doneAt && !t.waiting) this.all.delete(t.id);
    }
    return [...sounds];
  }

  /** @param {Order} order */
  put(order) {
    let ticket = this.all.get(order.id);
    if (!ticket) this.all.set(order.id, (ticket = new Ticket(order)));
    ticket.order = order;
    ticket.left = false;
    ticket.gone = "";
    ticket.edition++;
    if (!ticket.waiting && order.version >= ticket.acked) this.settle(ticket);
    return ticket;
  }

  /**
   * An order that is gone for a reason that a cook must see.
   * @param {Ticket} ticket
   * @param {"cancelled"|"deleted"} gone
   */
  strike(ticket, gone) {
    this.all.set(ticket.id, ticket);
    ticket.gone = gone;
    ticket.left = true;
    ticket.edition++;
    this.settle(ticket);
  }

  /**
   * Nothing is asked any more: the ticket shows what the server says.
   * @param {Ticket} ticket
   */
  settle(ticket) {
    ticket.asked = null;
    ticket.waiting = false;
    ticket.doneAt = 0;
  }

  /**
   * A cook has seen it. A struck out ticket leaves.
   * @param {string} id
   */
  touch(id) {
    const ticket = this.all.get(id);
    if (!ticket) return;
    if (ticket.gone) this.all.delete(id);
    if (ticket.seen) ticket.edition++;
    ticket.fresh = false;
    ticket.seen = null;
  }

  /** Lets go what has been kept for long enough. */
  expire() {
    for (const t of this.all.values()) {
      if (t.held && this.now() >= t.held.until) t.held = null;
      const since = t.doneAt || (t.asked ? t.askedAt : Infinity);
      if (t.waiting || this.now() - since < UNDO_MS) continue;
      // Long finished, or answered: by now the queue knows better.
      if (t.left) this.all.delete(t.id);
      else this.settle(t);
    }
  }
}
