// Finding a ticket by its number, which a waiter calls across the kitchen: typed on keys, or touched on the dialog's own.
import { html, nothing } from "lit-html";
import { typeWord, where } from "./order_words.js";

/** @typedef {import("./ticket.js").Ticket} Ticket */

/** No order number has more digits. */
const MOST_DIGITS = 9;
/** More are not offered: another digit says which. */
const MOST_FOUND = 6;

export class Find {
  digits = "";

  clear() {
    this.digits = "";
  }

  /** @param {string} key a digit, or Backspace @returns {boolean} whether it was one of them */
  type(key) {
    if (key === "Backspace") this.digits = this.digits.slice(0, -1);
    else if (/^\d$/.test(key)) this.digits = (this.digits + key).slice(0, MOST_DIGITS);
    else return false;
    return true;
  }

  /**
   * The tickets whose number begins with what was typed, the one that is exactly that first.
   * @param {Ticket[]} tickets oldest first
   */
  found(tickets) {
    if (!this.digits) return [];
    const number = (/** @type {Ticket} */ t) => String(t.order.order_number);
    const all = tickets.filter((t) => !t.finished && number(t).startsWith(this.digits));
    return all.sort((a, b) => number(a).length - number(b).length).slice(0, MOST_FOUND);
  }

  /**
   * @param {Ticket[]} tickets
   * @param {import("./i18n.js").Words} words
   */
  view(tickets, words) {
    const found = this.found(tickets);
    return html`<h2 id="panel-title">${words.find}</h2>
      <p class="sought" aria-live="polite"><bdi>#${this.digits}</bdi>${this.digits && !found.length ? html` ${words.notOpen}` : nothing}</p>
      <div class="find">
        <div class="keypad">
          ${[..."123456789"].map((d) => digit(d))}
          <button type="button" data-act="digit" data-value="Backspace" aria-label=${words.erase}>⌫</button>
          ${digit("0")}
          <button type="button" data-act="recall">${words.recallList}</button>
        </div>
        <ul class="found">
          ${found.map((t) => html`<li><button type="button" data-act="goto" data-id=${t.id}>
            <b><bdi>${t.number}</bdi></b> <span>${typeWord(t.order.order_type, words)} <bdi>${where(t.order, words)}</bdi></span>
          </button></li>`)}
        </ul>
      </div>`;
  }
}

/** @param {string} d */
function digit(d) {
  return html`<button type="button" data-act="digit" data-value=${d}>${d}</button>`;
}
