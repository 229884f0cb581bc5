// What is urgent on the other pages of tickets.
import { urgencyOf } from "./lateness.js";

/**
 * @param {import("./ticket.js").Ticket[]} hidden
 * @param {import("../client/client.js").Restaurant|null} restaurant
 * @param {number} now the server's
 * @param {import("./i18n.js").Words} words
 * @returns {string[]} 3 NEW, 1 LATE, RUSH
 */
export function elsewhere(hidden, restaurant, now, words) {
  const open = hidden.filter((t) => !t.gone && !t.finished);
  const fresh = open.filter((t) => t.fresh).length;
  const late = open.filter((t) => urgencyOf(t, restaurant, now) === "late").length;
  const rush = open.some((t) => t.order.priority > 0);
  return [fresh ? words.nameNew(fresh) : "", late ? words.nameLate(late) : "", rush ? words.rush : ""].filter(Boolean);
}
