// What keys do with the lines of the selected ticket, in a kitchen with stations.
import { courseToFire } from "./courses.js";

/** @typedef {import("./ticket.js").Ticket} Ticket */

/**
 * The keys do nothing in a kitchen without stations, whose tickets are pieces of work as a whole.
 * @param {"nextLine"|"tick"|"fire"|"force"} action
 * @param {Ticket} ticket
 * @param {import("./board.js").Board} board
 */
export function lineKey(action, ticket, { bumps, commands, notices, words }) {
  if (!ticket.here.mode || ticket.gone || ticket.finished) return;
  const lines = workable(ticket);
  const chosen = lines.find((l) => l.item.id === ticket.line);
  switch (action) {
    case "tick":
      if (chosen) return commands.tick(ticket.id, `${chosen.status}:${chosen.item.id}`);
      return choose(ticket, lines.find((l) => l.status !== "ready") ?? lines[0]);
    case "nextLine":
      return choose(ticket, lines[(lines.findIndex((l) => l === chosen) + 1) % (lines.length || 1)]);
    case "fire": {
      const course = courseToFire(ticket);
      if (course === null) return notices.say(words.nothingToFire, "plain");
      bumps.lines.fire(ticket.id, course);
      return;
    }
    case "force":
      if (ticket.blocked) bumps.force(ticket.id, ticket.blocked.to);
  }
}

/** The lines that a touch ticks off, in their order on the ticket. @param {Ticket} ticket */
function workable(ticket) {
  const own = ticket.own(ticket.shown).items.filter((i) => !i.held);
  const lines = own.map((item) => ({ item, ...ticket.lineOf(item) })).filter((l) => l.at.length > 0);
  return lines.sort((a, b) => (a.item.course ?? -1) - (b.item.course ?? -1));
}

/**
 * @param {Ticket} ticket
 * @param {{item: import("../client/order.js").Item}|undefined} line
 */
function choose(ticket, line) {
  ticket.line = line?.item.id ?? null;
}
