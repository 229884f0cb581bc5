// Times as a kitchen reads them. Ages come from instants, never from clock faces: midnight and summer time do not exist
// for them. Clock faces are the restaurant's, not the device's.

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * 4:07, 1:04:07, then days.
 * @param {number} ms
 */
export function duration(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  if (s < 3600) return `${Math.floor(s / 60)}:${two(s % 60)}`;
  if (s < 86_400) return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return `${Math.floor(s / 86_400)}d ${Math.floor(s / 3600) % 24}h`;
}

/**
 * How long until, or since: seconds do not matter when it is hours.
 * @param {number} ms
 * @param {Pick<import("./i18n.js").Words, "hours">} words
 */
export function countdown(ms, words) {
  return ms < HOUR_MS || ms >= DAY_MS ? duration(ms) : words.hours(duration(ms).slice(0, -3));
}

/** Clock faces of one time zone, in 24 hours and the digits of receipts. */
export class ClockFace {
  /** @param {string} timezone an unknown one falls back to the device's */
  constructor(timezone) {
    try {
      new Intl.DateTimeFormat("en-GB", { timeZone: timezone });
      this.zone = /** @type {string|undefined} */ (timezone);
    } catch {
      this.zone = undefined;
    }
    this.time = this.format("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.date = this.format("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" });
    /** The names of days, by language. @type {Record<string, {near: Intl.DateTimeFormat, far: Intl.DateTimeFormat}>} */
    this.days = {};
  }

  /**
   * @param {string} lang
   * @param {Intl.DateTimeFormatOptions} options
   */
  format(lang, options) {
    return new Intl.DateTimeFormat(lang, { ...options, timeZone: this.zone });
  }

  /** @param {number} ms since 1970 */
  at(ms) {
    return this.time.format(ms);
  }

  /**
   * A time with its day where that is not today: "Sun 15:15", "12 Dec 15:15".
   * @param {number} ms since 1970
   * @param {number} now
   * @param {string} lang
   */
  on(ms, now, lang) {
    if (Math.abs(ms - now) < DAY_MS && this.date.format(ms) === this.date.format(now)) return this.at(ms);
    const days = (this.days[lang] ??= {
      near: this.format(`${lang}-u-nu-latn`, { weekday: "short" }), far: this.format(`${lang}-u-nu-latn`, { day: "numeric", month: "short" }),
    });
    return `${(Math.abs(ms - now) < 6 * DAY_MS ? days.near : days.far).format(ms)} ${this.at(ms)}`;
  }
}

/**
 * How urgent an order is.
 * @param {Pick<import("../client/order.js").Order, "promised_at"|"created_at">} order
 * @param {import("../client/client.js").Restaurant|null} restaurant
 * @param {number} now the server's
 * @returns {"ok"|"slow"|"late"}
 */
export function urgency(order, restaurant, now) {
  const warn = (restaurant?.warn_after_s ?? 300) * 1000;
  const late = (restaurant?.late_after_s ?? 600) * 1000;
  if (order.promised_at) {
    const left = Date.parse(order.promised_at) - now;
    return left <= 0 ? "late" : left <= warn ? "slow" : "ok";
  }
  const age = now - Date.parse(order.created_at);
  return age >= late ? "late" : age >= warn ? "slow" : "ok";
}
