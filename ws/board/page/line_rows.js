// The rows of a ticket in a kitchen with stations: its lines with their statuses, its courses, and the lines of other stations.
import { add, rowsOf } from "./rows.js";
import { nameOr } from "./visible.js";

/** @typedef {import("../client/order.js").Item} Item */
/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./stations.js").Step} Step */
/** @typedef {import("./ticket.js").Ticket} Ticket */
/** The status of a line at another station, or, on whole tickets, at any station. @typedef {{name: string, status: Step}} Where */
/** The lines of another station. @typedef {{name: string, counts: {status: Step, n: number}[], held: number}} Others */
/**
 * How a line looks on this screen.
 * @typedef {object} LineLook
 * @property {boolean} ticks whether a touch ticks it off
 * @property {boolean} held it waits for its course to be fired
 * @property {Step} status
 * @property {Where[]} where
 * @property {boolean} noStation
 * @property {string[]} noScreen
 * @property {"fired"|"arrived"|"again"|"changed"|""} badge why it needs attention
 * @property {string} reason why it is to be made again
 * @property {boolean} alone its only row: all that a finger can touch
 */

/** @param {Ticket} ticket @returns {Row[]} */
export function rowsOfTicket(ticket) {
  const { before, gone, here, part } = ticket;
  if (!part) return rowsOf(ticket.order, before, gone);
  const order = ticket.own(ticket.shown);
  const items = byCourse(order.items);
  const rows = rowsOf({ ...order, items }, before && ticket.own(before), gone);
  const looks = new Map(items.map((item) => [item.id, lookOf(item, ticket)]));
  for (const row of rows) row.line = looks.get(row.id) ?? null;
  for (const [id, look] of looks) look.alone = rows.filter((r) => r.id === id).length === 1;
  addCourses(rows, items);
  if (gone) return rows;
  if (here.mode === "station") addOthers(rows, ticket);
  else if (here.mode === "pass" && part.waiting.length) add(rows, "waits", " ", {});
  return rows;
}

/** By course, those without one first; else as they came. @param {Item[]} items */
const byCourse = (items) => [...items].sort((a, b) => (a.course ?? -1) - (b.course ?? -1));

/**
 * @param {Item} item
 * @param {Ticket} ticket
 * @returns {LineLook}
 */
function lookOf(item, ticket) {
  const { here } = ticket;
  const line = ticket.lineOf(item);
  const worksAt = new Set(here.mode === "station" ? line.at.map((a) => a.id) : []);
  const where = ticket.gone ? [] : item.stations.filter((a) => a.id !== null && !worksAt.has(a.id) && here.nameOf(a.id));
  const again = line.at.find((a) => a.reason);
  return {
    ticks: !item.held && !ticket.gone && line.at.length > 0,
    held: item.held,
    status: line.status,
    where: where.map((a) => ({ name: here.nameOf(a.id), status: a.status })),
    noStation: line.noStation,
    noScreen: line.noScreen,
    badge: again ? "again" : line.at.some((a) => a.changed) ? "changed" : item.held ? "" : ticket.fired.has(item.id) ? "fired" : ticket.arrived.has(item.id) ? "arrived" : "",
    reason: again?.reason ?? "",
    alone: false,
  };
}

/**
 * A heading for each course, where there is more than one, or one is held.
 * @param {Row[]} rows
 * @param {Item[]} items
 */
function addCourses(rows, items) {
  if (new Set(items.map((i) => i.course)).size < 2 && !items.some((i) => i.held)) return;
  const byId = new Map(items.map((i) => [i.id, i]));
  /** @type {number|null} */
  let course = null;
  for (let i = 0; i < rows.length; i++) {
    const item = rows[i]?.kind === "item" ? byId.get(rows[i]?.id ?? "") : undefined;
    if (!item || item.course === course || item.course === null) continue;
    course = item.course;
    /** @type {Row[]} */
    const heading = [];
    const look = rows[i]?.line ?? null;
    add(heading, "course", " ", { quantity: course, line: look });
    rows.splice(i, 0, ...heading);
    Object.assign(rows[++i] ?? {}, { glued: true });
  }
}

/**
 * Adds a row for each other station with its lines.
 * @param {Row[]} rows
 * @param {Ticket} ticket
 */
function addOthers(rows, ticket) {
  const { here, part } = ticket;
  const others = part?.others ?? [];
  for (const station of here.stations) {
    const items = others.filter((i) => i.stations.some((a) => a.id === station.id));
    if (!items.length) continue;
    const live = items.filter((i) => !i.held);
    const statuses = live.flatMap((i) => i.stations.filter((a) => a.id === station.id).map((a) => a.status));
    const where = ["preparing", "pending", "ready"].map((s) => ({ status: /** @type {Step} */ (s), n: statuses.filter((x) => x === s).length }));
    add(rows, "others", listOf(items), { others: { name: station.name, counts: where.filter((w) => w.n), held: items.length - live.length } });
  }
  const nowhere = others.filter((i) => !i.stations.length);
  if (nowhere.length) add(rows, "others", listOf(nowhere), {});
}

/** @param {Item[]} items */
const listOf = (items) => items.map((i) => `${i.quantity}× ${nameOr(i.menu_item.name)}`).join(", ");
