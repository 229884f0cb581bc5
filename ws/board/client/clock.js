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
export const deviceClock = {
  now: () => performance.now(),
  date: () => Date.now(),
  setTimeout: (f, ms) => setTimeout(f, ms),
  clearTimeout: (id) => clearTimeout(id),
  random: () => Math.random(),
};

/** The server's time, learned from its messages, however wrong the device's clock is. */
export class ServerClock {
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
