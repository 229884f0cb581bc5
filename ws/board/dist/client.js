/**
 * The browser client of a kitchen's feed. It needs nothing but a browser (or node with a WebSocket: 22, or the `ws` package)
 * and may be used by any page:
 *
 *     import { KitchenClient } from "/board/client.js";
 *     const client = new KitchenClient({ restaurant, token: () => myFreshToken() });
 *     client.addEventListener("change", (e) => show(client.orders(), e.detail));
 *     client.addEventListener("state", (e) => banner(e.detail.name));
 *     client.start();
 *
 * It keeps the open orders of one restaurant, says truthfully whether they are live, and never gives up on its own.
 * @module
 */

// How long to wait before the next attempt to connect: doubled each time, with full jitter, so that a whole street of
// displays does not come back at once.

const FIRST_MS = 500;
const MAX_MS = 10_000;
const BUSY_FIRST_MS = 4000; // where the server said that it is full
const BUSY_MAX_MS = 30_000;

class Backoff {
  /** @param {() => number} random */
  constructor(random) {
    this.random = random;
    this.attempts = 0;
  }

  /** A good connection: the next trouble is a new one. */
  reset() {
    this.attempts = 0;
  }

  /** @param {boolean} busy @returns {number} milliseconds */
  next(busy) {
    const [first, max] = busy ? [BUSY_FIRST_MS, BUSY_MAX_MS] : [FIRST_MS, MAX_MS];
    return this.random() * Math.min(max, first * 2 ** Math.min(this.attempts++, 10));
  }
}

// Time. A device's clock is often wrong, and the steady one does not know the date.

/**
 * What the client knows of time and chance; a test gives its own.
 * @typedef {object} Clock
 * @property {() => number} now milliseconds that never go back
 * @property {() => number} date the device's idea of the time, milliseconds since 1970, often wrong
 * @property {(f: () => void, ms: number) => any} setTimeout
 * @property {(id: any) => void} clearTimeout
 * @property {() => number} random
 */

/** The device's own. @type {Clock} */
const deviceClock = {
  now: () => performance.now(),
  date: () => Date.now(),
  setTimeout: (f, ms) => setTimeout(f, ms),
  clearTimeout: (id) => clearTimeout(id),
  random: () => Math.random(),
};

/** The server's time, learned from its messages, however wrong the device's clock is. */
class ServerClock {
  /** @param {Clock} clock */
  constructor(clock) {
    this.clock = clock;
    /** @type {number[]} the server's clock minus the device's, as the last messages had it */
    this.offsets = [];
  }

  /** Milliseconds since 1970. */
  now() {
    return this.clock.date() + (this.offsets.length ? Math.max(...this.offsets) : 0);
  }

  /**
   * A message's way makes each sample too small, never too large, so the largest of the last minute is the best; one that
   * is far off means that a clock was set.
   * @param {number} time the server's, as a message had it
   */
  learn(time) {
    const sample = time - this.clock.date();
    if (!Number.isFinite(sample)) return;
    if (Math.abs(sample - Math.max(...this.offsets)) > 2000) this.offsets = [];
    this.offsets.push(sample);
    if (this.offsets.length > 12) this.offsets.shift();
  }
}

// One socket, and whether it still says something.

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
    socket.onerror = () => {}; // its close follows; the `ws` package ends the process for an error that nobody hears
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
    try {
      this.socket.close();
    } catch {
      // it never was open
    }
  }
}

// An order as the server tells it. What it is called here is what the server calls it; times are RFC 3339 strings in UTC.

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
 * Oldest first; orders of the same moment keep one order everywhere.
 * @param {Order} a
 * @param {Order} b
 */
export function byAge(a, b) {
  return Date.parse(a.created_at) - Date.parse(b.created_at) || a.order_number - b.order_number || (a.id < b.id ? -1 : 1);
}

/**
 * Whether two editions of an order say the same. When it was updated does not count: an event that tells of a status alone
 * does not say that.
 * @param {Order} a
 * @param {Order} b
 */
