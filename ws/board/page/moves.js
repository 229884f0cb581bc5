// The moves of this screen that can be undone, the last one first.

/** @typedef {import("../client/order.js").Status} Status */
/** @typedef {import("./ticket.js").Ticket} Ticket */
/**
 * A step of a ticket, steps of its lines, or that a struck out one was cleared away.
 * @typedef {object} Move
 * @property {string} id
 * @property {string} number
 * @property {Status} from
 * @property {number} at
 * @property {Promise<number|null>} done null: the server refused it
 * @property {import("../client/order.js").Order|null} [whenReady] what was ready of it before
 * @property {Ticket} [cleared]
 * @property {import("./line_steps.js").LineStep[]} [steps]
 */

const REMEMBERED = 20;

export class Moves {
  constructor() {
    /** @type {Move[]} */
    this.all = [];
  }

  /** The one that UNDO would take back. */
  last() {
    return this.all.at(-1);
  }

  /** Remembers a move, unless the server refuses it. @param {Move} move */
  remember(move) {
    this.all = [...this.all.slice(1 - REMEMBERED), move];
    if (move.cleared) return;
    move.done.then((version) => {
      if (version === null) this.all = this.all.filter((m) => m !== move);
    });
  }

  /**
   * Remembers what left by itself as of when it was touched: UNDO takes back what a cook did since then first.
   * @param {Ticket[]} aside
   */
  steppedAside(aside) {
    for (const ticket of aside) {
      this.remember(clearing(ticket, ticket.goneSeenAt));
      this.all.sort((a, b) => a.at - b.at);
    }
  }

  /**
   * Makes the last move of a ticket the one that UNDO takes back.
   * @param {string} id
   * @returns {boolean} whether there was one
   */
  raise(id) {
    const i = this.all.findLastIndex((m) => m.id === id);
    if (i >= 0) this.all.push(...this.all.splice(i, 1));
    return i >= 0;
  }
}

/**
 * @param {Ticket} ticket
 * @param {number} at by the monotonic clock
 * @returns {Move} that it left the screen
 */
export function clearing(ticket, at) {
  return { id: ticket.id, number: ticket.number, from: ticket.order.status, at, done: Promise.resolve(null), cleared: ticket };
}
