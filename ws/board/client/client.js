// One display: keeps the queue of its kitchen, says whether it is live, and comes back by itself.
import { Backoff } from "./backoff.js";
import { deviceClock, ServerClock } from "./clock.js";
import { Connection } from "./connection.js";
import { byAge } from "./order.js";
import { Queue } from "./queue.js";
import { KitchenError, Requests } from "./requests.js";
import { DEAD_MS, stateOf } from "./state.js";
import { Token } from "./token.js";

/** @typedef {import("./clock.js").Clock} Clock */
/** @typedef {import("./order.js").Order} Order */
/** @typedef {import("./order.js").Status} Status */
/** @typedef {import("./queue.js").Change} Change */
/** @typedef {import("./state.js").State} State */
/**
 * @typedef {object} Restaurant
 * @property {string} name
 * @property {string} timezone an IANA name
 * @property {number} warn_after_s
 * @property {number} late_after_s
 * @property {number} recall_window_s
 */
/** @typedef {"start"|"expiring"|"refused"} TokenReason */
/**
 * @typedef {object} Options
 * @property {string} restaurant its id
 * @property {(reason: TokenReason, refused: string|null) => string|null|Promise<string|null>} token asked for a token at
 *   the start, shortly before the current one expires (null: none yet, asks again), and after a refusal (null, or the
 *   same again: the client stops)
 * @property {string} [url] the server, by default the page's own: "https://kitchen.example"
 * @property {new (url: string, protocols: string[]) => WebSocket} [socket]
 * @property {Clock} [clock]
 */

const CONNECT_MS = 10_000; // from opening a socket to its first queue
const STEADY_MS = 5_000; // a connection that lasted this long starts the backoff anew
/** Node has had CustomEvent since 19 only. @type {typeof CustomEvent} */
const Told = globalThis.CustomEvent ?? class extends Event {
  /**
   * @param {string} name
   * @param {{detail: any}} init
   */
  constructor(name, { detail }) {
    super(name);
    this.detail = detail;
  }
};
const RECENT = "recent"; // the kind of request that lists of recent orders answer

/**
 * One display's connection to its kitchen. Events: `change` (detail: {@link Change}), `state` (detail: {@link State}),
 * `restaurant` (detail: {@link Restaurant}), `authenticated` (detail: {expires_at}), `refused` (detail: {code, reason};
 * the client has stopped) and `problem` (detail: {@link KitchenError}, an error that answers no request).
 */
export class KitchenClient extends EventTarget {
  /** @type {Restaurant|null} */
  restaurant = null;
  /** @type {State} */
  state;

  /** @param {Options} options */
  constructor(options) {
    super();
    this.options = options;
    this.clock = options.clock ?? deviceClock;
    this.state = { name: "offline", reason: "stopped", code: 0, since: this.clock.now() };
    this.queue = new Queue();
    this.serverClock = new ServerClock(this.clock);
    this.requests = new Requests(this.clock);
    this.backoff = new Backoff(() => this.clock.random());
    /** @type {Token|null} */
    this.token = null;
    this.asking = false; // for a token
    this.running = false;
    this.refused = false;
    /** @type {any} */
    this.retry = null; // the timer of the next attempt
    /** @type {any} */
    this.ticker = null;
    /** @type {Connection|null} */
    this.connection = null;
    /** How the last connection ended. @type {{reason: State["reason"], code: number}} */
    this.ended = { reason: "connecting", code: 0 };
    this.lastLive = this.clock.now();
    this.wake = () => this.hurry();
    this.shown = () => document.visibilityState === "visible" && this.hurry();
  }

  /** Connects, and from then on stays connected until {@link stop} or a refusal. */
  start() {
    if (this.running) return;
    this.running = true;
    this.refused = false;
    this.backoff.reset();
    this.lastLive = this.clock.now();
    globalThis.addEventListener?.("online", this.wake);
    globalThis.addEventListener?.("pageshow", this.wake);
    globalThis.document?.addEventListener("visibilitychange", this.shown);
    this.ticker = this.clock.setTimeout(() => this.tick(), 1000);
    this.connect();
  }

