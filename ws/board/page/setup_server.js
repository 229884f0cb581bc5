// What the set-up page asks the node: each answer is the whole kitchen as it is then, so that the page never shows a guess.

/** @typedef {{id: string, name: string, kind: "prep"|"expo", screens: number}} Station */
/** What is null in a route matches anything; without a station nothing is cooked.
 * @typedef {{id: string, station: string|null, item: string|null, item_name: string, category: string|null, order_type: string|null}} Route */
/** @typedef {{id: string, name: string, category: string}} Item */
/** @typedef {{item: string|null, name: string, category: string, lines: number}} Unrouted */
/** @typedef {{name: string, stations: Station[], routes: Route[], items: Item[], categories: string[], order_types: string[], unrouted: Unrouted[], everything: number, days: number}} Kitchen */
/** Ids of stations and routes; unrouted: every screen shows it. @typedef {{stations: string[], unrouted: boolean, deciding: string[], others: string[]}} Went */

/** Why the node did not do it. */
export class Refused extends Error {
  /**
   * @param {number} status 0 where there was no answer
   * @param {string} code
   * @param {string} message for people
   */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export class SetupServer {
  /**
   * @param {string} restaurant
   * @param {URL} base
   * @param {() => string|null} token
   */
  constructor(restaurant, base, token) {
    this.address = new URL(`kitchen/${restaurant}/stations/`, base).href;
    this.token = token;
  }

  /**
   * @param {string} action look, test, or a change
   * @param {object} [what]
   * @returns {Promise<any>}
   */
  async ask(action, what = {}) {
    let response;
    let answer;
    try {
      response = await fetch(this.address + action, {
        method: "POST", cache: "no-store", credentials: "omit", body: JSON.stringify(what), signal: AbortSignal.timeout(10_000),
        headers: { "Content-Type": "application/json", ...(this.token() ? { Authorization: `Bearer ${this.token()}` } : {}) },
      });
      answer = await response.json();
    } catch {
      throw new Refused(response?.status ?? 0, "unavailable", "");
    }
    if (!response.ok) throw new Refused(response.status, String(answer.error ?? ""), String(answer.message ?? ""));
    return answer;
  }
}
