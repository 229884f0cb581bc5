/**
 * The browser client of a kitchen's feed. It needs nothing but a browser (or Node 22) and may be used by any page:
 *
 *     import { KitchenClient } from "/board/client.js";
 *     const client = new KitchenClient({ restaurant, token: () => myFreshToken() });
 *     client.addEventListener("change", (e) => show(client.orders(), e.detail));
 *     client.addEventListener("state", (e) => banner(e.detail.name));
 *     client.start();
 *
 * It keeps the open orders of one restaurant, says truthfully whether they are live, and never gives up on its own.
 * What an order is called here is what the server calls it; times are RFC 3339 strings in UTC.
 * @module
 */

/** @typedef {"pending"|"preparing"|"ready"|"completed"|"cancelled"} Status */
/** @typedef {{id: string|null, name: string}} Ref */
/** @typedef {{id: string, modifier_option: Ref, quantity: number}} Modifier */
/** @typedef {{id: string, menu_item: Ref, quantity: number, notes: string, modifiers: Modifier[]}} Item */
/**
 * @typedef {object} Order
 * @property {string} id
 * @property {string} restaurant_id
 * @property {number} order_number
 * @property {string} order_type dine_in, takeaway, delivery, or a word that this version does not know
 * @property {Status} status
 * @property {number} priority
 * @property {{id: string, label: string}|null} table
 * @property {{id: string, name: string}|null} created_by
 * @property {string} customer_name
 * @property {string} notes
 * @property {string} allergy_note
 * @property {string|null} promised_at
 * @property {boolean} recalled
 * @property {number} version
 * @property {string} created_at
 * @property {string} updated_at
 * @property {Item[]} items
 */
/**
 * @typedef {object} Restaurant
 * @property {string} name
 * @property {string} timezone an IANA name
 * @property {number} warn_after_s
 * @property {number} late_after_s
 * @property {number} recall_window_s
 */
/**
 * What differs between the queue before and after a message.
 * @typedef {object} Change
 * @property {boolean} first the very first queue: everything in it is `created`, and nothing of it is news
 * @property {boolean} snapshot a whole queue came, not an event: what is told here happened while the page was away
 * @property {Order[]} created new to the kitchen
 * @property {Order[]} returned had left the queue and came back (a recall)
 * @property {{before: Order, order: Order}[]} changed
 * @property {{order: Order, status: "completed"|"cancelled"|"deleted"|null}[]} gone null where a snapshot lacks the
 *   order without saying why; {@link KitchenClient#listRecent} may know
 */
/**
 * @typedef {object} State
 * @property {"live"|"stale"|"offline"} name stale: connected, but silent or told that the server's feed is deaf
 * @property {"live"|"connecting"|"silent"|"feed"|"closed"|"busy"|"refused"|"stopped"} reason
 * @property {number} code the close code behind it, 0 where there is none
 * @property {number} since when the feed was last known to be live, by `clock.now()`
 */
/** @typedef {"start"|"expiring"|"refused"} TokenReason */
/**
 * What the client knows of time and chance; a test gives its own.
 * @typedef {object} Clock
 * @property {() => number} now milliseconds that never go back
 * @property {() => number} date the device's idea of the time, milliseconds since 1970, often wrong
 * @property {(f: () => void, ms: number) => any} setTimeout
 * @property {(id: any) => void} clearTimeout
 * @property {() => number} random
 */
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

/** Nothing heard for this long means stale: two heartbeats and a little. */
export const STALE_MS = 12_000;
/** Nothing heard for this long means that the socket is dead, whatever it says of itself: it is replaced. */
export const DEAD_MS = 15_000;
const CONNECT_MS = 10_000; // from opening a socket to its first queue
const ANSWER_MS = 10_000; // a request without an answer
const BACKOFF_MS = 500; // doubled at each attempt, with full jitter,
const BACKOFF_MAX_MS = 10_000; // up to here
const BUSY_MAX_MS = 30_000; // or up to here where the server said that it is full
const STEADY_MS = 5_000; // a connection that lasted this long starts the backoff anew

/** Why the server, or the way to it, did not do what was asked. `code` is the protocol's, or "offline" or "timeout". */
export class KitchenError extends Error {
  /** @param {{code: string, message?: string, status?: Status, version?: number, order_id?: string}} answer */
  constructor(answer) {
    super(answer.message || answer.code);
    this.name = "KitchenError";
    this.code = answer.code;
    /** How the order stands, in a conflict. @type {Status|undefined} */
    this.status = answer.status;
    /** @type {number|undefined} */
    this.version = answer.version;
  }
}