  /** Disconnects. The queue stays readable. */
  stop() {
    this.running = false;
    this.clock.clearTimeout(this.ticker);
    this.clock.clearTimeout(this.retry);
    this.retry = null;
    globalThis.removeEventListener?.("online", this.wake);
    globalThis.removeEventListener?.("pageshow", this.wake);
    globalThis.document?.removeEventListener("visibilitychange", this.shown);
    this.drop();
    this.report();
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

  /** Where the token ends soon and no new one has come: in how many milliseconds. @returns {number|null} */
  tokenEndsIn() {
    const now = this.serverNow();
    const { expires = Infinity, renewAt = Infinity } = this.token ?? {};
    return now >= renewAt ? expires - now : null;
  }

  /**
   * Asks for a new status of an order that the page has seen at this version. Resolves with the server's answer; rejects
   * with a {@link KitchenError}: at once with "offline" where the feed is not live, and with "offline" or "timeout"
   * where no answer came, which leaves open whether it happened: the queue will tell.
   * @param {string} orderId
   * @param {Status} status
   * @param {number} [version]
   * @returns {Promise<{order_id: string, status: Status, version: number}>}
   */
  updateStatus(orderId, status, version) {
    const request_id = this.requests.newId("");
    return this.request(request_id, { type: "update_status", request_id, order_id: orderId, status, version });
  }

  /**
   * The orders that left the queue within the recall window, newest first, at most 50. May be asked while the feed is not
   * live, once there is a queue: to know what became of orders that a node which has just started does not list.
   * @returns {Promise<Order[]>}
   */
  listRecent() {
    return this.request(this.requests.newId(RECENT), { type: "list_recent" }, this.connection?.queued === true);
  }

  /**
   * Takes a fresh token: renews in-band where there is a connection, and starts again where the old one was refused.
   * @param {string} token
   */
  renew(token) {
    this.setToken(token);
    if (this.connection?.queued) this.connection.send({ type: "authenticate", token });
    else if (!this.running) this.start();
    else if (!this.connection) this.hurry();
  }

  // --- the connection ---

  async connect() {
    this.clock.clearTimeout(this.retry);
    this.retry = null;
    if (!this.running || this.connection || this.asking) return;
    if (!this.token || this.token.expires <= this.serverNow()) {
      const token = await this.ask(this.token ? "expiring" : "start");
      if (!this.running || this.connection) return;
      if (token) this.setToken(token);
      else if (!this.token) return this.refuse(4001, "no token");
    }
    this.report();
    const base = this.options.url ?? location.origin;
    const url = `${base.replace(/^http/, "ws").replace(/\/$/, "")}/ws/kitchen/${this.options.restaurant}/`;
    const protocols = ["kitchen.v1", `bearer.${this.token?.text}`];
    try {
      this.connection = new Connection(this, new (this.options.socket ?? WebSocket)(url, protocols));
    } catch {
      this.closed(null, 0, ""); // a token with characters that no subprotocol may have
    }
  }

  /** Forgets the connection without waiting for its close: a half-open one might never tell. */
  drop() {
    const connection = this.connection;
    this.connection = null;
    connection?.abandon();
    this.requests.lose();
  }

  /**
   * @param {Connection|null} connection
   * @param {number} code
   * @param {string} reason
   */
  closed(connection, code, reason) {
    if (connection !== this.connection) return;
    if (connection?.queued && this.clock.now() - connection.openedAt > STEADY_MS) this.backoff.reset();
    this.drop();
    this.ended = { reason: code === 4029 ? "busy" : "closed", code };
    if (code === 4003) return this.refuse(code, reason);
    if (code === 4001) return void this.replaceToken(code, reason, Boolean(connection?.queued));
    this.again();
  }

  /** Plans the next attempt. */
  again() {
    this.clock.clearTimeout(this.retry);
    this.retry = this.clock.setTimeout(() => this.connect(), this.backoff.next(this.ended.reason === "busy"));
    this.report();
  }

  /** Something suggests that now is a good time: the network came back, or somebody looks again. */
  hurry() {
    if (!this.running) return;
    this.check();
    if (!this.connection) this.connect();
  }

  /** Once a second: is the socket alive, are answers overdue, does the token end? */
  tick() {
    this.ticker = this.clock.setTimeout(() => this.tick(), 1000);
    this.check();
    this.requests.expire();
    if (this.connection?.queued && this.token?.due(this.serverNow(), this.clock.now())) this.askRenewal();
  }

  /** The watchdog. */
  check() {
    const c = this.connection;
    if (c && (c.silence() >= DEAD_MS || (!c.queued && this.clock.now() - c.openedAt >= CONNECT_MS))) {
      this.drop();
      this.ended = { reason: "silent", code: 0 };
      this.again();
    }
    this.report();
  }

  // --- the token ---

  /** @param {string} token */
  setToken(token) {
    this.token = new Token(token, this.serverNow());
    this.refused = false;
  }

  /** @param {TokenReason} reason */
  async ask(reason) {
    this.asking = true;
    if (this.token) this.token.askedAt = this.clock.now();
    try {
      return (await this.options.token(reason, this.token?.text ?? null)) || null;
    } catch {
      return null;
    } finally {
      this.asking = false;
    }
  }

  async askRenewal() {
    if (this.asking) return;
    const token = await this.ask("expiring");
    if (token && token !== this.token?.text && this.running) this.renew(token);
  }

  /**
   * @param {number} code
   * @param {string} reason
   * @param {boolean} worked the refused token had been good until now
   */
  async replaceToken(code, reason, worked) {
    const old = this.token?.text;
    this.report();
    const token = await this.ask("refused");
    if (!this.running || this.connection) return;
    if (!token || token === old) return this.refuse(code, reason);
    this.setToken(token);
    if (worked) this.backoff.reset();
    this.again();
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  refuse(code, reason) {
    this.refused = true;
    this.ended.code = code;
    this.stop();
    this.emit("refused", { code, reason });
  }

  /**
   * @param {string} id
   * @param {object} message
   * @param {boolean} may what changes orders needs a live feed, what only reads them a connection
   * @returns {Promise<any>}
   */
  request(id, message, may = this.state.name === "live") {
    if (!may || !this.connection) {
      return Promise.reject(new KitchenError({ code: "offline", message: "the feed is not live" }));
    }
    const answer = this.requests.wait(id);
    this.connection.send(message);
    return answer;
  }

  /**
   * What a connection hears.
   * @param {Connection} connection
   * @param {any} m a message of the protocol; of an unknown type: from a newer server, and not for this client
   */
  heard(connection, m) {
    if (m.server_time) this.serverClock.learn(Date.parse(m.server_time));
    if (typeof m.live === "boolean") connection.live = m.live;
    switch (m.type) {
      case "initial_queue":
        connection.queued = true;
        this.token?.plan(this.serverNow()); // now that the server's time is known
        this.restaurant = m.restaurant;
        this.emit("restaurant", m.restaurant);
        this.emit("change", this.queue.replace(m.orders));
        break;
      case "order_created":
      case "order_updated":
        this.changed(this.queue.fold(m.order, m.type === "order_created"), m.by);
        break;
      case "order_status_changed":
        this.changed(this.queue.move(m), m.by);
        break;
      case "order_deleted":
        this.changed(this.queue.remove(m.order_id, "deleted"), m.by);
        break;
      case "ack":
        this.requests.answer(m.request_id, m);
        break;
      case "recent_orders":
        this.requests.answerAll(RECENT, m.orders);
        break;
      case "authenticated":
        if (this.token) this.token.expires = Date.parse(m.expires_at);
        this.token?.plan(this.serverNow());
        this.emit("authenticated", { expires_at: m.expires_at });
        break;
      case "error": {
        const error = new KitchenError(m);
        if (!m.request_id || !this.requests.answer(m.request_id, error)) this.emit("problem", error);
      }
    }
    this.report();
  }

  /**
   * @param {Change|null} change
   * @param {string} [by]
   */
  changed(change, by = "") {
    if (change) this.emit("change", { ...change, by });
  }

  /** Tells the state where it is another one. */
  report() {
    const { running, refused, hadQueue: had, ended } = this;
    const now = stateOf({ running, refused, had, ...ended }, this.connection);
    if (now.name === "live" && this.connection) this.lastLive = this.connection.heardNow;
    const old = this.state;
    const same = now.name === old.name && now.reason === old.reason && now.code === old.code;
    if (same && now.name !== "live") return;
    this.state = { ...now, since: this.lastLive };
    if (!same) this.emit("state", this.state);
  }

  /**
   * @param {string} name
   * @param {any} detail
   */
  emit(name, detail) {
    this.dispatchEvent(new Told(name, { detail }));
  }
}
