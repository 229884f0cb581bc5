// How much of everything is still to cook, counted from the same tickets that are on the screen, so that it cannot drift from
// them.

import { moreToCook } from "./content.js";
import { kindOf } from "./modifiers.js";
import { nameOr } from "./visible.js";

/** One way in which a dish is prepared. @typedef {{name: string, kind: string, quantity: number}} Way */
/** @typedef {{name: string, quantity: number, ways: Way[]}} Total */

/**
 * Totals of what is to start or cooking, the largest first. What is prepared differently is listed under its dish.
 * @param {import("./ticket.js").Ticket[]} tickets
 * @returns {Total[]}
 */
export function totals(tickets) {
  /** @type {Map<string, {name: string, quantity: number, ways: Map<string, Way>}>} */
  const byName = new Map();
  for (const { item, quantity } of tickets.flatMap(toCook)) {
    const name = nameOr(item.menu_item.name);
    let total = byName.get(name);
    if (!total) byName.set(name, (total = { name, quantity: 0, ways: new Map() }));
    total.quantity = exact(total.quantity + quantity);
    for (const m of item.modifiers) {
      const kind = kindOf(m);
      const key = `${kind} ${m.modifier_option.name}`;
      const way = total.ways.get(key) ?? { name: nameOr(m.modifier_option.name), kind, quantity: 0 };
      way.quantity = exact(way.quantity + quantity * m.quantity);
      total.ways.set(key, way);
    }
  }
  return [...byName.values()]
    .map((t) => ({ ...t, ways: [...t.ways.values()] }))
    .sort((a, b) => b.quantity - a.quantity || a.name.localeCompare(b.name));
}

/**
 * The lines of a ticket that nobody has cooked yet.
 * @param {import("./ticket.js").Ticket} ticket
 * @returns {{item: import("../client/order.js").Item, quantity: number}[]}
 */
function toCook({ gone, stage, order, more, whenReady }) {
  if (gone || stage === "ready" || stage === "completed" || stage === "cancelled") return [];
  return more && whenReady ? moreToCook(whenReady, order) : order.items.map((item) => ({ item, quantity: item.quantity }));
}

/** Quantities have up to three decimals, whose sums shall have no more. @param {number} n */
function exact(n) {
  return Math.round(n * 1000) / 1000;
}
