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

// Time. A device's clock is often wrong, and its monotonic clock has no date.

/**
 * The sources of time and chance, which tests replace.
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

// An event that carries something.

/** Node has had CustomEvent since 19 only. @type {typeof CustomEvent} */
const DetailEvent = globalThis.CustomEvent ?? class extends Event {
  /**
   * @param {string} name
   * @param {{detail: any}} init
   */
  constructor(name, { detail }) {
    super(name);
    this.detail = detail;
  }
};

// What the browser says of the device: that the network went or came back, that somebody looks at the page again. Node says
// nothing of the kind.

class Device {
  /** @param {Pick<Link, "hurry"|"check"|"replace">} link */
  constructor(link) {
    this.wake = () => link.hurry();
    this.unplugged = () => link.check();
    /** @type {[string, () => void][]} */
    this.listeners = [
      ["online", this.wake],
      ["offline", this.unplugged],
      // A page that the browser keeps for the way back must not keep its display as well: nobody sees it.
      ["pagehide", () => link.replace()],
      ["pageshow", this.wake],
    ];
    this.shown = () => document.visibilityState === "visible" && link.hurry();
  }

  listen() {
    for (const [name, listener] of this.listeners) globalThis.addEventListener?.(name, listener);
    globalThis.document?.addEventListener("visibilitychange", this.shown);
  }

  leave() {
    for (const [name, listener] of this.listeners) globalThis.removeEventListener?.(name, listener);
    globalThis.document?.removeEventListener("visibilitychange", this.shown);
  }
}

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

// One socket, and whether it still says something.

/** A message that was on its way when the network went says nothing about what comes after it. */
const DOUBT_MS = 1000;

/** One socket of a client. A client that has replaced it receives nothing more of it. */
class Connection {
  /**
   * @param {Link} link
   * @param {WebSocket} socket
   * @param {Token} token the one that it was opened with
   */
  constructor(link, socket, token) {
    this.clock = link.clock;
    this.socket = socket;
    this.token = token;
    this.queued = false; // the first queue has come
    this.live = false;
    /** Tokens that were sent over it and have no answer yet, in their order. @type {Offer[]} */
    this.offers = [];
    this.openedAt = this.clock.now();
    this.lastAt = this.openedAt; // of the last message, by the monotonic clock
    this.lastDate = this.clock.date(); // the same, by the device's date
    this.doubtedAt = -Infinity; // when the device said last that it has no network
    socket.onmessage = (e) => {
      this.lastAt = this.clock.now();
      this.lastDate = this.clock.date();
      let message;
      try {
        message = JSON.parse(e.data);
      } catch {
        return; // not of this protocol
      }
      if (message && typeof message === "object") link.received(this, message);
    };
    socket.onclose = (e) => link.closed(this, e.code, e.reason);
    socket.onerror = () => {}; // its close follows; the `ws` package ends the process for an error without a listener
  }

  /**
   * Milliseconds since the last message. The monotonic clock stops while a device sleeps and the other one may be set at
   * any time: the larger is the safe answer, because a wrong one only costs a reconnect.
   */
  silence() {
    return Math.max(this.clock.now() - this.lastAt, this.clock.date() - this.lastDate);
  }

  /** The device says that it has no network. A server on the device itself proves the contrary with its next message. */
  doubt() {
    this.doubtedAt = this.clock.now();
  }

