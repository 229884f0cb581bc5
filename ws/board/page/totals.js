// How much of everything is still to cook, counted from the same tickets that are on the screen, so that it cannot drift from
// them.

import { moreToCook } from "./content.js";
import { kindOf } from "./modifiers.js";
import { lineOf } from "./stations.js";
import { nameOr } from "./visible.js";

/** @typedef {import("../client/order.js").Item} Item */
/** @typedef {import("./ticket.js").Ticket} Ticket */
/** One way in which a dish is prepared. @typedef {{name: string, kind: string, quantity: number}} Way */
/** cooking: how much of it is begun, where stations say so. @typedef {{name: string, quantity: number, cooking?: number, ways: Way[]}} Total */
/** What one station has to cook; the id of no station is null. @typedef {{id: string|null, name: string, totals: Total[]}} StationTotals */

/**
 * Totals of what is to start or cooking, the largest first. What is prepared differently is listed under its dish.
 * @param {Ticket[]} tickets
 * @returns {Total[]}
 */
export function totals(tickets) {
  const sum = new Sum();
  for (const { item, quantity } of tickets.flatMap(toCook)) sum.add(item, quantity, false);
  return sum.list();
}

/**
 * The same for each station that this screen works at, in their order, and last what has no station. A line of two stations counts at
 * both. Stations with nothing to cook are left out.
 * @param {Ticket[]} tickets
 * @param {Pick<import("./view.js").ScreenView, "view"|"screens"|"stations">} screen
 * @returns {StationTotals[]}
 */
export function stationTotals(tickets, { view, screens, stations }) {
  /** @type {Map<string|null, Sum>} */
  const sums = new Map([...stations.map((s) => /** @type {const} */ ([s.id, new Sum()])), [null, new Sum()]]);
  for (const { shown } of tickets.filter(isOpen)) {
    for (const item of shown.items.filter((i) => !i.held)) {
      for (const at of lineOf(item, view, screens, stations).at) {
        if (at.status !== "ready") (sums.get(at.id) ?? sums.get(null))?.add(item, item.quantity, at.status === "preparing");
      }
    }
  }
  const name = (/** @type {string|null} */ id) => stations.find((s) => s.id === id)?.name ?? "";
  return [...sums].map(([id, sum]) => ({ id, name: name(id), totals: sum.list() })).filter((s) => s.totals.length > 0);
}

/** Adds lines up by their dish. */
class Sum {
  constructor() {
    /** @type {Map<string, Omit<Total, "ways"> & {ways: Map<string, Way>}>} */
    this.byName = new Map();
  }

  /**
   * @param {Item} item
   * @param {number} quantity
   * @param {boolean} cooking
   */
  add(item, quantity, cooking) {
    const name = nameOr(item.menu_item.name);
    let total = this.byName.get(name);
    if (!total) this.byName.set(name, (total = { name, quantity: 0, ways: new Map() }));
    total.quantity = exact(total.quantity + quantity);
    if (cooking) total.cooking = exact((total.cooking ?? 0) + quantity);
    for (const m of item.modifiers) {
      const kind = kindOf(m);
      const key = `${kind} ${m.modifier_option.name}`;
      const way = total.ways.get(key) ?? { name: nameOr(m.modifier_option.name), kind, quantity: 0 };
      way.quantity = exact(way.quantity + quantity * m.quantity);
      total.ways.set(key, way);
    }
  }

  /** @returns {Total[]} */
  list() {
    return [...this.byName.values()]
      .map((t) => ({ ...t, ways: [...t.ways.values()] }))
      .sort((a, b) => b.quantity - a.quantity || a.name.localeCompare(b.name));
  }
}

/** @param {Ticket} ticket */
const isOpen = ({ gone, finished, status }) => !gone && !finished && status !== "ready";

/**
 * The lines of a ticket that nobody has cooked yet.
 * @param {Ticket} ticket
 * @returns {{item: Item, quantity: number}[]}
 */
function toCook({ gone, stage, order, more, whenReady }) {
  if (gone || stage === "ready" || stage === "completed" || stage === "cancelled") return [];
  return more && whenReady ? moreToCook(whenReady, order) : order.items.map((item) => ({ item, quantity: item.quantity }));
}

/** Quantities have up to three decimals, whose sums shall have no more. @param {number} n */
export function exact(n) {
  return Math.round(n * 1000) / 1000;
}