/** @type {Clock} */
const deviceClock = {
  now: () => performance.now(),
  date: () => Date.now(),
  setTimeout: (f, ms) => setTimeout(f, ms),
  clearTimeout: (id) => clearTimeout(id),
  random: () => Math.random(),
};

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
    /** @type {Map<string, Order>} */
    this.queue = new Map();
    this.hadQueue = false; // ever
    /** @type {string|null} */
    this.token = null;
    this.running = false;
    this.refused = false;
    this.attempts = 0;
    /** @type {any} */
    this.retry = null; // the timer of the next attempt
    /** @type {any} */
    this.ticker = null;
    /** @type {Connection|null} */
    this.connection = null;
    /** @type {"connecting"|"closed"|"busy"|"silent"} */
    this.reason = "connecting";
    this.code = 0;
    this.lastLive = this.clock.now();
    this.asking = false; // for a token
    this.askedAt = -Infinity;
    this.expires = Infinity; // of the token, by the server's clock
    /** @type {number[]} */
    this.offsets = [];
    /** @type {Map<string, {resolve: (answer: any) => void, reject: (e: KitchenError) => void, deadline: number}>} */
    this.requests = new Map();
    this.lastRequest = 0;
    this.prefix = Math.floor(this.clock.random() * 0xffffffff).toString(36);
    this.wake = () => this.hurry();
    this.shown = () => document.visibilityState === "visible" && this.hurry();
  }

  /** Connects, and from then on stays connected until {@link stop} or a refusal. */
  start() {
    if (this.running) return;
    this.running = true;
    this.refused = false;
    this.attempts = 0;
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
    return [...this.queue.values()].sort(byAge);
  }

  /** The server's time in milliseconds since 1970, learned from its messages, however wrong the device's clock is. */
  serverNow() {
    return this.clock.date() + (this.offsets.length ? Math.max(...this.offsets) : 0);
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
    const request_id = `${this.prefix}-${++this.lastRequest}`;
    return this.request(request_id, { type: "update_status", request_id, order_id: orderId, status, version });
  }

  /**
   * The orders that left the queue within the recall window, newest first, at most 50. May be asked while the feed is not
   * live, once there is a queue: to know what became of orders that a node which has just started does not list.
   * @returns {Promise<Order[]>}
   */
  listRecent() {
    return this.request(`recent-${++this.lastRequest}`, { type: "list_recent" }, this.connection?.queued === true);
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
    if (!this.token || this.expires <= this.serverNow()) {
      const token = await this.ask(this.token ? "expiring" : "start");
      if (!this.running || this.connection) return;
      if (token) this.setToken(token);
      else if (!this.token) return this.refuse(4001, "no token");
    }
    this.report();
    const base = this.options.url ?? location.origin;
    const url = `${base.replace(/^http/, "ws").replace(/\/$/, "")}/ws/kitchen/${this.options.restaurant}/`;
    const protocols = ["kitchen.v1", `bearer.${this.token}`];
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
    for (const request of this.requests.values()) {
      request.reject(new KitchenError({ code: "offline", message: "the connection was lost before the answer" }));
    }
    this.requests.clear();
  }

  /**
   * @param {Connection|null} connection
   * @param {number} code
   * @param {string} reason
   */
  closed(connection, code, reason) {
    if (connection !== this.connection) return;
    const steady = connection?.queued && this.clock.now() - connection.openedAt > STEADY_MS;
    if (steady) this.attempts = 0;
    this.drop();
    this.code = code;
    this.reason = code === 4029 ? "busy" : "closed";
    if (code === 4003) return this.refuse(code, reason);
    if (code === 4001) return void this.replaceToken(code, reason, Boolean(connection?.queued));
    this.again(code);
  }

  /** Plans the next attempt, with full jitter, so that a whole street of displays does not come back at once. */
  again(code = 0) {
    const max = code === 4029 ? BUSY_MAX_MS : BACKOFF_MAX_MS;
    const base = code === 4029 ? BACKOFF_MS * 8 : BACKOFF_MS;
    const wait = this.clock.random() * Math.min(max, base * 2 ** Math.min(this.attempts++, 10));
    this.clock.clearTimeout(this.retry);
    this.retry = this.clock.setTimeout(() => this.connect(), wait);
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
    const now = this.clock.now();
    for (const [id, request] of this.requests) {
      if (now < request.deadline) continue;
      this.requests.delete(id);
      request.reject(new KitchenError({ code: "timeout", message: "the server did not answer" }));
    }
    const c = this.connection;
    if (c?.queued && this.serverNow() >= this.renewAt && now - this.askedAt >= this.askEvery) this.askRenewal();
  }

  /** The watchdog. */
  check() {
    const c = this.connection;
    if (c) {
      const silent = c.silence();
      if (silent >= DEAD_MS || (!c.queued && this.clock.now() - c.openedAt >= CONNECT_MS)) {
        this.drop();
        this.reason = "silent";
        this.code = 0;
        this.again();
      }
    }
    this.report();
  }

  // --- the token ---

  /** @param {string} token */
  setToken(token) {
    this.token = token;
    this.expires = expiryOf(token);
    this.planRenewal();
    this.refused = false;
  }

  planRenewal() {
    const left = this.expires - this.serverNow();
    const early = Math.max(1000, Math.min(120_000, left / 4));
    this.renewAt = this.expires - early;
    this.askEvery = Math.max(1000, early / 6);
    this.askedAt = -Infinity;
  }

  renewAt = Infinity;
  askEvery = Infinity;

  /** @param {TokenReason} reason */
  async ask(reason) {
    this.asking = true;
    this.askedAt = this.clock.now();
    try {
      return (await this.options.token(reason, this.token)) || null;
    } catch {
      return null;
    } finally {
      this.asking = false;
    }
  }

  async askRenewal() {
    if (this.asking) return;
    const token = await this.ask("expiring");
    if (token && token !== this.token && this.running) this.renew(token);
  }

  /**
   * @param {number} code
   * @param {string} reason
   * @param {boolean} worked the refused token had been good until now
   */
  async replaceToken(code, reason, worked) {
    const old = this.token;
    this.report();
    const token = await this.ask("refused");
    if (!this.running || this.connection) return;
    if (!token || token === old) return this.refuse(code, reason);
    this.setToken(token);
    if (worked) this.attempts = 0;
    this.again();
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  refuse(code, reason) {
    this.refused = true;
    this.code = code;
    this.stop();
    this.emit("refused", { code, reason });
  }

  // --- requests ---

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
    return new Promise((resolve, reject) => {
      this.requests.set(id, { resolve, reject, deadline: this.clock.now() + ANSWER_MS });
      this.connection?.send(message);
    });
  }

  /**
   * @param {string} id
   * @param {any} answer
   */
  answer(id, answer) {
    const request = this.requests.get(id);
    this.requests.delete(id);
    if (answer instanceof KitchenError) request?.reject(answer);
    else request?.resolve(answer);
    return request !== undefined;
  }

  // --- what is heard ---

  /**
   * @param {Connection} connection
   * @param {any} m a message of the protocol
   */
  heard(connection, m) {
    if (m.server_time) this.learnTime(Date.parse(m.server_time));
    if (typeof m.live === "boolean") connection.live = m.live;
    switch (m.type) {
      case "initial_queue":
        connection.queued = true;
        this.planRenewal(); // now that the server's time is known
        this.restaurant = m.restaurant;
        this.emit("restaurant", m.restaurant);
        this.replace(m.orders);
        break;
      case "order_created":
      case "order_updated":
        this.fold(m.order, m.type === "order_created");
        break;
      case "order_status_changed": {
        const known = this.queue.get(m.order_id);
        if (known) this.fold({ ...known, status: m.status, version: m.version }, false);
        break;
      }
      case "order_deleted":
        this.remove(m.order_id, "deleted");
        break;
      case "ack":
        this.answer(m.request_id, m);
        break;
      case "recent_orders":
        for (const id of [...this.requests.keys()]) if (id.startsWith("recent-")) this.answer(id, m.orders);
        break;
      case "authenticated":
        this.expires = Date.parse(m.expires_at);
        this.planRenewal();
        this.emit("authenticated", { expires_at: m.expires_at });
        break;
      case "error": {
        const error = new KitchenError(m);
        if (!m.request_id || !this.answer(m.request_id, error)) this.emit("problem", error);
      }
    }
    this.report();
  }

  /**
   * Folds a whole queue in and tells the difference.
   * @param {Order[]} orders
   */
  replace(orders) {
    const before = this.queue;
    /** @type {Change} */
    const change = { first: !this.hadQueue, snapshot: true, created: [], returned: [], changed: [], gone: [] };
    this.queue = new Map(orders.map((o) => [o.id, o]));
    this.hadQueue = true;
    for (const order of this.queue.values()) {
      const old = before.get(order.id);
      if (!old) (order.recalled && !change.first ? change.returned : change.created).push(order);
      else if (!same(old, order)) change.changed.push({ before: old, order });
    }
    for (const order of before.values()) {
      if (!this.queue.has(order.id)) change.gone.push({ order, status: null });
    }
    this.emit("change", change);
  }

  /**
   * Folds one order in. A lower version than the known one is old news: only a whole queue may go back.
   * @param {Order} order
   * @param {boolean} isNew
   */
  fold(order, isNew) {
    const before = this.queue.get(order.id);
    if (before && order.version < before.version) return;
    if (order.status === "completed" || order.status === "cancelled") return this.remove(order.id, order.status, order);
    this.queue.set(order.id, order);
    if (!before) this.emit("change", { ...noChange(), [isNew ? "created" : "returned"]: [order] });
    else if (!same(before, order)) this.emit("change", { ...noChange(), changed: [{ before, order }] });
  }

  /**
   * @param {string} id
   * @param {"completed"|"cancelled"|"deleted"} status
   * @param {Order} [last]
   */
  remove(id, status, last) {
    const order = this.queue.get(id);
    if (!order) return;
    this.queue.delete(id);
    this.emit("change", { ...noChange(), gone: [{ order: last ?? order, status }] });
  }

  /**
   * The server's clock minus the device's. A message's way makes each sample too small, never too large, so the largest
   * of the last minute is the best; one that is far off means that a clock was set.
   * @param {number} time
   */
  learnTime(time) {
    const sample = time - this.clock.date();
    if (!Number.isFinite(sample)) return;
    if (Math.abs(sample - Math.max(...this.offsets)) > 2000) this.offsets = [];
    this.offsets.push(sample);
    if (this.offsets.length > 12) this.offsets.shift();
  }

  // --- what is told ---

  report() {
    const state = this.currentState();
    const old = this.state;
    if (state.name === "live" && this.connection) this.lastLive = this.connection.heardNow;
    state.since = this.lastLive;
    if (state.name === old.name && state.reason === old.reason && state.code === old.code) {
      if (state.name !== "live") return;
      this.state = state;
      return;
    }
    this.state = state;
    this.emit("state", state);
  }

  /** @returns {State} */
  currentState() {
    const c = this.connection;
    const code = this.code;
    if (this.refused) return { name: "offline", reason: "refused", code, since: 0 };
    if (!this.running) return { name: "offline", reason: "stopped", code: 0, since: 0 };
    if (!c?.queued) return { name: "offline", reason: this.hadQueue || code ? this.reason : "connecting", code, since: 0 };
    if (c.silence() >= STALE_MS) return { name: "stale", reason: "silent", code: 0, since: 0 };
    if (!c.live) return { name: "stale", reason: "feed", code: 0, since: 0 };
    return { name: "live", reason: "live", code: 0, since: 0 };
  }

  /**
   * @param {string} name
   * @param {any} detail
   */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** One socket of a client. A client that has replaced it hears nothing more of it. */
