// The paper fallback: all open orders, in black on white, for the printer.
import { html, nothing } from "lit-html";
import { rowsOf } from "./rows.js";
import { dueText, typeWord, where } from "./order_words.js";
import { modifier } from "./tile_row.js";

/** @typedef {import("./tile.js").Scene} Scene */
/** @typedef {import("./rows.js").Row} Row */

/**
 * @param {import("./ticket.js").Ticket[]} tickets
 * @param {Scene} scene
 */
export function paper(tickets, scene) {
  const { words, clock, now, restaurant } = scene;
  const stages = /** @type {Record<string, string>} */ ({
    pending: words.statusPending, reopened: words.statusPending, preparing: words.statusPreparing, ready: words.ready,
  });
  return html`<h1>${words.paperTitle}: <bdi>${restaurant?.name ?? ""}</bdi>, ${clock.at(now)}</h1>
    ${tickets.map(({ order, number, stage }) => html`<section>
      <h2>☐ <bdi>${number}</bdi> ${typeWord(order.order_type, words)} <bdi>${where(order, words)}</bdi></h2>
      <p><b>${stages[stage]}</b>, ${words.ordered} ${clock.at(Date.parse(order.created_at))}</p>
      <ul>${rowsOf(order, null, "").map((r) => html`<li class="${r.kind} ${r.what}">${row(r, order, scene)}</li>`)}</ul>
    </section>`)}`;
}

/**
 * @param {Row} r
 * @param {import("../client/order.js").Order} order
 * @param {Scene} scene
 */
function row(r, order, scene) {
  const { words } = scene;
  if (r.kind === "item") {
    const line = order.items.find((i) => i.id === r.id && r.head);
    const done = line?.stations?.length && line.stations.every((a) => a.status === "ready") ? html`☑ ` : nothing;
    return html`${done}${r.head ? html`<b>${r.quantity}×</b> ` : nothing}<b><bdi>${r.text}</bdi></b>${line?.held ? html` (${words.held})` : nothing}`;
  }
  if (r.kind === "modifier") return modifier(r, words);
  if (r.kind !== "banner") return html`<span dir="auto">${r.what === "customer" ? r.text : `“${r.text}”`}</span>`;
  if (r.what === "due") return html`<b>${dueText(order, scene)}</b>`;
  if (r.what === "allergy") return html`<b>⚠ ${r.head ? `${words.allergy}: ` : ""}<bdi>${r.text}</bdi></b>`;
  return html`<b>⚠ ${words[/** @type {"rush"|"recalled"} */ (r.what)]}</b>`;
}
