// The header of a ticket: its number and age, where it goes, and words like LATE.
import { html, nothing } from "lit-html";
import * as icons from "./icons.js";
import { headerFit } from "./header_fit.js";
import { typeWord, where } from "./order_words.js";
import { styled } from "./styled.js";
import { duration } from "./time.js";

/** @typedef {import("./tile.js").Scene} Scene */

/**
 * @param {import("./ticket.js").Ticket} ticket
 * @param {import("./grid.js").Place} place
 * @param {string} state
 * @param {number} key
 * @param {Scene} scene
 */
export function header(ticket, place, state, key, { words, now, width, narrow, small }) {
  const { order } = ticket;
  const by = order.created_by?.name;
  const urgent = urgentWord(state, words);
  const banner = small && ticket.banner ? words[ticket.banner] : "";
  const ready = ticket.stage === "ready" && !ticket.gone ? `${words.ready} ${duration(now - ticket.readySince)}` : "";
  const fresh = ticket.fresh && !ticket.gone ? words.new : "";
  const age = duration(now - Date.parse(order.created_at));
  const { fit, line } = headerFit(ticket.number, age, [fresh, banner, urgent && `__${urgent}`, ready], key >= 0, place.columns * width, narrow);
  const apart = line === "kind" ? ready : ""; // hidden where there is no room
  const say = fresh || banner || urgent || (ready && !apart) ? html`<span class="words">
    ${fresh ? html`<b class="badge">${fresh}</b>` : nothing}
    ${banner ? html`<b class="badge banner">${banner}</b>` : nothing}
    ${urgent ? html`<b>${icons.warning} ${urgent}</b>` : nothing}
    ${ready && !apart ? html`<b>${ready}</b>` : nothing}
  </span>` : nothing;
  // How long it has been ready, the type in words, and who took the order are shown where there is room.
  return html`<header ${styled({ "--fit": String(fit) })}>
    <span class="top">
      <span class="key" aria-hidden="true">${key >= 0 ? key : ""}</span>
      <bdi class="number">${ticket.number}</bdi>
      ${line === "top" ? say : nothing}
      <time>${age}</time>
    </span>
    ${line === "own" ? say : nothing}
    <span class="kind">
      <span class="must">
        ${line === "kind" ? say : nothing}
        ${icons.ofType(order.order_type)}<bdi class="where">${where(order, words)}</bdi>
        ${place.parts > 1 ? html`<b class="part">${words.part(place.part, place.parts)}</b>` : nothing}
      </span>
      ${apart ? html`<b class="since">${apart}</b>` : nothing}
      <span class="type">${typeWord(order.order_type, words)}</span>
      ${by ? html`<bdi class="by">${by}</bdi>` : nothing}
    </span>
  </header>`;
}

/**
 * @param {string} state
 * @param {Scene["words"]} words
 */
export function urgentWord(state, words) {
  return /\blate$/.test(state) ? words.late : /\bslow$/.test(state) ? words.slow : "";
}
