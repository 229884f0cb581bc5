// How long to wait before the next attempt to connect: doubled each time, with full jitter, so that a whole street of
// displays does not come back at once.

const FIRST_MS = 500;
const MAX_MS = 10_000;
const BUSY_FIRST_MS = 4000; // where the server said that it is full
const BUSY_MAX_MS = 30_000;

export class Backoff {
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
