// How high the rows of a ticket are, as this browser draws them. Asked only for tickets that changed, all of them in one go,
// so that the browser lays out once.
import { html, render } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { longestDueText } from "./order_words.js";
import { row } from "./tile_row.js";

/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {import("./rows.js").Row} Row */

export class Measure {
  /** @param {HTMLElement} bench where rows are tried out: out of sight, as wide as a cell */
  constructor(bench) {
    this.bench = bench;
    /** @type {Map<string, {edition: number, setup: string, shape: string, heights: number[]}>} */
    this.known = new Map();
  }

  /**
   * @param {{ticket: Ticket, rows: Row[]}[]} tickets
   * @param {string} setup whatever makes all heights different: width, text size, language
   * @param {import("./tile.js").Scene} scene
   * @returns {import("./grid.js").Measured[]}
   */
  heights(tickets, setup, scene) {
    const missing = tickets.filter(({ ticket }) => {
      const known = this.known.get(ticket.id);
      return !known || known.edition !== ticket.edition || known.setup !== setup || known.shape !== shapeOf(ticket, scene);
    });
    if (missing.length) {
      const longest = { ...scene, due: longestDueText };
      render(
        repeat(missing, ({ ticket }) => ticket.id, ({ ticket, rows }) => html`<ul class="rows">${rows.map((r) => row(r, ticket, longest))}</ul>`),
        this.bench,
      );
      const lists = [...this.bench.querySelectorAll("ul")];
      missing.forEach(({ ticket }, i) => {
        const heights = [...(lists[i]?.children ?? [])].map((li) => li.getBoundingClientRect().height);
        this.known.set(ticket.id, { edition: ticket.edition, setup, shape: shapeOf(ticket, scene), heights });
      });
      render(html``, this.bench);
      if (this.known.size > tickets.length * 2 + 50) {
        const here = new Set(tickets.map(({ ticket }) => ticket.id));
        for (const id of this.known.keys()) if (!here.has(id)) this.known.delete(id);
      }
    }
    return tickets.map(({ ticket }) => ({ id: ticket.id, heights: this.known.get(ticket.id)?.heights ?? [] }));
  }
}

/**
 * From where it is looked at, and how long the text of a due banner may become today: the only text of a ticket that changes with time.
 * Digits are all of one width.
 * @param {Ticket} ticket
 * @param {import("./tile.js").Scene} scene
 */
function shapeOf({ here, order }, scene) {
  return `${here.edition} ${order.promised_at ? longestDueText(order, scene).replace(/\d/g, "0") : ""}`;
}
