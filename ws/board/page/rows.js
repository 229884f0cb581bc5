// A ticket as the rows that stand on it. Rows are small, so that a long ticket can be cut between any two of them.

/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("../client/order.js").Item} Item */
/**
 * @typedef {object} Row
 * @property {"banner"|"note"|"item"|"modifier"|"itemnote"} kind
 * @property {string} text
 * @property {"allergy"|"rush"|"recalled"|"changed"|"cancelled"|"deleted"|"due"|"customer"|""} what
 * @property {number} quantity
 * @property {"added"|"changed"|"removed"|""} mark what changed since a cook last touched the ticket
 * @property {boolean} head the first row of its text: only it carries the label or the quantity
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
  if (gone) add(rows, "banner", " ", { what: gone });
  if (order.allergy_note) {
    add(rows, "banner", order.allergy_note, { what: "allergy", mark: differs(seen, order, "allergy_note") });
  } else if (seen?.allergy_note) {
    add(rows, "banner", seen.allergy_note, { what: "allergy", mark: "removed" });
  }
  if (seen && !gone) add(rows, "banner", " ", { what: "changed" });
  if (order.priority > 0) add(rows, "banner", " ", { what: "rush" });
  if (order.recalled) add(rows, "banner", " ", { what: "recalled" });
  if (order.promised_at) add(rows, "banner", " ", { what: "due" });
  if (order.table && order.customer_name) add(rows, "note", order.customer_name, { what: "customer" });
  if (order.notes) add(rows, "note", order.notes, { mark: differs(seen, order, "notes") });
  else if (seen?.notes) add(rows, "note", seen.notes, { mark: "removed" });
  for (const item of order.items) addItem(rows, item, seen ? seen.items.find((i) => i.id === item.id) : item);
  for (const item of seen?.items ?? []) {
    if (!order.items.some((i) => i.id === item.id)) addItem(rows, item, item, "removed");
  }
  return rows;
}

/**
 * @param {Row[]} rows
 * @param {Item} item
 * @param {Item|undefined} old
 * @param {Row["mark"]} [mark]
 */
function addItem(rows, item, old, mark) {
  const changed = !old ? "added" : old.quantity !== item.quantity || old.menu_item.name !== item.menu_item.name ? "changed" : "";
  add(rows, "item", item.menu_item.name || "?", { quantity: item.quantity, mark: mark ?? changed });
  for (const m of item.modifiers) {
    const before = old?.modifiers.find((x) => x.id === m.id);
    const differs = !before ? "added" : before.quantity !== m.quantity ? "changed" : "";
    add(rows, "modifier", m.modifier_option.name, { quantity: m.quantity, mark: mark ?? (old ? differs : "added") });
  }
  for (const m of old?.modifiers ?? []) {
    if (!item.modifiers.some((x) => x.id === m.id)) {
      add(rows, "modifier", m.modifier_option.name, { quantity: m.quantity, mark: "removed" });
    }
  }
  if (item.notes) add(rows, "itemnote", item.notes, { mark: mark ?? (old && old.notes !== item.notes ? "changed" : "") });
  else if (old?.notes) add(rows, "itemnote", old.notes, { mark: "removed" });
}

/**
 * @param {Row[]} rows
 * @param {Row["kind"]} kind
 * @param {string} text
 * @param {Partial<Row>} more
 */
function add(rows, kind, text, more) {
  pieces(text).forEach((piece, i) =>
    rows.push({ kind, what: "", quantity: 1, mark: "", ...more, text: piece, head: i === 0 }),
  );
}

/**
 * Whether a row belongs to the one above it, and should not be cut from it: a dish stays with what is said of it.
 * @param {Row} r
 */
export function isGlued(r) {
  return !r.head || r.kind === "modifier" || r.kind === "itemnote";
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

/**
 * @param {Order|null} seen
 * @param {Order} order
 * @param {"notes"|"allergy_note"} field
 */
function differs(seen, order, field) {
  if (!seen || seen[field] === order[field]) return "";
  return seen[field] ? "changed" : "added";
}

/**
 * Whether a kitchen sees the same in both, status and version aside.
 * @param {Order} a
 * @param {Order} b
 */
export function sameContent(a, b) {
  /** @param {Order} o */
  const content = ({ status, version, updated_at, recalled, ...rest }) => JSON.stringify(rest);
  return content(a) === content(b);
}
