// One ticket on this screen: the order as the server sent it, and what only this screen knows of it.
import { moreToCook } from "./content.js";
import { Here } from "./here.js";
import { LineAsks } from "./line_asks.js";
import { lineOf, partOf, shows } from "./stations.js";

/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("../client/order.js").Status} Status */
/** What a cook has to do next: a status, or reopened where food was added to a ready ticket. @typedef {Status|"reopened"} Stage */
/** What the button of a station's part of a ticket asks for; waits: others still cook. @typedef {"preparing"|"ready"|"completed"|"waits"} Next */
/** Why the server refused to make the order ready or to serve it, and what a cook may insist on. @typedef {{to: Status, waiting: import("../client/requests.js").Waiting[], until: number}} Blocked */

/** How long a finished ticket keeps its place, with a way back on it. */
export const UNDO_MS = 5000;
/** A refusal is shown on its ticket for this long. */
export const SAID_MS = 10_000;
/** Fired lines are highlighted for this long. */
const FIRED_MS = 60_000;

export class Ticket {
  /**
   * @param {Order} order
   * @param {Here} [here] what this screen shows
   */
  constructor(order, here = new Here()) {
    this.order = order;
    this.here = here;
    this.asks = new LineAsks();
    /** The server's last answer to steps of lines: the new version, null for a refusal. @type {Promise<number|null>} */
    this.lineAnswer = Promise.resolve(null);
    /** The line that keys act on. @type {string|null} */
    this.line = null;
    /** Lines that were held until a moment ago, and since when, by the monotonic clock. @type {Map<string, number>} */
    this.fired = new Map();
    /** Lines that came to this screen because another one was closed, until a cook touches the ticket. @type {Set<string>} */
    this.arrived = new Set();
    /** The course that the server was asked to fire. @type {number|null} */
    this.firing = null;
    this.partDoneAt = 0; // by the monotonic clock, when this screen finished its part of it; 0: it did not
    /** Why the last press was refused, shown on the ticket. @type {{code: string, until: number}|null} */
    this.says = null;
    /** @type {Blocked|null} */
    this.blocked = null;
    this.computed = { key: "", order, shown: order, part: /** @type {import("./stations.js").Part|null} */ (null) };
    this.fresh = false; // new: nobody has touched it here or moved it anywhere, and it came a short while ago
    this.cameAt = -Infinity; // by the monotonic clock: when it became new
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
    this.goneSeenAt = Infinity; // by the monotonic clock, when a cook first touched it as struck out
    /** The status that a cook asked for, until the server's event brings it. @type {Status|null} */
    this.asked = null;
    this.askedAt = -Infinity;
    this.waiting = false; // for the server's answer
    this.acked = 0; // the version that the server's last answer named; its event may come later
    this.turns = 0; // how often the server was asked
    /** Its last answer: the new version, null for a refusal. @type {Promise<number|null>} */
    this.answer = Promise.resolve(null);
    /** The step that the buttons still name for a moment after a finger has moved the ticket on. @type {{stage: Stage, next: Next, until: number}|null} */
    this.held = null;
    this.doneAt = 0; // by the monotonic clock, when this screen finished it; 0: it did not
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

  /** The order with the steps of lines that were asked for, and this screen's part of it: null in a kitchen without stations. */
  get look() {
    const key = `${this.asks.edition} ${this.here.edition}`;
    if (this.computed.key !== key || this.computed.order !== this.order) {
      const shown = this.asks.over(this.order);
      const { mode, view, screens, stations } = this.here;
      this.computed = { key, order: this.order, shown, part: mode ? partOf(shown, view, screens, stations) : null };
    }
    return this.computed;
  }

  /** The order with the steps of lines that were asked for. */
  get shown() {
    return this.look.shown;
  }

  /** The part of it that this screen works on. */
  get part() {
    return this.look.part;
  }

  /** What the one button asks for, where the kitchen has stations. @returns {Next} */
  get next() {
    return this.part?.next ?? "waits";
  }

  /** Whether the next step takes it off this screen. */
  get leavesNext() {
    if (this.here.mode === "station") return this.next === "ready" || (this.next === "completed" && !this.hasHeld);
    return this.here.mode === "pass" ? this.next === "completed" && !this.hasHeld : this.stage === "ready";
  }

  /** Whether a course of it is held. */
  get hasHeld() {
    return this.order.items.some((i) => i.held);
  }

  /** The status of a line on this screen. @param {import("../client/order.js").Item} item */
  lineOf(item) {
    const { view, screens, stations } = this.here;
    return lineOf(item, view, screens, stations);
  }

  /** Whether this screen works on a line. @param {import("../client/order.js").Item} item */
  isOwn(item) {
    return this.here.mode !== "station" || this.lineOf(item).own;
  }

  /** An order without the lines of other stations. @param {Order} order @returns {Order} */
  own(order) {
    return this.here.mode === "station" ? { ...order, items: order.items.filter((i) => this.isOwn(i)) } : order;
  }

  /** Whether an edition of the order has something to do here. @param {Order} order */
  shows(order) {
    const { mode, view, screens, stations } = this.here;
    return mode !== "station" || shows(order, view, screens, stations);
  }

  /** Whether it stays on this screen though there is nothing to do here: it can be undone, or nobody has touched its change. */
  get stays() {
    return this.gone === "" && (this.seen !== null || this.finished || this.isWaiting);
  }

  /** Whether there is something to do here. */
  get hasWork() {
    return this.shows(this.shown);
  }

  /** Whether it is on this screen. */
  get isHere() {
    return this.stays || this.hasWork;
  }

  /** Whether an answer of the server is on its way. */
  get isWaiting() {
    return this.waiting || this.asks.waiting;
  }

  /** @returns {Stage} */
  get stage() {
    if (this.part && this.here.mode === "station" && !this.asked) return this.part.status;
    if (this.part && this.here.mode === "pass" && !this.asked && this.part.next === "completed") return "ready";
    return this.asked ?? (this.order.status === "ready" && this.more ? "reopened" : this.order.status);
  }

  /** The order as a cook last saw it, where it has changed since; else null. */
  get before() {
    return this.seen ?? (this.more ? this.whenReady : null);
  }

  /** Since when it is ready, by the server's clock. */
  get readySince() {
    return this.readyAt || Date.parse(this.order.created_at);
  }

  /** What its banner says: what a cook must see at once. @returns {""|"changed"|"cancelled"|"deleted"} */
  get banner() {
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
    return !this.gone && (this.status === "completed" || (this.partDoneAt > 0 && this.here.mode === "station" && this.part?.status === "ready"));
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
    // Where there are stations, the server says of each line whether it is ready.
    const more = !this.here.mode && this.whenReady !== null && moreToCook(this.whenReady, order).length > 0;
    if (more && !this.more) this.moreAt = now;
    this.more = more;
  }

  /**
   * Shows on the ticket who still cooks, or what is held, and offers to insist.
   * @param {Status} to
   * @param {import("../client/requests.js").Waiting[]} waiting
   * @param {number} now the monotonic clock
   */
  block(to, waiting, now) {
    this.blocked = { to, waiting, until: now + SAID_MS };
  }

  /** Ends what is shown or offered for a while only. @param {number} now the monotonic clock */
  forget(now) {
    for (const [line, at] of this.fired) {
      if (now - at < FIRED_MS) continue;
      this.fired.delete(line);
      this.edition++;
    }
    this.asks.expire(now - UNDO_MS);
    if (this.partDoneAt && now - this.partDoneAt >= UNDO_MS) this.partDoneAt = 0;
    if (this.says && now >= this.says.until) this.says = null;
    if (this.blocked && now >= this.blocked.until) this.blocked = null;
  }
}
