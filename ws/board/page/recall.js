// The recall list: what left the kitchen, newest first, with one button to bring it back to its old place and age.
import { html } from "lit-html";
import { typeWord, where } from "./order_words.js";
import { nameOr } from "./visible.js";

/**
 * @param {import("../client/order.js").Order[]|null} orders null while the server is asked
 * @param {import("./tile.js").Scene} scene
 */
export function recallList(orders, { words, clock, live }) {
  return html`<h2 id="panel-title">${words.recallList}</h2>
    ${live ? "" : html`<p>${words.notWhileOffline}</p>`}
    ${!orders ? html`<p>…</p>` : !orders.length ? html`<p>${words.recallEmpty}</p>` : ""}
    <ul class="recalls">
      ${(orders ?? []).map((o) => html`<li>
        <span class="number"><bdi>#${o.order_number}</bdi></span>
        <span class="what">
          <b><bdi>${where(o, words)}</bdi> ${typeWord(o.order_type, words)}</b>
          <small>${clock.at(Date.parse(o.created_at))} → ${clock.at(Date.parse(o.updated_at))}</small>
          <span>${o.items.map((i, n) => html`${n ? ", " : ""}${i.quantity}× <bdi>${nameOr(i.menu_item.name)}</bdi>`)}</span>
        </span>
        ${o.status === "completed"
          ? html`<button type="button" data-act="bring-back" data-id=${o.id} ?disabled=${!live} aria-label="${words.recall} #${o.order_number}">${words.recall}</button>`
          : html`<b class="struck">${words.cancelled}</b>`}
      </li>`)}
    </ul>`;
}
