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
    /** @type {(Alarm & {at: number, until?: number})[]} those that are on, and those that ended lately */
    this.all = [];
  }

  /** @param {Alarm[]} alarms those that are on now */
  set(alarms) {
    alarms = alarms.filter((a) => REASONS.includes(a.reason)); // a newer server may have others
    const now = this.now();
    const fresh = alarms.filter((a) => !this.all.some((b) => b.until === undefined && isSame(a, b)));
    this.all = this.all.filter((b) => !fresh.some((a) => a.reason === b.reason));
    for (const b of this.all) if (!alarms.some((a) => isSame(a, b))) b.until ??= now;
    this.all.push(...fresh.map((a) => ({ ...a, at: now })));
    if (fresh.length) this.sound.play("unseen");
  }

  /**
   * The texts of the alarms that are on, and of those that ended after less than SHOWN_MS.
   * @param {import("./i18n.js").Words} words
   * @returns {string[]}
   */
  texts(words) {
    const now = this.now();
    this.all = this.all.filter((a) => a.until === undefined || now - a.at < SHOWN_MS);
    return this.all.map((a) => {
      const number = a.oldest_order_number === null ? words.unseenOrder : `#${a.oldest_order_number}`;
      const what = a.count > 1 ? words.unseenMore(number, a.count - 1) : number;
      // Whole minutes as soon as it is some: a screen reader reads each text anew that has changed.
      const minutes = Math.floor((a.age_s + ((a.until ?? now) - a.at) / 1000) / 60);
      const age = minutes < 2 ? words.unseenSeconds(a.age_s) : words.unseenMinutes(minutes);
      return words[a.reason](what, age, a.count > 1);
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
