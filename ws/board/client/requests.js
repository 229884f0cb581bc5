// Requests that the server has not answered yet.

const ANSWER_MS = 10_000; // a request without an answer

/** A station that still cooks for an order; null, and no name, for lines that have none. @typedef {{station: string|null, name: string, lines: number}} Waiting */

/** Why a request failed, at the server or on the way to it. `code` is the protocol's, or "offline",
 * "timeout", or "replaced" where a newer token was brought. */
export class KitchenError extends Error {
  /** @param {{code: string, message?: string, status?: import("./order.js").Status, version?: number, order_id?: string, waiting?: Waiting[]}} answer */
  constructor(answer) {
    super(answer.message || answer.code);
    this.name = "KitchenError";
    this.code = answer.code;
    /** The order's status, in a conflict. @type {import("./order.js").Status|undefined} */
    this.status = answer.status;
    /** @type {number|undefined} */
    this.version = answer.version;
    /** Who still cooks for an order that is not ready. @type {Waiting[]|undefined} */
    this.waiting = answer.waiting;
  }
}

export class Requests {
  /** @param {import("./clock.js").Clock} clock */
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
