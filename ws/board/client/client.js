// One display: keeps the queue of its kitchen, says whether it is live, and comes back by itself.
import { deviceClock, ServerClock } from "./clock.js";
import { DetailEvent } from "./detail_event.js";
import { Device } from "./device.js";
import { Link } from "./link.js";
import { receive } from "./messages.js";
import { byAge } from "./order.js";
import { Queue } from "./queue.js";
import { KitchenError, Requests } from "./requests.js";
import { sendSeen } from "./seen.js";
import { Shown } from "./shown.js";
import { stateOf } from "./state.js";

/** @typedef {import("./clock.js").Clock} Clock */
/** @typedef {import("./order.js").Order} Order */
/** @typedef {import("./order.js").Restaurant} Restaurant */
/** @typedef {import("./order.js").Status} Status */
/** @typedef {import("./queue.js").Change} Change */
/** @typedef {import("./shown.js").Screens} Screens */
/** @typedef {import("./state.js").State} State */
/** @typedef {import("./credential.js").Refusal} Refusal */
/** @typedef {"start"|"expiring"|"refused"} TokenReason */
/**
 * @typedef {object} Options
 * @property {string} restaurant its id, of whatever kind
 * @property {(reason: TokenReason, refused: string|null) => string|null|Promise<string|null>} token asked for a token at
 *   the start, before the current one expires (null: none yet, asks again), and after a refusal (null, or the same again: the
 *   client stops). Where it throws, or rejects, it is asked again later
 * @property {string} [url] the server, with the path of a proxy if it has one: "https://kitchen.example/kds"; by default the
 *   host of the page
 * @property {boolean} [pickup] a pick-up screen: it gets `pickup` events, and no order
 * @property {new (url: string, protocols: string[]) => WebSocket} [socket]
 * @property {Clock} [clock]
 */

/**
 * One display's connection to its kitchen. Events: `change` (detail: {@link Change}), `state` (detail: {@link State}),
 * `restaurant` (detail: {@link Restaurant}), `screens` (detail: {@link Screens}), `pickup` (detail: a `pickup_queue` of the protocol, on a pick-up screen), `alarms` (detail: {alarms, first}: those that are on, and whether they came with a whole queue), `authenticated` (detail: {expires_at}), `refused` (detail: {@link Refusal}; the
 * client has stopped) and `problem` (detail: {@link KitchenError}: an error that answers no request, or why a token that was
 * brought was not taken).
 */
export class KitchenClient extends EventTarget {
  /** @type {Restaurant|null} */
  restaurant = null;
  /** How many orders, the oldest, are open and not in the queue, because it has a bound. */
  omitted = 0;
  /** Which screens there are, in all of the restaurant; null while nobody has said, as before the first queue of a connection.
   * @type {Screens|null} */
  screens = null;
  /** The alarms that are on about orders that nobody has seen, as the server said last. @type {import("./seen.js").Alarm[]} */
  alarms = [];
  /** @type {State} */
  state;

  /** @param {Options} options */
  constructor(options) {
    super();
    this.clock = options.clock ?? deviceClock;
    this.state = { name: "offline", reason: "stopped", code: 0, word: "", since: this.clock.now() };
    this.queue = new Queue();
    this.serverClock = new ServerClock(this.clock);
    this.requests = new Requests(this.clock);
    this.link = new Link(options, this.clock, () => this.serverNow(), {
      receive: (connection, message) => receive(this, connection, message),
      lost: () => this.lose(),
      report: () => this.report(),
      refused: (refusal) => this.refuse(refusal),
      problem: (error) => this.emit("problem", error),
    });
    this.refused = false;
    /** @type {any} */
    this.ticker = null;
    this.lastLive = this.clock.now();
    this.device = new Device(this.link);
    this.shown = new Shown();
  }

  /** Connects, and from then on stays connected until {@link stop} or a refusal. */
  start() {
    if (this.link.running) return;
    this.refused = false;
    if (!this.hadQueue) this.lastLive = this.clock.now();
    this.device.listen();
    this.ticker = this.clock.setTimeout(() => this.tick(), 1000);
    this.link.start();
  }

  /** Disconnects. The queue stays readable. */
  stop() {
    this.clock.clearTimeout(this.ticker);
    this.device.leave();
    this.link.stop();
    this.report();
  }

  /** Disconnects, and keeps neither a token nor an order. */
  forget() {
    this.stop();
    this.link.credential.forget();
    this.queue = new Queue();
    this.restaurant = null;
    this.omitted = 0;
  }

  /**
   * Begins with a queue that the page kept from an earlier run: shown as not live until the server sends its own, which then
   * says what has happened since.
   * @param {{restaurant: Restaurant, orders: Order[], omitted?: number, age: number}} kept age: milliseconds since it was live
   */
  restore({ restaurant, orders, omitted = 0, age }) {
    if (this.hadQueue) return;
    this.restaurant = restaurant;
    this.omitted = omitted;
    this.lastLive = this.clock.now() - Math.max(0, age);
    this.state = { ...this.state, since: this.lastLive };
    this.emit("restaurant", restaurant);
    this.emit("change", this.queue.replace(orders));
  }

  /** The open orders, oldest first. @returns {Order[]} */
  orders() {
    return [...this.queue.orders.values()].sort(byAge);
  }

  /** An open order. @param {string} id @returns {Order|undefined} */
  order(id) {
    return this.queue.orders.get(id);
  }

  /** Whether a whole queue ever came: before that, no orders only means that nothing is known. */
  get hadQueue() {
    return this.queue.had;
  }

  /** The server's time in milliseconds since 1970, learned from its messages, however wrong the device's clock is. */
  serverNow() {
    return this.serverClock.now();
  }

