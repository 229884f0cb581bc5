// The dialog in which the pass says why a line is to be made again.
import { html } from "lit-html";
import { REASONS } from "./line_moves.js";
import { nameOr } from "./visible.js";

/** @typedef {import("./ticket.js").Ticket} Ticket */

/**
 * @param {Ticket} ticket
 * @param {import("../client/order.js").Item} item
 * @param {import("./tile.js").Scene} scene
 */
export function again(ticket, item, { words, live }) {
  return html`<h2 id="panel-title"><bdi>${ticket.number}</bdi> ${words.againTitle(`${item.quantity}× ${nameOr(item.menu_item.name)}`)}</h2>
    <p>${words.againHint}</p>
    <div class="buttons">${REASONS.map((reason) => html`<button type="button" data-act="again" data-id=${ticket.id} data-name=${item.id} data-value=${reason}
      ?disabled=${!live}>${words.reasons[reason]}</button>`)}</div>`;
}
