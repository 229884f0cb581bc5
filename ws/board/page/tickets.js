// The tickets on this screen: those of the client's queue, and those that have left it but must still be seen.
import { byAge } from "../client/index.js";
import { onlyAdds, sameContent } from "./content.js";
import { Here } from "./here.js";
import { cameHere, noteFired, setView } from "./here_changes.js";
import { schedule } from "./scheduled.js";
import { Ticket, UNDO_MS } from "./ticket.js";

/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("../client/queue.js").Change} Change */
/** A sound, and the ticket that it is about. @typedef {{chime: import("./sound.js").Chime, id: string}} Ring */

/** NEW ends by itself after this long, on a screen that nobody touches. */
export const NEW_MS = 120_000;
/** Tills write an order and its lines in several transactions: what only adds within this time is part of its coming. */
export const ARRIVAL_MS = 10_000;
/** A struck out ticket that a cook has touched leaves its place after this long. */
export const ASIDE_MS = 60_000;

export class Tickets {
  /**
   * @param {() => number} now the monotonic clock, milliseconds
   * @param {() => number} serverNow the server's clock, milliseconds since 1970
   */
  constructor(now, serverNow) {
    this.now = now;
    this.serverNow = serverNow;
    /** @type {Map<string, Ticket>} */
    this.all = new Map();
    this.here = new Here();
  }

  /**
   * Takes the restaurant's stations, what this screen shows of them, and the screens that are connected.
   * @param {import("./here.js").Station[]} stations of the restaurant
   * @param {import("./here.js").View} view
   * @param {import("./here.js").Screens} screens
   * @returns {Ring[]} sounds for lines that come here because another screen was closed
   */
  look(stations, view, screens) {
    return setView(this, stations, view, screens);
  }

  /** The tickets on this screen, in any state, oldest first. */
  list() {
    return [...this.all.values()].filter((t) => t.isHere).sort((a, b) => byAge(a.order, b.order));
  }

  /** The tickets on this screen that are open. */
  open() {
    return this.list().filter((t) => !t.gone && !t.finished);
  }

  /** Orders whose part here is done while other stations go on; the newest first. */
  finishedHere() {
    if (this.here.mode !== "station") return [];
    const done = [...this.all.values()].filter((t) => !t.isHere && t.shown.items.some((i) => !i.held && t.lineOf(i).at.length > 0));
    return done.map((t) => t.shown).sort((a, b) => byAge(b, a));
  }

  /** @param {string|null} id */
  get(id) {
    return id === null ? undefined : this.all.get(id);
  }

