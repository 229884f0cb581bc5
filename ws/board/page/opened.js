// A ticket that is not on the wall, opened in a dialog: all its rows, and its next step.
import { html } from "lit-html";
import { rowsOfTicket } from "./line_rows.js";
import { typeWord, where } from "./order_words.js";
import { footer } from "./tile_footer.js";
import { row } from "./tile_row.js";

/**
 * @param {import("./ticket.js").Ticket} ticket
 * @param {import("./tile.js").Scene} scene
 */
export function opened(ticket, scene) {
  const { order, number } = ticket;
  return html`<h2 id="panel-title"><bdi>${number}</bdi> ${typeWord(order.order_type, scene.words)} <bdi>${where(order, scene.words)}</bdi></h2>
    <div class="ticket opened">
      ${footer(ticket, scene)}
      <ul class="rows">${rowsOfTicket(ticket).map((r) => row(r, ticket, scene))}</ul>
    </div>`;
}
