// Reports which orders this screen has really shown (drawn two frames ago on a visible page, not only counted in "+7 more"), and which
// of them somebody has touched.

/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {{id: string, version: number}} Drawn */

export class Sightings {
  /**
   * @param {Pick<import("../client/client.js").KitchenClient, "seen">} client
   * @param {HTMLElement[]} parts of the page that hold tickets
   * @param {import("./tickets.js").Tickets} tickets
   */
  constructor(client, parts, tickets) {
    this.client = client;
    this.parts = parts;
    this.tickets = tickets;
    /** @type {Map<string, number>} the versions that were reported as painted */
    this.painted = new Map();
    /** @type {Set<string>} the orders that were reported as touched */
    this.touched = new Set();
    this.waiting = false; // until two frames later
  }

  /** A whole queue came, perhaps on a new connection: everything is reported again. */
  again() {
    this.painted.clear();
    this.touched.clear();
  }

  /** After drawing. */
  look() {
    this.reportTouched();
    if (this.waiting || document.visibilityState !== "visible" || !this.fresh().length) return;
    this.waiting = true;
    // The first frame begins right after this drawing; when the second one begins, the first has been on the screen.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      this.waiting = false;
      if (document.visibilityState === "visible") this.say(this.fresh());
    }));
  }

  /** The tickets on the screen that were not reported as painted. @returns {Ticket[]} */
  fresh() {
    const here = new Set(this.parts.flatMap((part) => [...part.querySelectorAll("[data-id]")]).filter(isVisible).map(idOf));
    return this.tickets.list().filter((t) => here.has(t.id) && t.order.version > (this.painted.get(t.id) ?? -1));
  }

  /** @param {Ticket[]} tickets */
  say(tickets) {
    if (!tickets.length || !this.client.seen(tickets.map(seenOf), "painted")) return;
    for (const t of tickets) this.painted.set(t.id, t.order.version);
    for (const id of this.painted.keys()) if (!this.tickets.get(id)) this.painted.delete(id);
  }

  /** Reports the tickets that were touched since the last call. */
  reportTouched() {
    const touched = this.tickets.list().filter((t) => t.touched && !this.touched.has(t.id));
    if (!touched.length || !this.client.seen(touched.map(seenOf), "touched")) return;
    for (const t of touched) this.touched.add(t.id);
    for (const id of this.touched) if (!this.tickets.get(id)) this.touched.delete(id);
  }
}

/** @param {Ticket} ticket */
const seenOf = ({ order }) => ({ order_id: order.id, version: order.version });

/** @param {Element} element */
const idOf = (element) => (element instanceof HTMLElement ? element.dataset.id : undefined);

/** @param {Element} element */
function isVisible(element) {
  const { width, height, top, bottom, left, right } = element.getBoundingClientRect();
  return width > 0 && height > 0 && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
}
