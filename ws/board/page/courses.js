// Courses: which one is fired next.

/** @typedef {import("./ticket.js").Ticket} Ticket */

/**
 * The course that is to be fired next; null where none is held, or where this screen does not fire.
 * @param {Ticket} ticket
 * @returns {number|null}
 */
export function courseToFire({ hasWork, here, next, shown }) {
  if (!here.mode || (here.mode === "station" && (next !== "waits" || !hasWork))) return null;
  const held = shown.items.filter((i) => i.held && i.course !== null).map((i) => Number(i.course));
  return held.length ? Math.min(...held) : null;
}
