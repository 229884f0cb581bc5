// The alarm about orders that nobody has seen: its texts and its sound on this screen.

/** @typedef {import("../client/seen.js").Alarm} Alarm */

/** An alarm is shown at least this long. A screen that reconnects ends it by painting, and would else never show it. */
export const SHOWN_MS = 30_000;

const REASONS = ["no_display", "not_painted", "not_touched"];

export class Unseen {
  /**
   * @param {() => number} now the monotonic clock
   * @param {Pick<import("./sound.js").Sound, "play">} sound
   */
  constructor(now, sound) {
    this.now = now;
    this.sound = sound;
    /** @type {(Alarm & {at: number, on: boolean})[]} */
    this.all = [];
  }

  /** @param {Alarm[]} alarms those that are on now */
  set(alarms) {
    alarms = alarms.filter((a) => REASONS.includes(a.reason)); // a newer server may have others
    const fresh = alarms.filter((a) => !this.all.some((b) => b.on && isSame(a, b)));
    this.all = this.all.filter((b) => !fresh.some((a) => a.reason === b.reason));
    for (const b of this.all) b.on = alarms.some((a) => isSame(a, b));
    this.all.push(...fresh.map((a) => ({ ...a, at: this.now(), on: true })));
    if (fresh.length) this.sound.play("unseen");
  }

  /**
   * The texts of the alarms that are on, and of those that ended after less than SHOWN_MS.
   * @param {import("./i18n.js").Words} words
   * @returns {string[]}
   */
  texts(words) {
    const now = this.now();
    this.all = this.all.filter((a) => a.on || now - a.at < SHOWN_MS);
    return this.all.map((a) => {
      const number = a.oldest_order_number === null ? words.unseenOrder : `#${a.oldest_order_number}`;
      const what = a.count > 1 ? words.unseenMore(number, a.count - 1) : number;
      return words[a.reason](what, a.age_s, a.count > 1);
    });
  }
}

/**
 * @param {Alarm} a
 * @param {Alarm} b
 */
function isSame(a, b) {
  return a.reason === b.reason && a.oldest_order_id === b.oldest_order_id;
}
