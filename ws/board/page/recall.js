// The recall list: what left the kitchen, newest first, with one button to bring it back to its old place and age.
import { html } from "lit-html";
import { typeWord, where } from "./order_words.js";
import { nameOr } from "./visible.js";

/**
 * @param {import("../client/order.js").Order[]|null} orders null while the server is asked
 * @param {import("./tile.js").Scene} scene
 * @param {import("../client/order.js").Order[]} [finished] orders whose part here is done while other stations go on
 */
export function recallList(orders, scene, finished = []) {
  const { words, live } = scene;
  const all = orders && [...finished, ...orders.filter((o) => !finished.some((f) => f.id === o.id))];
  return html`<h2 id="panel-title">${words.recallList}</h2>
    ${live ? "" : html`<p>${words.notWhileOffline}</p>`}
    ${!all ? html`<p>…</p>` : !all.length ? html`<p>${words.recallEmpty}</p>` : ""}
    <ul class="recalls">
      ${(all ?? []).map((o) => left(o, scene))}
    </ul>`;
}

/**
 * @param {import("../client/order.js").Order} o
 * @param {import("./tile.js").Scene} scene
 */
function left(o, { words, clock, live }) {
  return html`<li>
        <span class="number"><bdi>#${o.order_number}</bdi></span>
        <span class="what">
          <b><bdi>${where(o, words)}</bdi> ${typeWord(o.order_type, words)}</b>
          <small>${clock.at(Date.parse(o.created_at))} → ${clock.at(Date.parse(o.updated_at))}</small>
          <span>${o.items.map((i, n) => html`${n ? ", " : ""}${i.quantity}× <bdi>${nameOr(i.menu_item.name)}</bdi>`)}</span>
        </span>
        ${o.status !== "cancelled"
          ? html`<button type="button" data-act="bring-back" data-id=${o.id} ?disabled=${!live} aria-label="${words.recall} #${o.order_number}">${words.recall}</button>`
          : html`<b class="struck">${words.cancelled}</b>`}
      </li>`;
}