  /** In how many milliseconds the token ends; null where it does not say, or there is none. @returns {number|null} */
  tokenEndsIn() {
    const expires = this.link.credential.current?.expires ?? Infinity;
    return expires === Infinity ? null : expires - this.serverNow();
  }

  /**
   * Asks for a new status of an order that the page has seen at this version. Resolves with the server's answer; rejects
   * with a {@link KitchenError}: at once with "offline" where the feed is not live, and with "offline" or "timeout"
   * where no answer came, which leaves open whether it happened: the queue will show it.
   * With force an order becomes ready, or completed, though stations still cook for it; without, that is "not_ready", and the error's
   * `waiting` says who.
   * @param {string} orderId
   * @param {Status} status
   * @param {number} [version]
   * @param {{force?: boolean}} [how]
   * @returns {Promise<{order_id: string, status: Status, version: number}>}
   */
  updateStatus(orderId, status, version, { force } = {}) {
    return this.request({ type: "update_status", order_id: orderId, status, version, force });
  }

  /**
   * Moves lines of an order at a station, and the order with them. Resolves with the order's status then; rejects like
   * {@link updateStatus}, with "conflict" where a line is neither at `from`, which is what the cook saw, nor at the new status.
   * @param {string} orderId
   * @param {"pending"|"preparing"|"ready"} status
   * @param {string|null} station its id; null for lines that have none
   * @param {{lines?: string[], from?: "pending"|"preparing"|"ready", reason?: string}} [which] without lines, all of the station that are
   *   not held; with a reason, the station sees why it makes them again
   * @returns {Promise<{order_id: string, status: Status, version: number}>}
   */
  updateLines(orderId, status, station, { lines, from, reason } = {}) {
    return this.request({ type: "update_lines", order_id: orderId, status, station, lines, from, reason });
  }

  /**
   * Has the held lines of a course cooked. Resolves and rejects like {@link updateLines}.
   * @param {string} orderId
   * @param {number} course
   * @returns {Promise<{order_id: string, status: Status, version: number}>}
   */
  fire(orderId, course) {
    return this.request({ type: "fire", order_id: orderId, course });
  }

  /**
   * Says which stations the page shows, now and after each reconnect, so that other screens know what nobody shows. A page that never
   * says it counts as one that shows everything. What the server says against it, such as a station that was deleted, is a `problem`.
   * @param {string[]|null} [stations] their ids; none, or null: everything
   */
  show(stations) {
    this.shown.stations = stations ?? null;
    const { connection } = this.link;
    if (connection?.queued) this.shown.send(connection);
  }

  /**
   * Says that the page has drawn versions of orders where somebody can see them, or that a hand has touched them first.
   * @param {import("./seen.js").SeenOrder[]} orders
   * @param {"painted"|"touched"} how
   * @returns {boolean} whether it could be sent: after a reconnect it has to be said again
   */
  seen(orders, how) {
    const { connection } = this.link;
    if (!connection?.queued) return false;
    sendSeen(connection, orders, how);
    return true;
  }

  /**
   * The orders that left the queue within the recall window, newest first, at most 50. May be asked while the feed is not
   * live, once there is a queue: to know what became of orders that a node which has just started does not list.
   * @returns {Promise<Order[]>}
   */
  async listRecent() {
    return (await this.request({ type: "list_recent" }, this.link.connection?.queued === true)).orders;
  }

  /**
   * Brings a fresh token. Where there is a connection it is tried over that one; where the old one was refused the client
   * starts again with it. Resolves when the server has taken it; rejects with a {@link KitchenError} where it has not
   * ("bad_token", "expired", "other_restaurant"…), and the old token stays in use.
   * @param {string} token
   * @returns {Promise<void>}
   */
  renew(token) {
    const { connection, credential } = this.link;
    if (connection?.queued && credential.current?.text === token && !credential.offer) return Promise.resolve();
    const taken = this.link.renewal.offer(token);
    if (!this.link.running) this.start();
    return taken;
  }

  /** Once a second. */
  tick() {
    this.ticker = this.clock.setTimeout(() => this.tick(), 1000);
    this.link.tick();
    this.requests.expire();
  }

  /** The connection is gone, and with it what it said of other screens. */
  lose() {
    this.requests.lose();
    this.screens = null;
  }

  /** @param {Refusal} refusal */
  refuse(refusal) {
    this.refused = true;
    this.link.ended = { reason: "refused", code: refusal.code, word: refusal.word };
    this.stop();
    this.emit("refused", refusal);
  }

  /**
   * @param {object} message
   * @param {boolean} may what changes orders needs a live feed, what only reads them a connection
   * @returns {Promise<any>}
   */
  request(message, may = this.state.name === "live") {
    const { connection } = this.link;
    if (!may || !connection) return Promise.reject(new KitchenError({ code: "offline", message: "the feed is not live" }));
    const { id, answer } = this.requests.add();
    connection.send({ ...message, request_id: id });
    return answer;
  }

  /** Emits the state where it is another one. */
  report() {
    const { link, refused, hadQueue: had } = this;
    const now = stateOf({ running: link.running, refused, had, ...link.ended }, link.connection);
    if (now.name === "live" && link.connection) this.lastLive = link.connection.lastAt;
    const old = this.state;
    const same = now.name === old.name && now.reason === old.reason && now.code === old.code && now.word === old.word;
    if (same && now.name !== "live") return;
    this.state = { ...now, since: this.lastLive };
    if (!same) this.emit("state", this.state);
  }

  /**
   * @param {string} name
   * @param {any} detail
   */
  emit(name, detail) {
    this.dispatchEvent(new DetailEvent(name, { detail }));
  }
}
