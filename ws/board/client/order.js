// An order as the server sends it, under the server's own names; times are RFC 3339 strings in UTC.

/** @typedef {"pending"|"preparing"|"ready"|"completed"|"cancelled"} Status */
/** Ids are strings, whatever the key of the database. @typedef {{id: string|null, name: string}} Ref */
/** Quantities have up to three decimals. @typedef {{id: string, modifier_option: Ref, quantity: number, kind?: "add"|"remove"|"allergy"|"note"|null}} Modifier */
/** A line's status at one of its stations; the id is null where it has none. Changed: it was ready, and more or something else was
 * ordered. Reason: why it is to be made again. @typedef {{id: string|null, status: "pending"|"preparing"|"ready", changed?: true, reason?: string}} At */
/** Without stations, nothing has to be cooked, or the restaurant has none. @typedef {{id: string, menu_item: Ref, quantity: number, notes: string, modifiers: Modifier[], course: number|null, held: boolean, stations: At[]}} Item */
/**
 * @typedef {object} Order
 * @property {string} id
 * @property {string} restaurant_id
 * @property {number} order_number
 * @property {string} order_type dine_in, takeaway, delivery, or a newer type
 * @property {Status} status
 * @property {number} priority
 * @property {{id: string, label: string}|null} table
 * @property {{id: string, name: string}|null} created_by
 * @property {string} customer_name
 * @property {string} notes
 * @property {string} allergy_note
 * @property {string|null} promised_at
 * @property {boolean} recalled
 * @property {number} version
 * @property {string} created_at
 * @property {string} updated_at
 * @property {Item[]} items
 */
/** @typedef {{id: string, name: string, kind: "prep"|"expo"}} Station */
/**
 * @typedef {object} Restaurant
 * @property {string} name
 * @property {string} timezone an IANA name
 * @property {number} warn_after_s
 * @property {number} late_after_s
 * @property {number} recall_window_s
 * @property {Station[]} stations in their order; none in a kitchen that cooks everything in one place
 * @property {"stations"|"expo"} ready_when all stations are ready, or the pass says so
 * @property {number} start_before_s how long before its promised time work at an order begins
 */
/**
 * Oldest first; orders of the same moment keep one order everywhere.
 * @param {Order} a
 * @param {Order} b
 */
export function byAge(a, b) {
  return Date.parse(a.created_at) - Date.parse(b.created_at) || a.order_number - b.order_number || (a.id < b.id ? -1 : 1);
}

/**
 * Whether two editions of an order are equal. updated_at does not count: the event of a status may lack it.
 * @param {Order} a
 * @param {Order} b
 */
export function same(a, b) {
  const updated_at = "";
  return a.version === b.version && JSON.stringify({ ...a, updated_at }) === JSON.stringify({ ...b, updated_at });
}
