// The all-day panel: how much of everything is still to cook.
import { html } from "lit-html";
import { labelOf } from "./modifiers.js";
import { totals } from "./totals.js";

/**
 * @param {import("./ticket.js").Ticket[]} tickets
 * @param {import("./i18n.js").Words} words
 */
export function allday(tickets, words) {
  const all = totals(tickets);
  return html`<aside class="allday" aria-label=${words.allday} tabindex="0">
    <h2>${words.allday}</h2>
    <p>${all.length ? words.alldayHint : words.alldayEmpty}</p>
    <ul>
      ${all.map((t) => html`<li>
        <b>${t.quantity}×</b><bdi>${t.name}</bdi>
        ${t.ways.map((w) => html`<span class=${w.kind}><b>${w.quantity}×</b><bdi>${labelOf(w.name, w.kind, words)}</bdi></span>`)}
      </li>`)}
    </ul>
  </aside>`;
}
