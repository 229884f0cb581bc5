// How the pick-up screen looks: two columns, and what is said to guests where it is not up to date.
import { html, nothing, render } from "lit-html";
import { columns, fit, keyOf } from "./pickup_orders.js";

/** @typedef {import("./pickup_orders.js").PickupOrder} PickupOrder */
/** @typedef {{restaurant: {name: string}, orders: PickupOrder[]}} PickupQueue */

/** How long a page of a column is shown. */
const PAGE_MS = 7000;
/** How long an order that has just become ready is highlighted. */
const FRESH_MS = 30_000;

export class PickupView {
  /**
   * @param {HTMLElement} main
   * @param {import("./pair_words.js").PairWords & import("./i18n.js").Words} words
   */
  constructor(main, words) {
    this.main = main;
    this.words = words;
    /** When highlighted orders became ready. @type {Map<string, number>} */
    this.fresh = new Map();
    /** The columns begin with their first page then. */
    this.turned = performance.now();
  }

  /** Highlights orders, and shows their page. @param {PickupOrder[]} ready */
  highlight(ready) {
    const now = performance.now();
    for (const [key, at] of this.fresh) if (now - at >= FRESH_MS) this.fresh.delete(key);
    for (const o of ready) this.fresh.set(keyOf(o), now);
    if (ready.length) this.turned = now;
  }

  /**
   * @param {PickupQueue|null} queue null: nothing that may be shown
   * @param {boolean} doubtful
   */
  draw(queue, doubtful) {
    const { words } = this;
    const of = columns(queue?.orders ?? []);
    const kinds = new Set((queue?.orders ?? []).map((o) => o.order_type)).size;
    const column = (/** @type {"cooking"|"ready"} */ name, /** @type {string} */ title) => html`<section class=${name} aria-labelledby=${name}>
      <h2 id=${name}>${title}</h2>${this.list(name, of[name], kinds > 1)}</section>`;
    render(html`<h1><bdi>${queue?.restaurant.name || words.pickupTitle}</bdi></h1>
      <p class="ask" role="alert" ?hidden=${!doubtful}>${doubtful ? words.pickupAsk : ""}</p>
      <div class="columns ${doubtful ? "doubtful" : ""}" ?hidden=${!queue}>
        ${queue && !queue.orders.length ? html`<p class="none">${words.pickupNone}</p>` : nothing}
        ${column("cooking", words.pickupCooking)}${column("ready", words.pickupReady)}</div>`, this.main);
    for (const list of this.main.querySelectorAll("ul")) {
      list.style.setProperty("--scale", list.dataset.scale ?? "1");
      list.style.setProperty("--cell", `${list.dataset.cell}px`);
    }
  }

  /**
   * @param {"cooking"|"ready"} name
   * @param {PickupOrder[]} orders
   * @param {boolean} kinds whether orders of several kinds are on the screen
   */
  list(name, orders, kinds) {
    const cell = this.cell(orders, kinds);
    const { scale, perPage, pages } = fit(orders.length, this.room(name), cell);
    const page = Math.floor((performance.now() - this.turned) / PAGE_MS) % pages;
    const shown = orders.slice(page * perPage, (page + 1) * perPage);
    return html`<ul data-scale=${scale} data-cell=${cell.width * scale - this.unit()}>${shown.map((o) => this.order(o, kinds))}</ul>
      <p class="page">${pages > 1 ? this.words.pickupPage(page + 1, pages) : ""}</p>`;
  }

  /** @param {PickupOrder} o @param {boolean} kinds */
  order(o, kinds) {
    const fresh = performance.now() - (this.fresh.get(keyOf(o)) ?? -Infinity) < FRESH_MS;
    const kind = kinds ? /** @type {any} */ (this.words)[o.order_type] ?? o.order_type : "";
    return html`<li class=${fresh ? "fresh" : ""}><b><bdi>${o.number}</bdi></b>${o.name ? html`<span class="name"><bdi>${o.name}</bdi></span>` : nothing}
      ${kind ? html`<span class="kind">${kind}</span>` : nothing}</li>`;
  }

  /** The room of a column's list, in pixels. @param {string} name */
  room(name) {
    const list = this.main.querySelector(`section.${name} ul`);
    return { width: list?.clientWidth || innerWidth / 2, height: list?.clientHeight || innerHeight * 0.7 };
  }

  /** A vmin, in pixels. */
  unit() {
    return Math.min(innerWidth, innerHeight) / 100;
  }

  /**
   * The least room of one order, in pixels, with the gap to the next: its number has to be read across a room.
   * @param {PickupOrder[]} orders
   * @param {boolean} kinds
   */
  cell(orders, kinds) {
    const digits = Math.max(3, ...orders.map((o) => String(o.number).length));
    const named = orders.some((o) => o.name);
    return { width: (digits * 5.2 + 6) * this.unit(), height: (12 + (named ? 4.5 : 0) + (kinds ? 2.8 : 0)) * this.unit() };
  }
}
