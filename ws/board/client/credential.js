// The tokens of a client: the one that the server took, one that is offered and not yet taken, and where others come from.
import { KitchenError } from "./requests.js";
import { Token } from "./token.js";

/** @typedef {import("./client.js").TokenReason} TokenReason */
/** A refusal of the server: its close code, the reason as it was sent, and that reason's word for machines. @typedef {{code: number, reason: string, word: string}} Refusal */
/** A new token, offered while the current one may still be good. @typedef {{token: Token, done: boolean, promise: Promise<void>, take: () => void, refuse: (e: KitchenError) => void, deadline: number}} Offer */

/** How long the page may take to answer the question for a token. */
const ASK_MS = 30_000;
/** What a WebSocket subprotocol may consist of (RFC 6455 section 4.1). */
const PROTOCOL = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export class Credential {
  /**
   * @param {import("./clock.js").Clock} clock
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
export const canTravel = (text) => PROTOCOL.test(text);

/**
 * The word for machines that a close reason begins with, "" where it has none.
 * @param {string} reason
 */
export const wordOf = (reason) => /^([a-z_]+):/.exec(reason)?.[1] ?? "";