  /**
   * Applies a change of the client's queue.
   * @param {Change} change
   * @returns {Ring[]} the sounds to play
   */
  apply(change) {
    /** @type {Ring[]} */
    const rings = [];
    const ring = (/** @type {Ring["chime"]} */ chime, /** @type {string} */ id) => this.all.get(id)?.isHere && rings.push({ chime, id });
    if (change.snapshot) for (const t of this.all.values()) t.acked = 0; // the database may have gone back
    for (const order of change.created) {
      const ticket = this.put(order, change.snapshot);
      if (change.first) continue;
      ticket.fresh = true;
      ticket.cameAt = this.now();
      ring("new", order.id);
    }
    for (const order of change.returned) {
      const own = this.all.get(order.id);
      const ours = Boolean(own && !own.gone);
      this.put(order, change.snapshot); // recalled, and therefore not new
      if (!ours) ring("changed", order.id);
    }
    for (const { before, order } of change.changed) {
      const mine = this.all.get(order.id);
      const was = mine?.shows(mine.shown) ?? false;
      const here = (mine?.isHere && !mine.finished) ?? false;
      const ours = mine?.isWaiting ?? false;
      const asked = mine?.asked === order.status || ours;
      const ticket = this.put(order, change.snapshot);
      noteFired(ticket, before, this.now());
      if (!here && ticket.shows(ticket.shown)) {
        const chime = cameHere(ticket, before);
        if (chime === "new" && !ours) this.arrive(order.id);
        if (!ours) ring(chime, order.id);
        continue;
      }
      if (before.status !== order.status) {
        ticket.fresh = false;
        if (order.status === "ready" && !asked) ring("ready", order.id);
      }
      if (!was && !ticket.stays && !ticket.shows(order)) continue;
      if (sameContent(ticket.own(before), ticket.own(order)) || this.isArriving(ticket, before)) continue;
      ticket.seen ??= before;
      ticket.by = change.by;
      if (sameContent(ticket.own(ticket.seen), ticket.own(order))) ticket.seen = null; // it was changed back
      ring("changed", order.id);
    }
    for (const { order, status } of change.gone) {
      const ticket = this.all.get(order.id);
      if (!ticket) continue;
      ticket.left = true;
      const here = ticket.isHere;
      if ((status === "cancelled" || status === "deleted") && !here) this.all.delete(order.id);
      else if (status === "cancelled" || status === "deleted") {
        this.strike(ticket, status);
        ticket.by = change.by;
        ring("void", order.id);
      } else if (!ticket.doneAt && !ticket.waiting) this.all.delete(order.id);
    }
    if (change.snapshot) {
      // A whole queue is the truth, also about what was being brought back when the connection went.
      for (const t of this.all.values()) if (t.left && !t.gone && !t.doneAt && !t.waiting) this.all.delete(t.id);
    }
    return rings;
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
   * @param {boolean} [snapshot] it comes with a whole queue
   */
  put(order, snapshot = false) {
    let ticket = this.all.get(order.id);
    if (!ticket) this.all.set(order.id, (ticket = new Ticket(order, this.here)));
    ticket.update(order, this.serverNow(), snapshot);
    ticket.left = false;
    ticket.gone = "";
    ticket.asks.confirm(order.version);
    if (!ticket.waiting && order.version >= ticket.acked) this.showServerState(ticket);
    return ticket;
  }

  /**
   * Strikes a ticket out: its order was cancelled or deleted, which a cook must see.
   * @param {Ticket} ticket
   * @param {"cancelled"|"deleted"} gone
   */
  strike(ticket, gone) {
    this.all.set(ticket.id, ticket);
    ticket.gone = gone;
    ticket.goneSeenAt = Infinity;
    ticket.left = true;
    ticket.edition++;
    this.showServerState(ticket);
  }

  /**
   * Shows the order as the server has it: what was asked for is forgotten.
   * @param {Ticket} ticket
   */
  showServerState(ticket) {
    ticket.asked = null;
    ticket.waiting = false;
    ticket.doneAt = 0;
  }

  /**
   * A cook touched it, and so has seen it. A struck out ticket leaves some time later.
   * @param {string} id
   */
  touch(id) {
    const ticket = this.all.get(id);
    if (!ticket) return;
    if (ticket.gone) ticket.goneSeenAt = Math.min(ticket.goneSeenAt, this.now());
    if (ticket.seen || ticket.arrived.size) ticket.edition++;
    ticket.arrived.clear();
    ticket.says = null;
    ticket.blocked = null;
    ticket.touched = true;
    ticket.fresh = false;
    ticket.seen = null;
  }

  /**
   * Work at scheduled orders begins: they are new to a cook.
   * @param {number} lead how long before they are due, milliseconds
   * @returns {Ring[]}
   */
  begin(lead) {
    return schedule([...this.all.values()], lead, this.serverNow()).flatMap((ticket) => {
      this.arrive(ticket.id);
      return ticket.isHere ? [{ chime: /** @type {const} */ ("new"), id: ticket.id }] : [];
    });
  }

  /** It is new to the cooks at this screen. @param {string} id */
  arrive(id) {
    const ticket = this.all.get(id);
    if (ticket) Object.assign(ticket, { fresh: true, touched: false, cameAt: this.now() });
  }

  /** Removes what was kept for a limited time. @returns {Ticket[]} struck out tickets that were removed */
  expire() {
    const aside = [...this.all.values()].filter((t) => t.gone && this.now() - t.goneSeenAt >= ASIDE_MS);
    for (const t of aside) this.all.delete(t.id);
    for (const t of this.all.values()) {
      if (t.fresh && this.now() - t.cameAt >= NEW_MS) t.fresh = false;
      if (t.held && this.now() >= t.held.until) t.held = null;
      t.forget(this.now());
      const since = t.doneAt || (t.asked ? t.askedAt : Infinity);
      if (t.waiting || this.now() - since < UNDO_MS) continue;
      // Finished or answered long ago: the queue is newer.
      if (t.left) this.all.delete(t.id);
      else this.showServerState(t);
    }
    return aside;
  }
}
