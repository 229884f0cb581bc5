// Orders and tickets for tests of the page.
import { Tickets } from "../page/tickets.js";

export const order = (n, more = {}) => ({
  id: `o${n}`, order_number: n, order_type: "dine_in", status: "pending", priority: 0, table: null, created_by: null,
  customer_name: "", notes: "", allergy_note: "", promised_at: null, recalled: false, version: 1,
  created_at: new Date(n * 1000).toISOString(), updated_at: "", items: [], ...more,
});
export const modifier = (name, kind, quantity = 1) => ({ id: `m-${name}`, modifier_option: { id: null, name }, quantity, kind });
export const line = (id, quantity, name, ...modifiers) => ({ id, menu_item: { id: null, name }, quantity, notes: "", modifiers });
export const change = (more) => ({ first: false, snapshot: false, created: [], returned: [], changed: [], gone: [], by: "", ...more });
export const chimes = (rings) => rings.map((r) => r.chime);

/** Tickets with a clock of the test's own, and the first queue in it. */
export function kitchen(...first) {
  const clock = { now: 0 };
  const tickets = new Tickets(() => clock.now, () => clock.now);
  tickets.apply(change({ first: true, snapshot: true, created: first }));
  /** Changes an order as a writer does. */
  const write = (before, more) => tickets.apply(change({ changed: [{ before, order: { ...before, version: before.version + 1, ...more } }] }));
  return { clock, tickets, write };
}
