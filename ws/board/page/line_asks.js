// What a cook asked of single lines, and the server has not yet told everybody: the ticket shows it at once.

/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("./stations.js").Step} Step */
/** @typedef {import("./line_steps.js").Spot} Spot */
/** @typedef {import("./line_steps.js").LineStep} LineStep */
/** @typedef {{status: Step, turn: number, at: number, version: number|null}} Ask version: of the server's answer; null while there is none */

/** @param {Spot} spot */
const keyOf = ({ line, station }) => `${station ?? ""} ${line}`;

export class LineAsks {
  constructor() {
    /** @type {Map<string, Ask>} */
    this.all = new Map();
    this.turn = 0;
    /** Rises with each change. */
    this.edition = 0;
  }

  /** Whether an answer is on its way. */
  get waiting() {
    return [...this.all.values()].some((a) => a.version === null);
  }

  /**
   * @param {LineStep[]} steps
   * @param {number} now the steady clock
   * @returns {number} the turn: what is asked later of the same line is another one
   */
  ask(steps, now) {
    this.turn++;
    for (const step of steps) this.all.set(keyOf(step), { status: step.to, turn: this.turn, at: now, version: null });
    this.edition++;
    return this.turn;
  }

  /**
   * The server did what was asked.
   * @param {Spot[]} spots
   * @param {number} turn
   * @param {number} version of the order then
   * @param {number} known the version that the screen has
   */
  done(spots, turn, version, known) {
    for (const spot of spots) {
      const ask = this.all.get(keyOf(spot));
      if (ask?.turn === turn) ask.version = version;
    }
    this.settle(known);
  }

  /**
   * The server did not do it: the lines stand where it says.
   * @param {Spot[]} spots
   */
  failed(spots) {
    for (const spot of spots) this.all.delete(keyOf(spot));
    this.edition++;
  }

  /** What was asked is in the order of this version. @param {number} version */
  settle(version) {
    this.drop((a) => a.version !== null && version >= a.version);
  }

  /** Answered long ago: by now the queue knows better. @param {number} before the steady clock */
  expire(before) {
    this.drop((a) => a.version !== null && a.at <= before);
  }

  /** @param {(ask: Ask) => boolean} which */
  drop(which) {
    for (const [key, ask] of this.all) {
      if (!which(ask)) continue;
      this.all.delete(key);
      this.edition++;
    }
  }

  /** An order as it will be. @param {Order} order @returns {Order} */
  over(order) {
    if (!this.all.size) return order;
    const items = order.items.map((item) => ({
      ...item,
      stations: item.stations.map((at) => {
        const ask = this.all.get(keyOf({ line: item.id, station: at.id }));
        return ask ? { id: at.id, status: ask.status } : at;
      }),
    }));
    return { ...order, items };
  }
}
