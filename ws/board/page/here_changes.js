// Lines that come to this screen though their order is not new: a course was fired, a route was changed, the pass sent food back, or
// another screen was closed.

/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("../client/order.js").Item} Item */
/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {import("./tickets.js").Ring} Ring */

/**
 * Marks the lines that are no longer held as fired.
 * @param {Ticket} ticket
 * @param {Order} before
 * @param {number} now the monotonic clock
 */
export function noteFired(ticket, before, now) {
  const held = new Set(before.items.filter((i) => i.held).map((i) => i.id));
  for (const item of ticket.order.items) if (held.has(item.id) && !item.held) ticket.fired.set(item.id, now);
}

/**
 * A ticket comes to this screen. It is new where it has lines that were not to be cooked here before; else it is back.
 * @param {Ticket} ticket
 * @param {Order} before
 * @returns {"new"|"changed"}
 */
export function cameHere(ticket, before) {
  const known = new Set(before.items.filter((i) => !i.held && ticket.isOwn(i)).map((i) => i.id));
  return liveHere(ticket).some((i) => !known.has(i.id)) ? "new" : "changed";
}

/**
 * Takes what the screen shows, and the screens that are connected. Lines that come here because another screen was closed are marked.
 * Nothing is marked the first time, or where somebody chose another view.
 * @param {import("./tickets.js").Tickets} tickets
 * @param {import("./here.js").Station[]} stations
 * @param {import("./here.js").View} view
 * @param {import("./here.js").Screens} screens
 * @returns {Ring[]}
 */
export function setView(tickets, stations, view, screens) {
  const { here } = tickets;
  const same = here.screens !== null && JSON.stringify([here.stations, here.view]) === JSON.stringify([stations, view]);
  const all = [...tickets.all.values()].filter((t) => !t.gone);
  const before = new Map(all.map((t) => [t, { shown: t.isHere, lines: new Set(liveHere(t).map((i) => i.id)) }]));
  if (!here.set(stations, view, screens) || !same || here.mode !== "station") return [];
  /** @type {Ring[]} */
  const rings = [];
  for (const [ticket, { shown, lines }] of before) {
    const came = liveHere(ticket).filter((i) => !lines.has(i.id));
    if (!came.length) continue;
    if (shown) for (const item of came) ticket.arrived.add(item.id);
    else tickets.arrive(ticket.id);
    ticket.edition++;
    rings.push({ chime: "new", id: ticket.id });
  }
  return rings;
}

/** The lines that are to be cooked here now. @param {Ticket} ticket @returns {Item[]} */
function liveHere(ticket) {
  return ticket.shown.items.filter((i) => !i.held && ticket.lineOf(i).own && ticket.lineOf(i).status !== "ready");
}
