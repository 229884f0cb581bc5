// Orders that are due later: they are held back until work at them begins.

/** @typedef {import("./ticket.js").Ticket} Ticket */

const LEAD_S = 3600; // where the restaurant sends none

/**
 * How long before it is due a scheduled order comes to the wall: by this screen's setting, or else the restaurant's.
 * @param {import("./settings.js").Values["lead"]} lead
 * @param {import("../client/client.js").Restaurant|null} restaurant
 * @returns {number} milliseconds
 */
export function leadOf(lead, restaurant) {
  if (lead === "all") return Infinity;
  return (lead === "restaurant" ? restaurant?.start_before_s ?? LEAD_S : Number(lead) * 60) * 1000;
}

/**
 * When work at an order begins, where that is later: nobody has begun it, and it is not in a rush.
 * @param {Ticket} ticket
 * @param {number} lead milliseconds
 * @param {number} now the server's
 * @returns {number} 0 where it is not held back
 */
function beginOf({ order, stage, gone, held }, lead, now) {
  if (stage !== "pending" || gone || held || order.priority > 0 || !order.promised_at) return 0;
  const at = Date.parse(order.promised_at) - lead;
  return at > now ? at : 0;
}

/**
 * Marks the tickets that are held back.
 * @param {Ticket[]} tickets
 * @param {number} lead milliseconds
 * @param {number} now the server's
 * @returns {Ticket[]} those that are held back no longer
 */
export function schedule(tickets, lead, now) {
  return tickets.filter((ticket) => {
    const before = ticket.beginsAt;
    ticket.beginsAt = beginOf(ticket, lead, now);
    return before > 0 && before <= now && ticket.beginsAt === 0 && ticket.stage === "pending" && !ticket.gone;
  });
}
