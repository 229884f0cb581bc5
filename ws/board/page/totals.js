// How much of everything is still to cook, counted from the same tickets that are on the screen, so that it cannot drift from
// them.

/** @typedef {{name: string, quantity: number, ways: {name: string, quantity: number}[]}} Total */

/**
 * Totals of what is to start or cooking, the largest first. What is prepared differently is listed under its dish.
 * @param {import("./tickets.js").Ticket[]} tickets
 * @returns {Total[]}
 */
export function totals(tickets) {
  /** @type {Map<string, {name: string, quantity: number, ways: Map<string, number>}>} */
  const byName = new Map();
  for (const t of tickets) {
    if (t.gone || (t.status !== "pending" && t.status !== "preparing")) continue;
    for (const item of t.order.items) {
      const name = item.menu_item.name;
      let total = byName.get(name);
      if (!total) byName.set(name, (total = { name, quantity: 0, ways: new Map() }));
      total.quantity += item.quantity;
      for (const m of item.modifiers) {
        const way = m.modifier_option.name;
        total.ways.set(way, (total.ways.get(way) ?? 0) + item.quantity * m.quantity);
      }
    }
  }
  return [...byName.values()]
    .map((t) => ({ ...t, ways: [...t.ways].map(([name, quantity]) => ({ name, quantity })) }))
    .sort((a, b) => b.quantity - a.quantity || a.name.localeCompare(b.name));
}
