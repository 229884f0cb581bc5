// Keeps a connection to the server: one after the other, each with a token, until the server refuses for good.
import { Backoff } from "./backoff.js";
import { Connection } from "./connection.js";
import { canTravel, Credential, wordOf } from "./credential.js";
import { Renewal } from "./renewal.js";
import { KitchenError } from "./requests.js";
import { DEAD_MS } from "./state.js";
import { Token } from "./token.js";

/** @typedef {import("./state.js").State} State */
/**
 * What a link reports to its client.
 * @typedef {object} Ends
 * @property {(connection: Connection, message: any) => void} receive
 * @property {() => void} lost what was asked over the last connection gets no answer
 * @property {() => void} report something changed that the state depends on
 * @property {(refusal: import("./credential.js").Refusal) => void} refused the link has stopped
 * @property {(error: KitchenError) => void} problem
 */

const CONNECT_MS = 10_000; // from opening a socket to its first queue
const STEADY_MS = 5_000; // after a connection that lasted this long, the backoff starts anew

export class Link {
  /**
   * @param {import("./client.js").Options} options
   * @param {import("./clock.js").Clock} clock
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