function same(a, b) {
  const updated_at = "";
  return a.version === b.version && JSON.stringify({ ...a, updated_at }) === JSON.stringify({ ...b, updated_at });
}

// The open orders of one restaurant, folded together from what the server says.

/**
 * What differs between the queue before and after a message.
 * @typedef {object} Change
 * @property {boolean} first the very first queue: everything in it is `created`, and nothing of it is news
 * @property {boolean} snapshot a whole queue came, not an event: what is told here happened while the page was away
 * @property {Order[]} created new to the kitchen
 * @property {Order[]} returned had left the queue and came back (a recall)
 * @property {{before: Order, order: Order}[]} changed
 * @property {{order: Order, status: "completed"|"cancelled"|"deleted"|null}[]} gone null where a snapshot lacks the
 *   order without saying why; `listRecent` may know
 * @property {string} by who made it, as that program calls itself to the database: any text; empty where that is not known
 */

class Queue {
  constructor() {
    /** @type {Map<string, Order>} */
    this.orders = new Map();
    this.had = false; // ever a whole queue
  }

  /**
   * Takes a whole queue and tells the difference to what was known.
   * @param {Order[]} orders
   * @returns {Change}
   */
  replace(orders) {
    const before = this.orders;
    const change = { ...noChange(), first: !this.had, snapshot: true };
    this.orders = new Map(orders.map((o) => [o.id, o]));
    this.had = true;
    for (const order of this.orders.values()) {
      const old = before.get(order.id);
      if (!old) (order.recalled && !change.first ? change.returned : change.created).push(order);
      else if (!same(old, order)) change.changed.push({ before: old, order });
    }
    for (const order of before.values()) {
      if (!this.orders.has(order.id)) change.gone.push({ order, status: null });
    }
    return change;
  }

  /**
   * Folds one order in. A lower version than the known one is old news: only a whole queue may go back.
   * @param {Order} order
   * @param {boolean} isNew
   * @returns {Change|null} null where nothing changed
   */
  fold(order, isNew) {
    const before = this.orders.get(order.id);
    if (before && order.version < before.version) return null;
    if (order.status === "completed" || order.status === "cancelled") return this.remove(order.id, order.status, order);
    this.orders.set(order.id, order);
    if (!before) return { ...noChange(), [isNew ? "created" : "returned"]: [order] };
    return same(before, order) ? null : { ...noChange(), changed: [{ before, order }] };
  }

  /**
   * A new status of a known order.
   * @param {{order_id: string, status: Status, version: number}} message
   * @returns {Change|null}
   */
  move({ order_id, status, version }) {
    const known = this.orders.get(order_id);
    return known ? this.fold({ ...known, status, version }, false) : null;
  }

  /**
   * @param {string} id
   * @param {"completed"|"cancelled"|"deleted"} status
   * @param {Order} [last]
   * @returns {Change|null}
   */
  remove(id, status, last) {
    const order = this.orders.get(id);
    if (!order) return null;
    this.orders.delete(id);
    return { ...noChange(), gone: [{ order: last ?? order, status }] };
  }
}

/** @returns {Change} */
function noChange() {
  return { first: false, snapshot: false, created: [], returned: [], changed: [], gone: [], by: "" };
}

// What was asked and not yet answered.

const ANSWER_MS = 10_000; // a request without an answer

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

class Requests {
  /** @param {Clock} clock */
  constructor(clock) {
    this.clock = clock;
    /** @type {Map<string, {resolve: (answer: any) => void, reject: (e: KitchenError) => void, deadline: number}>} */
    this.open = new Map();
    this.prefix = Math.floor(clock.random() * 0xffffffff).toString(36);
    this.last = 0;
  }

  /** @param {string} kind what {@link answerAll} may later answer, "" for nothing */
  newId(kind) {
    return `${kind || this.prefix}-${++this.last}`;
  }

