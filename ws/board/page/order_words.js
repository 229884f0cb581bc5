// What is said of an order in words: where it goes, what type it is, when it is due.
import { countdown } from "./time.js";
import { nameOr, visible } from "./visible.js";

/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("./i18n.js").Words} Words */
/** @typedef {Pick<import("./tile.js").Scene, "words"|"clock"|"now">} Scene */

/** Longer than any time that a banner counts down to the minute. */
const NEARLY_A_DAY_MS = 23.5 * 3600_000;

/**
 * @param {Order} order
 * @param {Scene} scene
 */
export function dueText({ promised_at }, { words, clock, now }) {
  const at = Date.parse(promised_at ?? "");
  return dueIn(clock.on(at, now, words.lang), at - now, words);
}

/**
 * The longest text that the banner will have today: tickets keep room for that, so that none moves when it grows.
 * @param {Order} order
 * @param {Scene} scene
 */
export function longestDueText({ promised_at }, { words, clock, now }) {
  const on = clock.on(Date.parse(promised_at ?? ""), now, words.lang);
  const [before, after] = [dueIn(on, NEARLY_A_DAY_MS, words), dueIn(on, -NEARLY_A_DAY_MS, words)];
  return before.length > after.length ? before : after;
}

/**
 * @param {string} on
 * @param {number} left
 * @param {Words} words
 */
function dueIn(on, left, words) {
  const time = countdown(Math.abs(left), words);
  return left >= 0 ? words.due(on, time) : words.overdue(on, time);
}

/**
 * @param {Order} order
 * @param {Words} words
 */
export function where(order, words) {
  return order.table ? words.table(nameOr(order.table.label)) : visible(order.customer_name);
}

/**
 * A type that this version does not know is shown as it is.
 * @param {string} type
 * @param {Words} words
 */
export function typeWord(type, words) {
  return type === "dine_in" || type === "takeaway" || type === "delivery" ? words[type] : type;
}
