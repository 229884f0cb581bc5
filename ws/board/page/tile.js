// One ticket on the screen. Everything that a writer of orders can choose goes in as text.
import { html, nothing } from "lit-html";
import * as icons from "./icons.js";
import { urgencyOf } from "./lateness.js";
import { hasAllergy } from "./modifiers.js";
import { typeWord, where } from "./order_words.js";
import { styled } from "./styled.js";
import { footer } from "./tile_footer.js";
import { header, urgentWord } from "./tile_header.js";
import { row } from "./tile_row.js";

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {import("./grid.js").Place} Place */
/**
 * What a tile needs besides its ticket.
 * @typedef {object} Scene
 * @property {import("./i18n.js").Words} words
 * @property {import("../client/client.js").Restaurant|null} restaurant
 * @property {import("./time.js").ClockFace} clock
 * @property {number} now the server's
 * @property {typeof import("./order_words.js").dueText} due the text of a due banner
 * @property {boolean} live
 * @property {string|null} selected
 * @property {number} width of a cell, in the text size of tickets
 * @property {boolean} narrow headers have a line of their own for words like LATE
 * @property {boolean} small cells have no room for a row that says CHANGED or CANCELLED: the header says it
 */

/**
 * @param {Ticket} ticket
 * @param {Place} place
 * @param {Row[]} rows
 * @param {number} key the digit that selects it, -1 for none
 * @param {Scene} scene
 */
export function tile(ticket, place, rows, key, scene) {
  const area = styled({
    "grid-column": `${place.column + 1} / span ${place.columns}`,
    "grid-row": `${place.row + 1} / span ${place.rows}`,
  });
  if (ticket.finished) return ghost(ticket, area, scene);
  const { words } = scene;
  const urgent = urgencyOf(ticket, scene.restaurant, scene.now);
  const state = ticket.gone ? "gone" : ticket.stage === "ready" ? `ready ${urgent}` : urgent;
  const selected = scene.selected === ticket.id;
  const columns = place.cuts.map((from, i) => rows.slice(from, place.cuts[i + 1] ?? (place.part === place.parts ? undefined : place.end)));
  return html`<article
    class="ticket ${state} ${ticket.stage} ${ticket.fresh ? "fresh" : ""} ${ticket.banner === "changed" ? "edited" : ""} ${ticket.isWaiting ? "waiting" : ""} ${lookOf(ticket)}"
    data-id=${ticket.id} data-act="select" tabindex="-1" ${area} aria-label=${nameOf(ticket, place, state, words)}
    aria-current=${selected ? "true" : nothing}
  >
    ${header(ticket, place, state, key, scene)}
    <div class="columns" ${styled({ "grid-template-columns": `repeat(${place.columns}, minmax(0, 1fr))` })}>
      ${columns.map((part) => html`<ul class="rows">${part.map((r) => row(r, ticket, scene))}</ul>`)}
    </div>
    ${footer(ticket, scene)}
  </article>`;
}

/**
 * In a kitchen with stations: highlights what was fired, and what the pass can hand out.
 * @param {Ticket} ticket
 */
function lookOf(ticket) {
  const { mode } = ticket.here;
  const fired = ticket.part?.own.some((i) => ticket.fired.has(i.id));
  return `${mode} ${fired ? "fired" : ""} ${mode === "pass" && !ticket.part?.waiting.length ? "allready" : ""}`;
}

/**
 * @param {Ticket} ticket
 * @param {Place} place
 * @param {string} state
 * @param {Scene["words"]} words
 */
function nameOf(ticket, place, state, words) {
  const status = { pending: words.statusPending, preparing: words.statusPreparing, ready: words.statusReady, reopened: words.statusPending }[String(ticket.stage)];
  return [
    ticket.number, where(ticket.order, words), typeWord(ticket.order.order_type, words),
    ticket.gone ? words[ticket.gone] : status, urgentWord(state, words),
    ticket.fresh ? words.new : "", hasAllergy(ticket.order) ? words.allergy : "",
    place.parts > 1 ? words.part(place.part, place.parts) : "",
  ].filter(Boolean).join(", ");
}

/**
 * The place of a ticket that was just finished, for as long as that can be taken back with one touch.
 * @param {Ticket} ticket
 * @param {ReturnType<typeof styled>} area
 * @param {Scene} scene
 */
function ghost(ticket, area, { words, live }) {
  return html`<div class="ghost" data-id=${ticket.id} ${area}>
    <p><bdi>${ticket.number}</bdi> ${ticket.status === "completed" ? words.done : words.ready}</p>
    <button type="button" data-act="unfinish" data-id=${ticket.id} ?disabled=${!live} aria-label=${words.undoOf(ticket.number)}>
      ${icons.undo}${words.undo}
    </button>
  </div>`;
}
