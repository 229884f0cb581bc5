// The last queue that was live on this screen, kept on the device: a reload while the server is down shows it, with its age.
import { isOpen } from "../client/index.js";
import { keep, kept } from "./storage.js";

/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("../client/order.js").Restaurant} Restaurant */
/** at: when it was live, by the device's date; serverAt: the same by the server's. @typedef {{format: 1, at: number, serverAt: number, restaurant: Restaurant, orders: Order[], omitted: number}} Kept */

const EVERY_MS = 5000;
/** A queue older than a shift helps nobody. */
const OLDEST_MS = 12 * 3_600_000;
const FORMAT = 1;

export class LastQueue {
  /**
   * @param {string} restaurant
   * @param {import("../client/client.js").KitchenClient} client
   */
  constructor(restaurant, client) {
    this.name = `kitchen:queue:${restaurant}`;
    this.client = client;
    this.savedAt = -Infinity; // by the monotonic clock
    addEventListener("pagehide", () => this.save());
  }

  /** Keeps the queue, now and then while it is live, and once more when it stops being live. */
  note() {
    const live = this.client.state.name === "live";
    if (live ? performance.now() - this.savedAt >= EVERY_MS : this.wasLive) this.save();
    this.wasLive = live;
  }

  wasLive = false;

  save() {
    const { client } = this;
    if (!client.hadQueue || !client.restaurant || (client.state.name !== "live" && !this.wasLive)) return;
    const ago = performance.now() - client.state.since;
    keep(this.name, {
      format: FORMAT, at: Date.now() - ago, serverAt: client.serverNow() - ago,
      restaurant: client.restaurant, orders: client.orders(), omitted: client.omitted,
    });
    this.savedAt = performance.now();
  }

  /** What was kept, unless it is too old or was not written by this board. @returns {Kept|null} */
  read() {
    return kept(this.name, readQueue);
  }

  forget() {
    this.wasLive = false;
    keep(this.name, undefined);
  }
}

/** @param {any} value @returns {Kept|null} */
export function readQueue(value) {
  try {
    const age = Date.now() - value.at;
    const good = value.format === FORMAT && age >= 0 && age < OLDEST_MS && isNumber(value.serverAt) && isNumber(value.omitted) &&
      isRestaurant(value.restaurant) && value.orders.every(isOrder);
    return good ? value : null;
  } catch {
    return null;
  }
}

const isNumber = Number.isFinite;
/** @param {any} v */
const isText = (v) => typeof v === "string";
/** @param {any} v */
const isTime = (v) => isText(v) && isNumber(Date.parse(v));
/** @param {any} v */
const isId = (v) => v === null || isText(v);

/** @param {any} r */
const isRestaurant = (r) => isText(r.name) && isText(r.timezone) && [r.warn_after_s, r.late_after_s, r.recall_window_s].every(isNumber) &&
  (r.start_before_s === undefined || isNumber(r.start_before_s));

/** @param {any} o */
function isOrder(o) {
  return isText(o.id) && isNumber(o.order_number) && isOpen(o.status) && isNumber(o.version) &&
    isNumber(o.priority) && [o.order_type, o.customer_name, o.notes, o.allergy_note].every(isText) && isTime(o.created_at) &&
    isTime(o.updated_at) && (o.promised_at === null || isTime(o.promised_at)) && (o.table === null || isText(o.table.label)) &&
    (o.created_by === null || isText(o.created_by.name)) && o.items.every(isItem);
}

/** @param {any} i */
const isItem = (i) => isText(i.id) && isId(i.menu_item.id) && isText(i.menu_item.name) && isNumber(i.quantity) && isText(i.notes) && i.modifiers.every(isModifier);

/** @param {any} m */
const isModifier = (m) => isText(m.id) && isId(m.modifier_option.id) && isText(m.modifier_option.name) && isNumber(m.quantity);
