// The all-day panel: how much of everything is still to cook, of what this screen shows.
import { html, nothing } from "lit-html";
import { labelOf } from "./modifiers.js";
import { exact, stationTotals, totals } from "./totals.js";

/** @typedef {import("./i18n.js").Words} Words */
/** @typedef {import("./totals.js").Total} Total */

/**
 * @param {import("./ticket.js").Ticket[]} tickets
 * @param {Pick<import("./view.js").ScreenView, "view"|"screens"|"stations">} screen
 * @param {Words} words
 */
export function allday(tickets, screen, words) {
  const parts = screen.stations.length ? stationTotals(tickets, screen) : [{ id: null, name: "", totals: totals(tickets) }];
  const named = screen.stations.length > 0;
  const anything = parts.some((p) => p.totals.length > 0);
  return html`<aside class="allday" aria-label=${words.allday} tabindex="0">
    <h2>${words.allday}</h2>
    <p>${anything ? words.alldayHint : words.alldayEmpty}</p>
    ${parts.map((part) => html`${named ? html`<h3><bdi>${part.name || words.alldayNoStation}</bdi></h3>` : nothing}
      <ul>${part.totals.map((t) => row(t, named, words))}</ul>`)}
  </aside>`;
}

/**
 * @param {Total} total
 * @param {boolean} status whether it says how much is begun
 * @param {Words} words
 */
function row(total, status, words) {
  const cooking = total.cooking ?? 0;
  return html`<li>
    <b>${total.quantity}×</b><bdi>${total.name}</bdi>
    ${status ? html`<small>${words.alldayStatus(exact(total.quantity - cooking), cooking)}</small>` : nothing}
    ${total.ways.map((w) => html`<span class=${w.kind}><b>${w.quantity}×</b><bdi>${labelOf(w.name, w.kind, words)}</bdi></span>`)}
  </li>`;
}
