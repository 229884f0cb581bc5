// What of an order a cook must act on: where it goes, when it is due, and what is to be cooked. A waiter's corrected name, an
// id or the order of the lines is none of that.
import { kindOf } from "./modifiers.js";
import { visible } from "./visible.js";

/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("../client/order.js").Item} Item */
/** @typedef {import("../client/order.js").Modifier} Modifier */

/** @param {Modifier} m */
const modifierContent = (m) => JSON.stringify([m.modifier_option.name, m.quantity, kindOf(m)]);

/** How a line is to be made, whatever its quantity. @param {Item} item */
const recipe = (item) => JSON.stringify([item.menu_item.name, visible(item.notes), item.modifiers.map(modifierContent).sort()]);

/** @param {Item} item */
const lineContent = (item) => JSON.stringify([recipe(item), item.quantity]);

/** When an order is due, in milliseconds since 1970; null where nobody promised anything. @param {Order} order */
export const dueAt = (order) => (order.promised_at ? Date.parse(order.promised_at) : null);

/** @param {Order} o */
function content(o) {
  return JSON.stringify([
    o.order_type, o.priority > 0, o.table?.label ?? null, visible(o.customer_name), dueAt(o), visible(o.notes),
    visible(o.allergy_note), o.items.map(lineContent).sort(),
  ]);
}

/**
 * Whether a cook has the same to do for both.
 * @param {Order} a
 * @param {Order} b
 */
export function sameContent(a, b) {
  return content(a) === content(b);
}

/**
 * The old edition of each line. Where a writer replaced a line instead of changing it, that is the one that says the same,
 * or else one of the same name.
 * @template {Item|Modifier} T
 * @param {T[]} old
 * @param {T[]} now
 * @param {(x: T) => string} name
 * @param {(x: T) => string} same
 * @returns {{pairs: Map<T, T>, removed: T[]}}
 */
function pair(old, now, name, same) {
  const left = new Set(old);
  /** @type {Map<T, T>} */
  const pairs = new Map();
  for (const key of [(/** @type {T} */ x) => x.id, same, name]) {
    for (const x of now) {
      if (pairs.has(x)) continue;
      const before = [...left].find((o) => key(o) === key(x));
      if (!before) continue;
      pairs.set(x, before);
      left.delete(before);
    }
  }
  return { pairs, removed: [...left] };
}

/**
 * @param {Item[]} old
 * @param {Item[]} now
 */
export function pairLines(old, now) {
  return pair(old, now, (i) => i.menu_item.name, lineContent);
}

/**
 * @param {Modifier[]} old
 * @param {Modifier[]} now
 */
export function pairModifiers(old, now) {
  return pair(old, now, (m) => m.modifier_option.name, modifierContent);
}

/**
 * What is to be cooked for the second order and was not part of the first: new lines, higher quantities, and whole lines that
 * are to be made differently.
 * @param {Order} old
 * @param {Order} now
 * @returns {{item: Item, quantity: number}[]}
 */
export function moreToCook(old, now) {
  const { pairs } = pairLines(old.items, now.items);
  return now.items.flatMap((item) => {
    const before = pairs.get(item);
    const quantity = !before || recipe(before) !== recipe(item) ? item.quantity : item.quantity - before.quantity;
    return quantity > 0 ? [{ item, quantity }] : [];
  });
}

/**
 * Whether the second order says all that the first one does, and more: its lines came one after the other.
 * @param {Order} old
 * @param {Order} now
 */
export function onlyAdds(old, now) {
  const { pairs, removed } = pairLines(old.items, now.items);
  const kept = (/** @type {string} */ a, /** @type {string} */ b) => !visible(a) || a === b;
  return removed.length === 0 &&
    [...pairs].every(([item, before]) =>
      item.menu_item.name === before.menu_item.name && item.quantity >= before.quantity && kept(before.notes, item.notes) &&
      pairModifiers(before.modifiers, item.modifiers).removed.length === 0) &&
    old.order_type === now.order_type && old.priority <= now.priority && kept(old.table?.label ?? "", now.table?.label ?? "") &&
    kept(old.customer_name, now.customer_name) && kept(old.notes, now.notes) && kept(old.allergy_note, now.allergy_note) &&
    (dueAt(old) === null || dueAt(old) === dueAt(now));
}
