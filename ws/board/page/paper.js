// The paper fallback: all open orders, in black on white, for the printer.
import { html, nothing } from "lit-html";
import { typeWord, where } from "./tile.js";

/**
 * @param {import("./ticket.js").Ticket[]} tickets
 * @param {import("./tile.js").Scene} scene
 */
export function paper(tickets, { words, clock, now, restaurant }) {
  return html`<h1>${words.paperTitle}: <bdi>${restaurant?.name ?? ""}</bdi>, ${clock.at(now)}</h1>
    ${tickets.map(({ order, number, status }) => html`<section>
      <h2>☐ <bdi>${number}</bdi> ${typeWord(order.order_type, words)} <bdi>${where(order, words)}</bdi>
        ${clock.at(Date.parse(order.created_at))} ${status === "ready" ? words.ready : nothing}</h2>
      ${order.allergy_note ? html`<p><b>⚠ ${words.allergy}: <bdi>${order.allergy_note}</bdi></b></p>` : nothing}
      ${order.notes ? html`<p dir="auto">“${order.notes}”</p>` : nothing}
      <ul>
        ${order.items.map((i) => html`<li>
          <b>${i.quantity}×</b> <bdi>${i.menu_item.name}</bdi>
          ${i.modifiers.map((m) => html`<br />· ${m.quantity > 1 ? `${m.quantity}× ` : ""}<bdi>${m.modifier_option.name}</bdi>`)}
          ${i.notes ? html`<br /><span dir="auto">“${i.notes}”</span>` : nothing}
        </li>`)}
      </ul>
    </section>`)}`;
}
