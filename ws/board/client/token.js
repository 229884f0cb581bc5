// A token and its expiry. Only the server knows whether it is valid.

/** The most time before its end at which a token is renewed. */
const EARLY_MS = 120_000;

/** A token, and when to ask for the next one: early, and several times. */
export class Token {
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
