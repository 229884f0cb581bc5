// Steps of lines that a cook asked for, until the server's events bring them: the ticket shows them at once.

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
   * @param {number} now the monotonic clock
   * @returns {number} the turn: what is asked later of the same line is another one
   */
  ask(steps, now) {
    this.turn++;
    for (const step of steps) this.all.set(keyOf(step), { status: step.to, turn: this.turn, at: now, version: null });
    this.edition++;
    return this.turn;
  }

  /**
   * The server accepted the steps.
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
    this.confirm(known);
  }

  /**
   * The server refused the steps: the lines are as it has them.
   * @param {Spot[]} spots
   */
  failed(spots) {
    for (const spot of spots) this.all.delete(keyOf(spot));
    this.edition++;
  }

  /** Drops what the order of this version contains. @param {number} version */
  confirm(version) {
    this.drop((a) => a.version !== null && version >= a.version);
  }

  /** Drops what was answered long ago: the queue is newer. @param {number} before the monotonic clock */
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

  /** An order with the steps that were asked for. @param {Order} order @returns {Order} */
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
