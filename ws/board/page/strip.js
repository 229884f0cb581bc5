// The strip below the wall: ready tickets, where the settings say so, and orders that are due later.
import { html, nothing } from "lit-html";
import * as icons from "./icons.js";
import { urgencyOf } from "./lateness.js";
import { where } from "./order_words.js";
import { duration } from "./time.js";

/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {import("./settings.js").Values} Values */
/** @typedef {{wall: Ticket[], ready: Ticket[], later: Ticket[]}} Parts */

/**
 * Divides the tickets between the wall and the strip.
 * @param {Ticket[]} tickets oldest first
 * @param {Pick<Values, "readyPlace"|"rushFirst">} settings
 * @returns {Parts}
 */
export function divide(tickets, { readyPlace, rushFirst }) {
  // A pass never hides what it has to hand out.
  const stays = (/** @type {Ticket} */ t) => readyPlace === "hidden" && t.here?.mode === "pass";
  const ready = readyPlace === "wall" ? [] : tickets.filter((t) => !stays(t) && t.stage === "ready" && !t.gone && !t.held && !t.finished);
  const later = tickets.filter((t) => t.beginsAt).sort((a, b) => a.beginsAt - b.beginsAt);
  const aside = new Set([...ready, ...later]);
  const wall = tickets.filter((t) => !aside.has(t));
  const rush = (/** @type {Ticket} */ t) => Number(t.order.priority > 0 && !t.gone);
  if (rushFirst) wall.sort((a, b) => rush(b) - rush(a)); // stable: oldest first in both
  return { wall, ready: readyPlace === "strip" ? ready : [], later };
}

/**
 * @param {Parts} parts
 * @param {import("./tile.js").Scene} scene
 */
export function strip({ ready, later }, scene) {
  const { words } = scene;
  if (!ready.length && !later.length) return nothing;
  return html`<aside class="strip" aria-label="${words.ready}, ${words.laterTitle}" tabindex="0">
    ${ready.length ? html`<h2>${ready.length} ${words.ready}</h2>${ready.map((t) => readyTicket(t, scene))}` : nothing}
    ${later.length ? html`<h2>${words.later(later.length)}</h2>${later.map((t) => laterTicket(t, scene))}` : nothing}
  </aside>`;
}

/**
 * @param {Ticket} ticket
 * @param {import("./tile.js").Scene} scene
 */
function readyTicket(ticket, scene) {
  const { words, now, live, restaurant } = scene;
  const late = urgencyOf(ticket, restaurant, now) === "late";
  const place = where(ticket.order, words);
  return html`<article class="ready ${late ? "late" : ""}" data-id=${ticket.id} data-act="select" tabindex="-1"
    aria-label=${[ticket.number, place, words.statusReady, late && words.late].filter(Boolean).join(", ")}
    aria-current=${scene.selected === ticket.id ? "true" : nothing}>
    <p><bdi class="number">${ticket.number}</bdi> <bdi>${place}</bdi> ${late ? html`<b>${words.late}</b>` : nothing} <time>${duration(now - ticket.readySince)}</time></p>
    <div class="acts">
      <button type="button" class="done" data-act="bump" data-id=${ticket.id} data-value="ready" ?disabled=${!live}>${ticket.here.mode === "pass" ? words.serve : words.done}</button>
      <button type="button" data-act="back" data-id=${ticket.id} data-value="ready" ?disabled=${!live} aria-label=${words.stepBack(ticket.number)}>${icons.undo}</button>
    </div>
  </article>`;
}

/**
 * @param {Ticket} ticket
 * @param {import("./tile.js").Scene} scene
 */
function laterTicket(ticket, scene) {
  const { words, clock, now, live } = scene;
  const place = where(ticket.order, words);
  return html`<article data-id=${ticket.id} data-act="select" tabindex="-1"
    aria-label=${[ticket.number, place, words.statusPending].filter(Boolean).join(", ")}
    aria-current=${scene.selected === ticket.id ? "true" : nothing}>
    <p><bdi class="number">${ticket.number}</bdi> <bdi>${place}</bdi> <span>${words.dueOn(clock.on(Date.parse(ticket.order.promised_at ?? ""), now, words.lang))}</span></p>
    <div class="acts">
      <button type="button" class="start" data-act="bump" data-id=${ticket.id} data-value="pending" ?disabled=${!live}>${words.start}</button>
    </div>
  </article>`;
}