class Connection {
  /**
   * @param {KitchenClient} client
   * @param {WebSocket} socket
   */
  constructor(client, socket) {
    this.clock = client.clock;
    this.socket = socket;
    this.queued = false; // the first queue has come
    this.live = false;
    this.openedAt = this.clock.now();
    this.heardNow = this.openedAt;
    this.heardDate = this.clock.date();
    socket.onmessage = (e) => {
      this.hear();
      let message;
      try {
        message = JSON.parse(e.data);
      } catch {
        return; // not of this protocol
      }
      if (message && typeof message === "object") client.heard(this, message);
    };
    socket.onclose = (e) => client.closed(this, e.code, e.reason);
  }

  hear() {
    this.heardNow = this.clock.now();
    this.heardDate = this.clock.date();
  }

  /**
   * Milliseconds since something was heard. The steady clock stands still while a device sleeps and the other one may be
   * set at any time: the larger is the safe answer, because a wrong one only costs a reconnect.
   */
  silence() {
    return Math.max(this.clock.now() - this.heardNow, this.clock.date() - this.heardDate);
  }

  /** @param {object} message */
  send(message) {
    if (this.socket.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  abandon() {
    this.socket.onmessage = this.socket.onclose = null;
    this.socket.onerror = () => {};
    try {
      this.socket.close();
    } catch {
      // it never was open
    }
  }
}

/** @returns {Change} */
function noChange() {
  return { first: false, snapshot: false, created: [], returned: [], changed: [], gone: [] };
}

/**
 * @param {Order} a
 * @param {Order} b
 */
function same(a, b) {
  return a.version === b.version && JSON.stringify(a) === JSON.stringify(b);
}

/**
 * Oldest first; orders of the same moment keep one order everywhere.
 * @param {Order} a
 * @param {Order} b
 */
export function byAge(a, b) {
  return Date.parse(a.created_at) - Date.parse(b.created_at) || a.order_number - b.order_number || (a.id < b.id ? -1 : 1);
}

/**
 * When a JWT ends, in milliseconds since 1970; Infinity where it does not say. Only the server can tell whether it is good.
 * @param {string} token
 */
export function expiryOf(token) {
  const exp = claimsOf(token).exp;
  return typeof exp === "number" ? exp * 1000 : Infinity;
}

/**
 * The claims of a JWT, unverified; empty where it is none.
 * @param {string} token
 * @returns {Record<string, any>}
 */
export function claimsOf(token) {
  try {
    const part = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(part), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return claims && typeof claims === "object" ? claims : {};
  } catch {
    return {};
  }
}
