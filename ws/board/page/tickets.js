// The tickets on this screen: the client's queue, and what only this screen knows of it: what nobody has touched yet, what
// changed since, what a cook just did and the server has not confirmed, and what has left but must still be seen.
import { byAge } from "../client/index.js";
import { moreToCook, onlyAdds, sameContent } from "./content.js";

/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("../client/order.js").Status} Status */
/** @typedef {import("../client/queue.js").Change} Change */

/** @typedef {"new"|"changed"|"void"|"ready"} News what deserves a sound */
/** What a cook has to do next: a status, or reopened where food was added to a ready ticket. @typedef {Status|"reopened"} Stage */

/** NEW ends by itself after this long, on a screen that nobody touches. */
export const NEW_MS = 120_000;
/** Tills write an order and its lines in several transactions: what only adds within this time is part of its coming. */
export const ARRIVAL_MS = 10_000;
/** How long a finished ticket keeps its place, with a way back on it. */
export const UNDO_MS = 5000;

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
}

export class Tickets {
  /**
   * @param {() => number} now the steady clock, milliseconds
   * @param {() => number} serverNow the server's clock, milliseconds since 1970
   */
  constructor(now, serverNow) {
    this.now = now;
    this.serverNow = serverNow;
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
   * @returns {{news: News, id: string}[]}
   */
  apply(change) {
    /** @type {{news: News, id: string}[]} */
    const heard = [];
    const tell = (/** @type {News} */ news, /** @type {string} */ id) => heard.push({ news, id });
    if (change.snapshot) for (const t of this.all.values()) t.acked = 0; // the database may have gone back
    for (const order of change.created) {
      const ticket = this.put(order, change.snapshot);
      if (change.first) continue;
      ticket.fresh = true;
      ticket.cameAt = this.now();
      tell("new", order.id);
    }
    for (const order of change.returned) {
      const own = this.all.get(order.id);
      const ours = Boolean(own && !own.gone);
      this.put(order, change.snapshot); // recalled, and therefore not new
      if (!ours) tell("changed", order.id);
    }
    for (const { before, order } of change.changed) {
      const mine = this.all.get(order.id);
      const asked = mine?.asked === order.status || (mine?.waiting ?? false);
      const ticket = this.put(order, change.snapshot);
      if (before.status !== order.status) {
        ticket.fresh = false;
        if (order.status === "ready" && !asked) tell("ready", order.id);
      }
      if (sameContent(before, order) || this.isArriving(ticket, before)) continue;
      ticket.seen ??= before;
      ticket.by = change.by;
      if (sameContent(ticket.seen, order)) ticket.seen = null; // it was changed back
      tell("changed", order.id);
    }
    for (const { order, status } of change.gone) {
      const ticket = this.all.get(order.id);
      if (!ticket) continue;
      ticket.left = true;
      if (status === "cancelled" || status === "deleted") {
        this.strike(ticket, status);
        ticket.by = change.by;
        tell("void", order.id);
      } else if (!ticket.doneAt && !ticket.waiting) this.all.delete(order.id);
    }
    if (change.snapshot) {
      // A whole queue is the truth, also about what was being brought back when the connection went.
      for (const t of this.all.values()) if (t.left && !t.gone && !t.doneAt && !t.waiting) this.all.delete(t.id);
    }
    return heard;
  }

  /**
   * Whether a change is only the rest of a new order that nobody has looked at yet.
   * @param {Ticket} ticket
   * @param {Order} before
   */
  isArriving(ticket, before) {
    if (ticket.touched || ticket.seen) return false;
    const soon = ticket.fresh && this.now() - ticket.cameAt < ARRIVAL_MS;
    const first = before.items.length === 0 && ticket.order.items.length > 0;
    return (soon || first) && onlyAdds(before, ticket.order);
  }

  /**
   * @param {Order} order
   * @param {boolean} [old] it comes with a whole queue: how it stands is no news
   */
  put(order, old = false) {
    let ticket = this.all.get(order.id);
    const was = ticket?.order.status;
    if (!ticket) this.all.set(order.id, (ticket = new Ticket(order)));
    ticket.order = order;
    ticket.left = false;
    ticket.gone = "";
    ticket.edition++;
    this.lookForMore(ticket, was, old);
    if (!ticket.waiting && order.version >= ticket.acked) this.settle(ticket);
    return ticket;
  }

  /**
   * Food that was added to a ready order is not ready, whatever its status says.
   * @param {Ticket} ticket
   * @param {Status|undefined} was
   * @param {boolean} old
   */
  lookForMore(ticket, was, old) {
    const { order } = ticket;
    const now = this.serverNow();
    if (order.status === "ready" && was !== "ready") {
      ticket.whenReady = ticket.takenBack ?? order;
      ticket.takenBack = null;
      ticket.readyAt = (old && Date.parse(order.updated_at)) || now;
    } else if (order.status !== "ready" && !(order.status === "preparing" && ticket.more)) ticket.whenReady = null;
    const more = ticket.whenReady !== null && moreToCook(ticket.whenReady, order).length > 0;
    if (more && !ticket.more) ticket.moreAt = now;
    ticket.more = more;
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
    ticket.touched = true;
    ticket.fresh = false;
    ticket.seen = null;
  }

  /** Lets go what has been kept for long enough. */
  expire() {
    for (const t of this.all.values()) {
      if (t.fresh && this.now() - t.cameAt >= NEW_MS) t.fresh = false;
      if (t.held && this.now() >= t.held.until) t.held = null;
      const since = t.doneAt || (t.asked ? t.askedAt : Infinity);
      if (t.waiting || this.now() - since < UNDO_MS) continue;
      // Long finished, or answered: by now the queue knows better.
      if (t.left) this.all.delete(t.id);
      else this.settle(t);
    }
  }
}