  /** @param {string} id @returns {Promise<any>} */
  wait(id) {
    return new Promise((resolve, reject) => {
      this.open.set(id, { resolve, reject, deadline: this.clock.now() + ANSWER_MS });
    });
  }

  /**
   * @param {string} id
   * @param {any} answer a {@link KitchenError} rejects
   * @returns {boolean} whether somebody waited for it
   */
  answer(id, answer) {
    const request = this.open.get(id);
    this.open.delete(id);
    if (answer instanceof KitchenError) request?.reject(answer);
    else request?.resolve(answer);
    return request !== undefined;
  }

  /**
   * Answers that name no request answer everybody who asked for their kind.
   * @param {string} kind
   * @param {any} answer
   */
  answerAll(kind, answer) {
    for (const id of [...this.open.keys()]) if (id.startsWith(`${kind}-`)) this.answer(id, answer);
  }

  /** Gives up what has waited too long. */
  expire() {
    for (const [id, { deadline }] of this.open) {
      if (this.clock.now() >= deadline) this.answer(id, new KitchenError({ code: "timeout", message: "the server did not answer" }));
    }
  }

  /** The connection is gone: no answer will come. */
  lose() {
    for (const id of [...this.open.keys()]) {
      this.answer(id, new KitchenError({ code: "offline", message: "the connection was lost before the answer" }));
    }
  }
}

// Whether what the client knows is true, and if not, why.

/**
 * @typedef {object} State
 * @property {"live"|"stale"|"offline"} name stale: connected, but silent or told that the server's feed is deaf
 * @property {"live"|"connecting"|"silent"|"feed"|"closed"|"busy"|"refused"|"stopped"} reason
 * @property {number} code the close code behind it, 0 where there is none
 * @property {number} since when the feed was last known to be live, by `clock.now()`
 */

/** Nothing heard for this long means stale: two heartbeats and a little. */
export const STALE_MS = 12_000;
/** Nothing heard for this long means that the socket is dead, whatever it says of itself: it is replaced. */
export const DEAD_MS = 15_000;

/**
 * @param {{running: boolean, refused: boolean, had: boolean, reason: State["reason"], code: number}} client had: ever a queue;
 *   reason and code: of the last connection's end
 * @param {Connection|null} connection
 * @returns {Omit<State, "since">}
 */
function stateOf({ running, refused, had, reason, code }, connection) {
  if (refused) return { name: "offline", reason: "refused", code };
  if (!running) return { name: "offline", reason: "stopped", code: 0 };
  if (!connection?.queued) return { name: "offline", reason: had || code ? reason : "connecting", code };
  if (connection.silence() >= STALE_MS) return { name: "stale", reason: "silent", code: 0 };
  if (!connection.live) return { name: "stale", reason: "feed", code: 0 };
  return { name: "live", reason: "live", code: 0 };
}

// A credential and its end. Only the server can tell whether it is good.

/** The most time before its end at which a token is renewed. */
const EARLY_MS = 120_000;

/** A token, and when to ask for the next one: early, and several times. */
class Token {
  renewAt = Infinity; // by the server's clock
  askEvery = Infinity;
  askedAt = -Infinity; // by the steady clock

  /**
   * @param {string} text
   * @param {number} now the server's
   */
  constructor(text, now) {
    this.text = text;
    this.expires = expiryOf(text); // by the server's clock
    this.plan(now);
  }

  /** Plans the renewal, from what is known now. @param {number} now the server's */
  plan(now) {
    const early = Math.max(1000, Math.min(EARLY_MS, (this.expires - now) / 4));
    this.renewAt = this.expires - early;
    this.askEvery = Math.max(1000, early / 6);
    this.askedAt = -Infinity;
  }

  /**
   * @param {number} now the server's
   * @param {number} steady
   */
  due(now, steady) {
    return now >= this.renewAt && steady - this.askedAt >= this.askEvery;
  }
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

// One display: keeps the queue of its kitchen, says whether it is live, and comes back by itself.

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
