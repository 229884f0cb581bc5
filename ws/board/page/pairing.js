// A screen that asks to be paired: it gets a code to show, and a device token that is good once somebody has confirmed
// the code. The server's messages call the token pass.
import { base, restaurantId } from "./address.js";
import { keep, kept } from "./storage.js";

const PENDING = "kitchen:pairing";
const PAIRED = "kitchen:paired";
/** After a failure, in milliseconds. */
const PAUSE_MS = 5000;

/** @typedef {{code: string, token: string, until: number, again: number}} Pending until: by the device's date */
/** @typedef {{restaurant: string, role: "kitchen"|"screen"}} Paired */
/** A station that the board shows first. @typedef {{id: string, name: string}} Shown */

/** @param {any} v @returns {Pending|null} */
const pendingOr = (v) => (typeof v?.code === "string" && typeof v.token === "string" && v.until > Date.now() && v.until < Date.now() + 3_600_000 ? v : null);

/** What this device was paired as last. @returns {Paired|null} */
export const pairedAs = () => kept(PAIRED, (v) => (restaurantId(v?.restaurant) && (v.role === "kitchen" || v.role === "screen") ? v : null));

export class Pairing {
  /**
   * @param {() => void} redraw
   * @param {(token: string, as: Paired, shown: Shown[]) => void} done shown: none where it shows everything
   */
  constructor(redraw, done) {
    this.redraw = redraw;
    this.done = done;
    /** @type {Pending|null} */
    this.pending = kept(PENDING, pendingOr); // a reload must not lose a code that is just being confirmed
    this.failed = false;
    /** The server pairs no screens. */
    this.absent = false;
  }

  async run() {
    for (;;) {
      let wait = PAUSE_MS;
      try {
        wait = await this.step();
        if (this.absent || wait < 0) return;
        this.failed = false;
      } catch (e) {
        this.failed = true;
        if (e instanceof Later) wait = e.after;
      }
      this.redraw();
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  /** Asks once. @returns {Promise<number>} milliseconds until the next time; negative: it is over */
  async step() {
    if (!this.pending || this.pending.until <= Date.now()) {
      const is = await ask("pair/code", { method: "POST" });
      this.absent = is === null;
      if (!is) return -1;
      this.pending = { code: is.code, token: is.pass, until: Date.now() + is.expires_in_s * 1000, again: is.again_in_s * 1000 };
      keep(PENDING, this.pending);
      return 0;
    }
    const { token, again } = this.pending;
    const is = await ask("pair/state", { headers: { Authorization: `Bearer ${token}` } });
    if (is?.state === "waiting") return again;
    this.pending = null;
    keep(PENDING, undefined);
    if (is?.state !== "paired") return 0;
    const as = { restaurant: is.restaurant_id, role: is.role };
    keep(PAIRED, as);
    this.done(token, as, is.stations ?? []);
    return -1;
  }
}

class Later extends Error {
  /** @param {number} after milliseconds */
  constructor(after) {
    super("later");
    this.after = after;
  }
}

/**
 * @param {string} path
 * @param {RequestInit} how
 * @returns {Promise<any>} null where there is no such address
 */
async function ask(path, how) {
  const response = await fetch(new URL(path, base), { ...how, cache: "no-store", signal: AbortSignal.timeout(10_000) });
  if (response.status === 404 || response.status === 405) return null;
  if (!response.ok) throw new Later(Math.min(60, Number(response.headers.get("Retry-After")) || PAUSE_MS / 1000) * 1000);
  return response.json();
}
