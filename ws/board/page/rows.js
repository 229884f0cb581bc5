// A ticket as a list of rows. Rows are small, so that a long ticket can be cut between any two of them.
import { dueAt, pairLines, pairModifiers } from "./content.js";
import { allergiesOf, kindOf } from "./modifiers.js";
import { nameOr, visible } from "./visible.js";

/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("../client/order.js").Item} Item */
/**
 * @typedef {object} Row
 * @property {"banner"|"turn"|"note"|"item"|"modifier"|"itemnote"|"course"|"others"|"waits"} kind turn: what of the ticket's head was what
 *   before; others: what another station has of the ticket; waits: who still cooks
 * @property {string} text
 * @property {"allergy"|"rush"|"recalled"|"changed"|"cancelled"|"deleted"|"due"|"customer"|"type"|"table"|"add"|"remove"|"note"|""} what
 *   of a modifier: what it does to its dish
 * @property {number} quantity
 * @property {"added"|"changed"|"removed"|""} mark what changed since a cook last touched the ticket
 * @property {string|number} was what stood there before, where that was something else; "" where nothing did
 * @property {boolean} head the first row of its text: only it carries the label or the quantity
 * @property {string} id of the line that it belongs to; empty for none, and for one that is gone
 * @property {import("./line_rows.js").LineLook|null} line how that line looks, in a kitchen with stations
 * @property {boolean} [glued] it stays with the heading above it
 * @property {import("./line_rows.js").Others|null} others the lines of another station
 */

/** Longer texts become several rows; a cell always has room for a row of this many characters. */
const LONGEST = 120;

/**
 * @param {Order} order
 * @param {Order|null} seen the order as a cook last saw it, where it changed since
 * @param {""|"cancelled"|"deleted"} gone
 * @returns {Row[]}
 */
export function rowsOf(order, seen, gone) {
  /** @type {Row[]} */
  const rows = [];
  const { pairs, removed } = pairLines(seen?.items ?? order.items, order.items);
  if (gone) add(rows, "banner", " ", { what: gone });
  addText(rows, "banner", order.allergy_note, seen ? seen.allergy_note : order.allergy_note, { what: "allergy" });
  for (const item of order.items) {
    // As prominent as the note, and beside it: a cook who reads only the top must not miss it.
    const names = allergiesOf(item);
    const before = seen ? pairs.get(item) : item;
    const known = new Set(before ? allergiesOf(before) : []);
    const mark = names.some((n) => !known.has(n)) ? "added" : "";
    if (names.length) add(rows, "banner", `${names.join(", ")}: ${nameOr(item.menu_item.name)}`, { what: "allergy", mark });
  }
  if (seen && !gone) addChanges(rows, order, seen);
  if (order.priority > 0) add(rows, "banner", " ", { what: "rush", mark: seen && seen.priority <= 0 ? "added" : "" });
  else if (seen && seen.priority > 0) add(rows, "banner", " ", { what: "rush", mark: "removed" });
  if (order.recalled) add(rows, "banner", " ", { what: "recalled" });
  if (order.promised_at) add(rows, "banner", " ", { what: "due" });
  if (order.table && visible(order.customer_name)) add(rows, "note", order.customer_name, { what: "customer" });
  addText(rows, "note", order.notes, seen ? seen.notes : order.notes);
  for (const item of order.items) addItem(rows, item, seen ? pairs.get(item) : item);
  for (const item of removed) addItem(rows, item, item, "removed");
  return rows;
}

/**
 * That something changed, and what of the ticket's head was what before.
 * @param {Row[]} rows
 * @param {Order} order
 * @param {Order} seen
 */
function addChanges(rows, order, seen) {
  add(rows, "banner", " ", { what: "changed" });
  /**
   * @param {Row["what"]} what
   * @param {string|null|undefined} old
   * @param {string|null|undefined} now
   */
  const change = (what, old, now) => {
    const [was, is] = [visible(old), visible(now)];
    if (was !== is) add(rows, "turn", is, { what, was, mark: !was ? "added" : is ? "changed" : "removed" });
  };
  change("type", seen.order_type, order.order_type);
  change("table", seen.table && nameOr(seen.table.label), order.table && nameOr(order.table.label));
  change("customer", seen.customer_name, order.customer_name);
  if (dueAt(seen) !== dueAt(order)) change("due", seen.promised_at, order.promised_at);
}