  /** Whether the network went and nothing has come since. */
  get doubtful() {
    return this.lastAt < this.doubtedAt + DOUBT_MS;
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

// Requests that the server has not answered yet.

const ANSWER_MS = 10_000; // a request without an answer

/** A station that still cooks for an order; null, and no name, for lines that have none. @typedef {{station: string|null, name: string, lines: number}} Waiting */

/** Why a request failed, at the server or on the way to it. `code` is the protocol's, or "offline",
 * "timeout", or "replaced" where a newer token was brought. */
export class KitchenError extends Error {
  /** @param {{code: string, message?: string, status?: Status, version?: number, order_id?: string, waiting?: Waiting[]}} answer */
  constructor(answer) {
    super(answer.message || answer.code);
    this.name = "KitchenError";
    this.code = answer.code;
    /** The order's status, in a conflict. @type {Status|undefined} */
    this.status = answer.status;
    /** @type {number|undefined} */
    this.version = answer.version;
    /** Who still cooks for an order that is not ready. @type {Waiting[]|undefined} */
    this.waiting = answer.waiting;
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

  /** A new request, and the promise of its answer. @returns {{id: string, answer: Promise<any>}} */
  add() {
    const id = `${this.prefix}-${++this.last}`;
    const answer = new Promise((resolve, reject) => {
      this.open.set(id, { resolve, reject, deadline: this.clock.now() + ANSWER_MS });
    });
    return { id, answer };
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

  /** Rejects requests that have waited too long. */
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

// A token and its expiry. Only the server knows whether it is valid.

/** The most time before its end at which a token is renewed. */
const EARLY_MS = 120_000;

/** A token, and when to ask for the next one: early, and several times. */
class Token {
  renewAt = Infinity; // by the server's clock
  askEvery = Infinity;
  askedAt = -Infinity; // by the monotonic clock

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
 * When a JWT ends, in milliseconds since 1970; Infinity where it has no exp. Only the server knows whether it is valid.
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

// The tokens of a client: the one that the server took, one that is offered and not yet taken, and where others come from.

/** A refusal of the server: its close code, the reason as it was sent, and that reason's word for machines. @typedef {{code: number, reason: string, word: string}} Refusal */
/** A new token, offered while the current one may still be good. @typedef {{token: Token, done: boolean, promise: Promise<void>, take: () => void, refuse: (e: KitchenError) => void, deadline: number}} Offer */

/** How long the page may take to answer the question for a token. */
const ASK_MS = 30_000;
/** What a WebSocket subprotocol may consist of (RFC 6455 section 4.1). */
const PROTOCOL = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

class Credential {
  /**
   * @param {Clock} clock
   * @param {(reason: TokenReason, refused: string|null) => string|null|Promise<string|null>} source the page's
   */
  constructor(clock, source) {
    this.clock = clock;
    this.source = source;
    /** The token that the server took last, or the first that the page gave. @type {Token|null} */
    this.current = null;
    /** Why the current token does not do any more. @type {Refusal|null} */
    this.refusal = null;
    /** @type {Offer|null} */
    this.offer = null;
    /** The question that the page has not answered. @type {Promise<string|null>|null} */
    this.asked = null;
  }

  /**
   * The token to connect with: what is offered, else the current one, unless it was refused.
   * @param {number} now the server's
   */
  usable(now) {
    if (this.offer) return this.offer.token;
    return this.current && !this.refusal && this.current.expires > now ? this.current : null;
  }

  /** @param {Token} token */
  use(token) {
    this.current = token;
    this.refusal = null;
  }

  /**
   * Asks the page, one question at a time: a page that refreshes by a token of one use must not be asked twice at once.
   * Rejects where the page failed or did not answer, which says nothing about any token.
   * @param {TokenReason} reason
   * @returns {Promise<string|null>}
   */
  async ask(reason) {
    const earlier = await this.asked?.catch(() => null);
    if (earlier && earlier !== this.current?.text) return earlier;
    if (this.current) this.current.askedAt = this.clock.now();
    /** @type {any} */
    let timer;
    const late = new Promise((_, reject) => {
      timer = this.clock.setTimeout(() => reject(new Error("the page gave no token in time")), ASK_MS);
    });
    const answer = (async () => (await this.source(reason, this.current?.text ?? null)) || null)();
    this.asked = Promise.race([answer, late]);
    try {
      return await this.asked;
    } finally {
      this.clock.clearTimeout(timer);
      this.asked = null;
    }
  }

  /**
   * Offers a token. The current one stays until the server has taken this one; a newer offer replaces an older one.
   * @param {string} text
   * @param {number} now the server's
   * @returns {Offer}
   */
  bring(text, now) {
    this.refuseOffer(new KitchenError({ code: "replaced", message: "a newer token was brought" }));
    /** @type {Offer} */
    const offer = { token: new Token(text, now), done: false, promise: Promise.resolve(), take: () => {}, refuse: () => {}, deadline: Infinity };
    offer.promise = new Promise((resolve, reject) => Object.assign(offer, { take: resolve, refuse: reject }));
    offer.promise.catch(() => {}); // the page need not look: the client also reports it as a problem
    return (this.offer = offer);
  }

  /** The server took a token. @param {Token} token */
  taken(token) {
    this.use(token);
    if (this.offer?.token !== token) return;
    const { offer } = this;
    this.offer = null;
    offer.done = true;
    offer.take();
  }

  /** What was offered does not do: the current token stays. @param {KitchenError} error */
  refuseOffer(error) {
    const { offer } = this;
    this.offer = null;
    if (!offer) return;
    offer.done = true;
    offer.refuse(error);
  }

  /** Forgets every token. */
  forget() {
    this.refuseOffer(new KitchenError({ code: "offline", message: "the client forgets its tokens" }));
    this.current = this.refusal = null;
  }
}

/** Whether a token can travel as a subprotocol at all. @param {string} text */
const canTravel = (text) => PROTOCOL.test(text);

/**
 * The word for machines that a close reason begins with, "" where it has none.
 * @param {string} reason
 */
const wordOf = (reason) => /^([a-z_]+):/.exec(reason)?.[1] ?? "";

// Renews the token: asks the page for the next one before the current one ends, or takes one that the page brings, and sends it over the
// open connection.

const OFFER_MS = 10_000; // to a token that was sent over an open connection

class Renewal {
  /** @param {Link} link */
  constructor(link) {
    this.link = link;
    this.asking = false; // the page
  }

  /** Once a second: checks for overdue answers and tokens. */
  tick() {
    const { clock, connection, credential, serverNow } = this.link;
    const { offer } = credential;
    if (offer && clock.now() >= offer.deadline) this.link.refuseOffer(new KitchenError({ code: "timeout", message: "the server did not answer" }));
    if (connection?.queued && credential.current?.due(serverNow(), clock.now())) this.ask();
  }

  /** Asks the page for the next token, before the current one ends. */
  async ask() {
    if (this.asking) return;
    this.asking = true;
    try {
      const text = await this.link.credential.ask("expiring");
      if (text && text !== this.link.credential.current?.text && this.link.running) this.offer(text);
    } catch {
      // asked again before it ends
    } finally {
      this.asking = false;
    }
  }

  /** Offers a token to the server. @param {string} text */
  offer(text) {
    const { link } = this;
    const offer = link.credential.bring(text, link.serverNow());
    if (link.connection?.queued) this.send();
    else if (!link.connection) link.connect();
    // else: the queue that is on its way sends it, or the end of this connection does
    return offer.promise;
  }

  /** Sends what is offered over an open connection. */
  send() {
    const { clock, connection, credential } = this.link;
    const { offer } = credential;
    if (!offer || !connection?.queued || connection.offers.includes(offer)) return;
    offer.deadline = clock.now() + OFFER_MS;
    connection.offers.push(offer);
    connection.send({ type: "authenticate", token: offer.token.text });
  }

  /**
   * The server accepted the oldest token that was sent.
   * @param {Connection} connection
   * @param {string} expiresAt
   */
  taken(connection, expiresAt) {
    const token = connection.offers.shift()?.token ?? connection.token;
    connection.token = token;
    token.expires = Date.parse(expiresAt) || token.expires;
    this.link.credential.taken(token);
    token.plan(this.link.serverNow());
  }

  /**
   * An error that answers no request answers the oldest token that was sent, if there is one.
   * @param {Connection} connection
   * @param {KitchenError} error
   * @returns {boolean} whether it did
   */
  refused(connection, error) {
    const offer = connection.offers.shift();
    if (offer && offer === this.link.credential.offer) this.link.refuseOffer(error);
    return offer !== undefined;
  }
}

// Whether the client's queue is current, and if not, why.

/**
 * @typedef {object} State
 * @property {"live"|"stale"|"offline"} name stale: connected, but the server is silent or its feed is not live
 * @property {"live"|"connecting"|"silent"|"network"|"feed"|"closed"|"busy"|"token"|"refused"|"stopped"} reason network: the
 *   device says that it has none; feed: the server receives nothing from its database; token: the page could not give one
 * @property {number} code the close code behind it, 0 where there is none
 * @property {string} word the word for machines that the close reason began with (`expired`, `user_gone`…), "" for none
 * @property {number} since when the feed was last known to be live, by `clock.now()`
 */

/** Nothing received for this long means stale: two heartbeats and a little. */
export const STALE_MS = 12_000;
/** Nothing received for this long means that the connection is lost, even if the socket says that it is open: it is replaced. */
export const DEAD_MS = 15_000;

/**
 * @param {{running: boolean, refused: boolean, had: boolean, reason: State["reason"], code: number, word: string}} client
 *   had: ever a queue; reason, code and word: of the last connection's end
 * @param {Connection|null} connection
 * @returns {Omit<State, "since">}
 */
function stateOf({ running, refused, had, reason, code, word }, connection) {
  const none = { code: 0, word: "" };
  if (refused) return { name: "offline", reason: "refused", code, word };
  if (!running) return { name: "offline", reason: "stopped", ...none };
  if (!connection?.queued) return { name: "offline", reason: had || code || reason === "token" ? reason : "connecting", code, word };
  if (connection.silence() >= STALE_MS) return { name: "stale", reason: "silent", ...none };
  if (connection.doubtful) return { name: "stale", reason: "network", ...none };
  if (!connection.live) return { name: "stale", reason: "feed", ...none };
  return { name: "live", reason: "live", ...none };
}

// Keeps a connection to the server: one after the other, each with a token, until the server refuses for good.

/**
 * What a link reports to its client.
 * @typedef {object} Ends
 * @property {(connection: Connection, message: any) => void} receive
 * @property {() => void} lost what was asked over the last connection gets no answer
 * @property {() => void} report something changed that the state depends on
 * @property {(refusal: Refusal) => void} refused the link has stopped
 * @property {(error: KitchenError) => void} problem
 */

const CONNECT_MS = 10_000; // from opening a socket to its first queue
const STEADY_MS = 5_000; // after a connection that lasted this long, the backoff starts anew

class Link {
  /**
   * @param {Options} options
   * @param {Clock} clock
   * @param {() => number} serverNow
   * @param {Ends} client
   */
  constructor(options, clock, serverNow, client) {
    this.options = options;
    this.clock = clock;
    this.serverNow = serverNow;
    this.client = client;
    this.credential = new Credential(clock, options.token);
    this.renewal = new Renewal(this);
    this.backoff = new Backoff(() => clock.random());
    this.running = false;
    /** @type {any} */
    this.retry = null; // the timer of the next attempt
    this.asking = false; // for a token to connect with
    /** @type {Connection|null} */
    this.connection = null;
    /** How the last connection ended. @type {{reason: State["reason"], code: number, word: string}} */
    this.ended = { reason: "connecting", code: 0, word: "" };
    this.network = true; // the device says that it has one
  }

  start() {
    this.running = true;
    this.ended = { reason: "connecting", code: 0, word: "" };
    this.backoff.reset();
    this.connect();
  }

  stop() {
    this.running = false;
    this.clock.clearTimeout(this.retry);
    this.retry = null;
    this.drop();
  }

  /** Opens a connection with the token at hand, or asks for one first. */
  connect() {
    this.clock.clearTimeout(this.retry);
    this.retry = null;
    if (!this.running || this.connection) return;
    this.client.report();
    const token = this.credential.usable(this.serverNow());
    if (token) this.open(token);
    else this.askAndConnect();
  }

  async askAndConnect() {
    if (this.asking) return; // its answer connects
    const { credential } = this;
    const { refusal } = credential;
    this.asking = true;
    /** @type {string|null|undefined} */
    let text;
    try {
      text = await credential.ask(refusal ? "refused" : credential.current ? "expiring" : "start");
    } catch {
      // The page failed to give a token. That is no refusal: it is asked again later.
    } finally {
      this.asking = false;
    }
    if (!this.running || this.connection) return;
    if (credential.offer) return this.connect();
    if (text === undefined) {
      this.ended = { reason: "token", code: 0, word: "" };
      return this.again();
    }
    const other = text && text !== credential.current?.text;
    if (other) credential.use(new Token(text ?? "", this.serverNow()));
    else if (refusal) return this.client.refused(refusal);
    const { current } = credential;
    if (!current) return this.client.refused({ code: 4001, reason: "no_token: there is no token", word: "no_token" });
    if (refusal) this.again(); // with a pause: a page may have one bad token after the other
    else this.open(current); // also one that has expired by our clock: the server's counts
  }

  /** @param {Token} token */
  open(token) {
    if (!canTravel(token.text)) return this.refusedToken(token, 4001, "bad_token: it has characters that no token has", false);
    const base = (this.options.url ?? location.origin).replace(/^http/, "ws").replace(/\/$/, "");
    const url = `${base}/ws/${this.options.pickup ? "pickup" : "kitchen"}/${encodeURIComponent(this.options.restaurant)}/`;
    try {
      const socket = new (this.options.socket ?? WebSocket)(url, ["kitchen.v1", `bearer.${token.text}`]);
      this.connection = new Connection(this, socket, token);
    } catch {
      this.again(); // an address that the browser forbids: ws: from a page of https:, say
    }
  }

  /** Drops the connection without waiting for its close event, which may never come where it is half-open. */
  drop() {
    const { connection } = this;
    this.connection = null;
    connection?.abandon();
    this.client.lost();
  }

  /**
   * @param {Connection} connection
   * @param {number} code
   * @param {string} reason
   */
  closed(connection, code, reason) {
    if (connection !== this.connection) return;
    const worked = connection.queued;
    if (worked && this.clock.now() - connection.openedAt > STEADY_MS) this.backoff.reset();
    this.drop();
    this.ended = { reason: code === 4029 ? "busy" : "closed", code, word: wordOf(reason) };
    if (code !== 4001 && code !== 4003) return this.again();
    const offer = connection.offers.find((o) => !o.done);
    this.refusedToken(offer?.token ?? connection.token, code, reason, worked);
  }

  /**
   * The server refused a token. What was only offered is dropped, and the link goes on with the current one.
   * @param {Token} token
   * @param {number} code
   * @param {string} reason
   * @param {boolean} worked until now
   */
  refusedToken(token, code, reason, worked) {
    const { credential } = this;
    const refusal = { code, reason, word: wordOf(reason) };
    if (token === credential.offer?.token) {
      this.refuseOffer(new KitchenError({ code: refusal.word || (code === 4003 ? "other_restaurant" : "bad_token"), message: reason }));
      if (credential.current && !credential.refusal) return this.connect();
      if (credential.current) return this.client.refused(credential.refusal ?? refusal);
      credential.refusal = refusal; // the page may have another one
      return void this.askAndConnect();
    }
    if (token === credential.current) credential.refusal = refusal;
    if (worked) this.backoff.reset();
    if (credential.offer) return this.connect(); // a newer one is at hand
    if (code === 4003) return this.client.refused(refusal);
    this.client.report();
    this.askAndConnect();
  }

  /** @param {KitchenError} error */
  refuseOffer(error) {
    this.credential.refuseOffer(error);
    this.client.problem(error);
  }

  /** Plans the next attempt. */
  again() {
    this.clock.clearTimeout(this.retry);
    this.retry = this.clock.setTimeout(() => this.connect(), this.backoff.next(this.ended.reason === "busy"));
    this.client.report();
  }

  /** Connects now instead of later: the network came back, or somebody looks at the page again. */
  hurry() {
    if (!this.running) return;
    if (this.connection?.doubtful) this.replace();
    this.check();
    if (!this.connection) this.connect();
  }

  /** Once a second: checks the connection, and whether a token is overdue. */
  tick() {
    this.check();
    this.renewal.tick();
  }

  /** The watchdog. */
  check() {
    const c = this.connection;
    const network = globalThis.navigator?.onLine !== false;
    if (this.network && !network) c?.doubt();
    this.network = network;
    if (c && (c.silence() >= DEAD_MS || (!c.queued && this.clock.now() - c.openedAt >= CONNECT_MS))) this.replace();
    this.client.report();
  }

  /** Drops a connection that is silent, or that nobody needs at the moment. */
  replace() {
    this.drop();
    this.ended = { reason: "silent", code: 0, word: "" };
    this.again();
  }

  /** @param {Connection} connection @param {any} message */
  received(connection, message) {
    if (connection === this.connection) this.client.receive(connection, message);
  }

  // --- tokens ---

  /** The first queue came: the token of this connection is good. @param {Connection} connection */
  queued(connection) {
    const first = !connection.queued;
    connection.queued = true;
    if (!first) return;
    this.credential.taken(connection.token);
    this.credential.current?.plan(this.serverNow()); // now that the server's time is known
    this.renewal.send();
  }
}

// Reports to the server which orders the page has shown.

/** A version of an order. @typedef {{order_id: string, version: number}} SeenOrder */
/**
 * Nobody has seen orders of the restaurant, for one reason.
 * @typedef {object} Alarm
 * @property {"no_display"|"not_painted"|"not_touched"} reason
 * @property {number} count of how many orders, when it began
 * @property {string} oldest_order_id
 * @property {number|null} oldest_order_number
 * @property {number} age_s of the oldest, when the server said so
 */

const MOST = 100; // in one message
let last = 0;

/**
 * @param {Connection} connection one that has its queue
 * @param {SeenOrder[]} orders
 * @param {"painted"|"touched"} how
 */
function sendSeen(connection, orders, how) {
  for (let i = 0; i < orders.length; i += MOST) {
    // The id distinguishes an error for it from one for a token.
    connection.send({ type: "seen", how, orders: orders.slice(i, i + MOST), request_id: `seen-${++last}` });
  }
}

/**
 * Whether a message answers a `seen` that was sent.
 * @param {unknown} id its request_id
 */
function isOfSeen(id) {
  return typeof id === "string" && id.startsWith("seen-");
}

/**
 * The alarms that are on, after one has begun or ended.
 * @param {Alarm[]} alarms
 * @param {Alarm & {type: string}} message
 * @returns {Alarm[]}
 */
function withAlarm(alarms, { type, ...alarm }) {
  const others = alarms.filter((a) => a.reason !== alarm.reason);
  return type === "alarm" ? [...others, alarm] : others;
}

// Handles the messages of the server.


/**
 * @param {Client} client
 * @param {Socket} connection
 * @param {any} m a message of the protocol; of an unknown type: from a newer server, and not for this client
 */
function receive(client, connection, m) {
  if (m.server_time) client.serverClock.learn(Date.parse(m.server_time));
  if (typeof m.live === "boolean") connection.live = m.live;
  const { queue, requests } = client;
  switch (m.type) {
    case "initial_queue":
      if (!connection.queued) client.shown.send(connection);
      client.link.queued(connection);
      client.restaurant = m.restaurant;
      client.omitted = m.omitted ?? 0;
      client.emit("restaurant", m.restaurant);
      client.emit("change", queue.replace(m.orders));
      alarmed(client, m.alarms ?? [], true);
      break;
    case "alarm":
    case "alarm_over":
      alarmed(client, withAlarm(client.alarms, m), false);
      break;
    case "pickup_queue":
      client.link.queued(connection);
      queue.had = true;
      client.emit("pickup", m);
      break;
    case "heartbeat":
      client.omitted = m.omitted ?? 0;
      break;
    case "order_created":
    case "order_updated":
      changed(client, queue.fold(m.order, m.type === "order_created"), m.by);
      break;
    case "order_status_changed":
      changed(client, queue.move(m), m.by);
      break;
    case "order_deleted":
      changed(client, queue.remove(m.order_id, "deleted"), m.by);
      break;
    case "screens":
      client.screens = { stations: m.stations, all: m.all };
      client.emit("screens", client.screens);
      break;
    case "ack":
    case "recent_orders":
      requests.answer(m.request_id, m);
      break;
    case "authenticated":
      client.link.renewal.taken(connection, m.expires_at);
      client.emit("authenticated", { expires_at: m.expires_at });
      break;
    case "error":
      failed(client, connection, m);
  }
  client.report();
}

/**
 * @param {Client} client
 * @param {Alarm[]} alarms
 * @param {boolean} first they came with a whole queue
 */
function alarmed(client, alarms, first) {
  if (!alarms.length && !client.alarms.length) return;
  client.alarms = alarms;
  client.emit("alarms", { alarms, first });
}

/**
 * @param {Client} client
 * @param {Socket} connection
 * @param {any} m an error of the server
 */
function failed(client, connection, m) {
  const error = new KitchenError(m);
  if (isOfSeen(m.request_id)) {
    if (m.code !== "unknown_type") client.emit("problem", error); // a node from before sightings
    return;
  }
  if (client.shown.asked(m.request_id)) {
    if (m.code !== "unknown_type") client.emit("problem", error); // a node from before stations
    return;
  }
  const answered = m.request_id === undefined ? client.link.renewal.refused(connection, error) : client.requests.answer(m.request_id, error);
  if (!answered) client.emit("problem", error);
}

/**
 * @param {Client} client
 * @param {Change|null} change
 * @param {string} [by]
 */
function changed(client, change, by = "") {
  if (change) client.emit("change", { ...change, by });
}

// An order as the server sends it, under the server's own names; times are RFC 3339 strings in UTC.

/** @typedef {"pending"|"preparing"|"ready"|"completed"|"cancelled"} Status */
/** Ids are strings, whatever the key of the database. @typedef {{id: string|null, name: string}} Ref */
/** Quantities have up to three decimals. @typedef {{id: string, modifier_option: Ref, quantity: number, kind?: "add"|"remove"|"allergy"|"note"|null}} Modifier */
/** A line's status at one of its stations; the id is null where it has none. Changed: it was ready, and more or something else was
 * ordered. Reason: why it is to be made again. @typedef {{id: string|null, status: "pending"|"preparing"|"ready", changed?: true, reason?: string}} At */
/** Without stations, nothing has to be cooked, or the restaurant has none. @typedef {{id: string, menu_item: Ref, quantity: number, notes: string, modifiers: Modifier[], course: number|null, held: boolean, stations: At[]}} Item */
/**
 * @typedef {object} Order
 * @property {string} id
 * @property {string} restaurant_id
 * @property {number} order_number
 * @property {string} order_type dine_in, takeaway, delivery, or a newer type
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
/** @typedef {{id: string, name: string, kind: "prep"|"expo"}} Station */
/**
 * @typedef {object} Restaurant
 * @property {string} name
 * @property {string} timezone an IANA name
 * @property {number} warn_after_s
 * @property {number} late_after_s
 * @property {number} recall_window_s
 * @property {Station[]} stations in their order; none in a kitchen that cooks everything in one place
 * @property {"stations"|"expo"} ready_when all stations are ready, or the pass says so
 * @property {number} start_before_s how long before its promised time work at an order begins
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
 * Whether two editions of an order are equal. updated_at does not count: the event of a status may lack it.
 * @param {Order} a
 * @param {Order} b
 */
function same(a, b) {
  const updated_at = "";
  return a.version === b.version && JSON.stringify({ ...a, updated_at }) === JSON.stringify({ ...b, updated_at });
}

// The open orders of one restaurant, built from the server's messages.

/**
 * What differs between the queue before and after a message.
 * @typedef {object} Change
 * @property {boolean} first the very first queue: everything in it is `created`, though nothing has just happened
 * @property {boolean} snapshot a whole queue came, not an event: what it holds happened while the page was away
 * @property {Order[]} created new to the kitchen
 * @property {Order[]} returned had left the queue and came back (a recall)
 * @property {{before: Order, order: Order}[]} changed
 * @property {{order: Order, status: "completed"|"cancelled"|"deleted"|null}[]} gone null where a snapshot lacks the
 *   order without saying why; `listRecent` may say it
 * @property {string} by who made it, as that program calls itself to the database: any text; empty where that is not known
 */

class Queue {
  constructor() {
    /** @type {Map<string, Order>} */
    this.orders = new Map();
    this.had = false; // ever a whole queue
  }

  /**
   * Takes a whole queue and returns the difference to what was known.
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
   * Applies one order. A version that is lower than the known one is ignored: only a whole queue may go back.
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
   * A new status of a known order. One of an order that is not in the queue changes nothing: the next whole queue has it.
   * @param {{order_id: string, status: Status, version: number, updated_at?: string}} message
   * @returns {Change|null}
   */
  move({ order_id, status, version, updated_at }) {
    const known = this.orders.get(order_id);
    return known ? this.fold({ ...known, status, version, updated_at: updated_at ?? known.updated_at }, false) : null;
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

// Reports to the server which stations the page shows.

/**
 * How many displays there are, on all nodes.
 * @typedef {object} Screens
 * @property {{id: string, screens: number}[]} stations how many show each station, in the stations' order
 * @property {number} all how many show everything
 */

class Shown {
  /** Ids; null: everything; undefined: the page did not say. @type {string[]|null|undefined} */
  stations = undefined;
  last = 0;

  /** @param {Connection} connection one that has its queue */
  send(connection) {
    if (this.stations === undefined) return;
    const all = this.stations === null;
    // The id distinguishes an error for it from one for a token.
    connection.send({ type: "show", ...(all ? {} : { stations: this.stations }), request_id: `show-${++this.last}` });
  }

  /**
   * Whether a message answers a `show` that was sent.
   * @param {unknown} id its request_id
   */
  asked(id) {
    return typeof id === "string" && id.startsWith("show-");
  }
}

// One display: keeps the queue of its kitchen, says whether it is live, and comes back by itself.

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
  /** The alarms that are on about orders that nobody has seen, as the server said last. @type {Alarm[]} */
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
   * @param {SeenOrder[]} orders
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

// The statuses of an order, and the steps between them. The server's own are in db/order; a test compares the two.


/** The way of an order through a kitchen. @type {Status[]} */
const STEPS = ["pending", "preparing", "ready", "completed"];

/** The step after a status. @param {Status} status @returns {Status|undefined} */
export const nextStatus = (status) => (STEPS.includes(status) ? STEPS[STEPS.indexOf(status) + 1] : undefined);

/** The step before it: to undo, or to bring back. @param {Status} status @returns {Status|undefined} */
export const previousStatus = (status) => STEPS[STEPS.indexOf(status) - 1];

/** Whether an order of this status is in the queue. @param {unknown} status */
export const isOpen = (status) => STEPS.slice(0, -1).includes(/** @type {Status} */ (status));
