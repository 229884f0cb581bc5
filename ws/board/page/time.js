// Times as a kitchen reads them. Ages come from instants, never from clock faces: midnight and summer time do not exist
// for them. Clock faces are the restaurant's, not the device's.

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

/** Clock faces of one time zone, in 24 hours and the digits of receipts. */
export class ClockFace {
  /** @param {string} timezone an unknown one falls back to the device's */
  constructor(timezone) {
    /** @type {Intl.DateTimeFormatOptions} */
    const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    try {
      this.format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: timezone });
    } catch {
      this.format = new Intl.DateTimeFormat("en-GB", options);
    }
  }

  /** @param {number} ms since 1970 */
  at(ms) {
    return this.format.format(ms);
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