/**
 * A text of the order or of a line, and the one that it replaced.
 * @param {Row[]} rows
 * @param {Row["kind"]} kind
 * @param {string} now
 * @param {string} old
 * @param {Partial<Row>} [more]
 */
function addText(rows, kind, now, old, more) {
  const changed = visible(now) !== visible(old);
  if (changed && visible(old)) add(rows, kind, old, { ...more, mark: "removed" });
  if (visible(now)) add(rows, kind, now, { ...more, mark: !changed ? "" : visible(old) ? "changed" : "added" });
}

/**
 * @param {Row[]} rows
 * @param {Item} item
 * @param {Item|undefined} old
 * @param {Row["mark"]} [mark]
 */
function addItem(rows, item, old, mark) {
  const renamed = old && old.menu_item.name !== item.menu_item.name;
  const changed = !old ? "added" : old.quantity !== item.quantity || renamed ? "changed" : "";
  const id = mark === "removed" ? "" : item.id;
  if (renamed) add(rows, "item", nameOr(old.menu_item.name), { quantity: old.quantity, mark: "removed" });
  const was = old && !renamed && old.quantity !== item.quantity ? old.quantity : "";
  add(rows, "item", nameOr(item.menu_item.name), { quantity: item.quantity, was, mark: mark ?? changed, id });
  const { pairs, removed } = pairModifiers(old?.modifiers ?? [], item.modifiers);
  for (const m of item.modifiers) {
    const before = pairs.get(m);
    const differs = !before ? "added" : before.quantity !== m.quantity || kindOf(before) !== kindOf(m) ? "changed" : "";
    const was = before && before.quantity !== m.quantity ? before.quantity : "";
    add(rows, "modifier", nameOr(m.modifier_option.name), { what: kindOf(m), quantity: m.quantity, was, mark: mark ?? differs, id });
  }
  for (const m of removed) add(rows, "modifier", nameOr(m.modifier_option.name), { what: kindOf(m), quantity: m.quantity, mark: "removed", id });
  if (!mark) addText(rows, "itemnote", item.notes, old?.notes ?? "", { id });
  else if (visible(item.notes)) add(rows, "itemnote", item.notes, { mark, id });
}

/**
 * @param {Row[]} rows
 * @param {Row["kind"]} kind
 * @param {string} text
 * @param {Partial<Row>} more
 */
export function add(rows, kind, text, more) {
  pieces(text).forEach((piece, i) =>
    rows.push({ kind, what: "", quantity: 1, mark: "", was: "", id: "", line: null, others: null, ...more, text: piece, head: i === 0 }),
  );
}

/**
 * Whether a row is the banner that says CHANGED or CANCELLED. In a small cell the header says the same instead.
 * @param {Row} r
 */
export function isBanner(r) {
  return r.kind === "banner" && (r.what === "changed" || r.what === "cancelled" || r.what === "deleted");
}

/**
 * Whether a row belongs to the one above it, and should stay with it: a dish and its notes are not separated.
 * @param {Row} r
 */
export function isGlued(r) {
  return r.glued || !r.head || r.kind === "modifier" || r.kind === "itemnote";
}

/**
 * Cuts a text between words; a word that is longer than a row is cut inside, between whole characters.
 * @param {string} text
 */
export function pieces(text) {
  /** @type {string[]} */
  const out = [];
  let rest = [...text];
  while (rest.length > LONGEST) {
    let cut = rest.lastIndexOf(" ", LONGEST);
    if (cut < LONGEST / 2) cut = LONGEST;
    out.push(rest.slice(0, cut).join("").trim());
    rest = rest.slice(cut);
  }
  out.push(rest.join("").trim());
  return out;
}
