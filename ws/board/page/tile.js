// One ticket on the screen. Everything that a writer of orders can choose goes in as text.
import { html, nothing } from "lit-html";
import * as icons from "./icons.js";
import { nextStatus } from "./bumps.js";
import { styled } from "./styled.js";
import { duration, urgency } from "./time.js";

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./tickets.js").Ticket} Ticket */
/** @typedef {import("./grid.js").Place} Place */
/**
 * What a tile needs to know beside its ticket.
 * @typedef {object} Scene
 * @property {import("./i18n.js").Words} words
 * @property {import("../client/client.js").Restaurant|null} restaurant
 * @property {import("./time.js").ClockFace} clock
 * @property {number} now the server's
 * @property {boolean} live
 * @property {string|null} selected
 */

/** @type {Record<string, "start"|"ready"|"done">} */
const STEP = { preparing: "start", ready: "ready", completed: "done" };

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
  const state = ticket.gone ? "gone" : ticket.status === "ready" ? "ready" : urgency(ticket.order, scene.restaurant, scene.now);
  const selected = scene.selected === ticket.id;
  const columns = place.cuts.map((from, i) => rows.slice(from, place.cuts[i + 1] ?? (place.part === place.parts ? undefined : place.end)));
  return html`<article
    class="ticket ${state} ${ticket.status} ${ticket.fresh ? "fresh" : ""} ${ticket.waiting ? "waiting" : ""}"
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
 * @param {Ticket} ticket
 * @param {Place} place
 * @param {string} state
 * @param {Scene["words"]} words
 */
function nameOf(ticket, place, state, words) {
  const status = { pending: words.statusPending, preparing: words.statusPreparing, ready: words.statusReady }[String(ticket.status)];
  return [
    ticket.number, where(ticket.order, words), typeWord(ticket.order.order_type, words),
    ticket.gone ? words[ticket.gone] : status, state === "late" ? words.late : state === "slow" ? words.slow : "",
    ticket.fresh ? words.new : "", ticket.order.allergy_note ? words.allergy : "",
    place.parts > 1 ? words.part(place.part, place.parts) : "",
  ].filter(Boolean).join(", ");
}

/**
 * @param {Ticket} ticket
 * @param {Place} place
 * @param {string} state
 * @param {number} key
 * @param {Scene} scene
 */
function header(ticket, place, state, key, { words, now }) {
  const { order } = ticket;
  const by = order.created_by?.name;
  const word = ticket.fresh && !ticket.gone ? words.new : "";
  return html`<header>
    <span class="key" aria-hidden="true">${key >= 0 ? key : ""}</span>
    <bdi class="number">${ticket.number}</bdi>
    ${word ? html`<span class="badge">${word}</span>` : nothing}
    <span class="age">
      ${state === "late" || state === "slow" ? html`${icons.warning}<b>${words[state]}</b>` : nothing}
      ${state === "ready" ? html`<b>${words.ready}</b>` : nothing}
      <time>${duration(now - Date.parse(order.created_at))}</time>
    </span>
    <span class="kind">
      ${icons.ofType(order.order_type)}<span>${typeWord(order.order_type, words)}</span>
      <bdi class="where">${where(order, words)}</bdi>
      ${by ? html`<bdi class="by">${by}</bdi>` : nothing}
      ${place.parts > 1 ? html`<b class="part">${words.part(place.part, place.parts)}</b>` : nothing}
    </span>
  </header>`;
}

/**
 * @param {Ticket} ticket
 * @param {Scene} scene
 */
function footer(ticket, { words, live }) {
  if (ticket.gone) {
    return html`<footer><button class="bump clear" type="button" data-act="bump" data-id=${ticket.id}>${words.clear}</button></footer>`;
  }
  const { named } = ticket;
  const step = STEP[nextStatus(named) ?? ""] ?? "done";
  return html`<footer>
    <button class="bump ${step} ${ticket.held ? "held" : ""}" type="button" data-act="bump" data-id=${ticket.id} data-value=${named}
      ?disabled=${!live}>${ticket.held ? icons.check : nothing}${words[step]}</button>
    ${named === "pending" ? nothing : html`<button
      class="back" type="button" data-act="back" data-id=${ticket.id} data-value=${named} ?disabled=${!live}
      aria-label=${words.stepBack(ticket.number)}>${icons.undo}</button>`}
  </footer>`;
}

/**
 * The place of a ticket that was just finished, for as long as that can be taken back with one touch.
 * @param {Ticket} ticket
 * @param {ReturnType<typeof styled>} area
 * @param {Scene} scene
 */
function ghost(ticket, area, { words, live }) {
  return html`<div class="ghost" data-id=${ticket.id} ${area}>
    <p><bdi>${ticket.number}</bdi> ${words.done}</p>
    <button type="button" data-act="unfinish" data-id=${ticket.id} ?disabled=${!live} aria-label=${words.undoOf(ticket.number)}>
      ${icons.undo}${words.undo}
    </button>
  </div>`;
}

/**
 * @param {Row} r
 * @param {Ticket} ticket
 * @param {Scene} scene
 */
export function row(r, ticket, scene) {
  const { words } = scene;
  const mark = r.mark && r.head ? html`<b class="mark">${words[r.mark]}</b>` : nothing;
  const kind = `${r.kind} ${r.what} ${r.mark ? "marked " + r.mark : ""} ${r.head ? "head" : "more"}`;
  switch (r.kind) {
    case "banner":
      return html`<li class=${kind}><div>${banner(r, ticket, scene)} ${mark}</div></li>`;
    case "note":
      return html`<li class=${kind}><div><q dir="auto">${r.text}</q> ${mark}</div></li>`;
    case "item":
      return html`<li class=${kind}><div>
        ${r.head ? html`<b class="quantity">${r.quantity}×</b>` : nothing}<span><bdi>${r.text}</bdi> ${mark}</span>
      </div></li>`;
    case "modifier":
      return html`<li class=${kind}><div>${modifier(r)} ${mark}</div></li>`;
    case "itemnote":
      return html`<li class=${kind}><div><q dir="auto">${r.text}</q> ${mark}</div></li>`;
  }
}

/**
 * @param {Row} r
 * @param {Ticket} ticket
 * @param {Scene} scene
 */
function banner(r, ticket, { words, clock, now }) {
  if (r.what === "allergy") return html`${r.head ? html`${icons.warning}<b>${words.allergy}</b> ` : nothing}<bdi>${r.text}</bdi>`;
  if (r.what === "due") {
    const at = Date.parse(ticket.order.promised_at ?? "");
    const left = at - now;
    const face = clock.at(at);
    return html`<b>${left >= 0 ? words.due(face, duration(left)) : words.overdue(face, duration(-left))}</b>`;
  }
  if (r.what === "" || r.what === "customer") return html`<bdi>${r.text}</bdi>`;
  const by = r.what === "changed" || r.what === "cancelled" || r.what === "deleted" ? ticket.by : "";
  return html`${icons.warning}<b>${words[r.what]}</b>${by ? html` <bdi class="writer">${by}</bdi>` : nothing}`;
}

/**
 * What is left out is as loud as it gets: − NO ONION.
 * @param {Row} r
 */
function modifier(r) {
  const without = /^(no|without|senza|ohne|sans|sin|sem|بدون)\s/i.test(r.text);
  const times = r.quantity > 1 ? `${r.quantity}× ` : "";
  return without
    ? html`<span class="without"><i>−</i> <bdi>${times}${r.text.toUpperCase()}</bdi></span>`
    : html`<span><i>+</i> <bdi>${times}${r.text}</bdi></span>`;
}

/**
 * @param {import("../client/order.js").Order} order
 * @param {Scene["words"]} words
 */
export function where(order, words) {
  return order.table ? words.table(order.table.label) : order.customer_name;
}

/**
 * A type that this version does not know is shown as it is.
 * @param {string} type
 * @param {Scene["words"]} words
 */
export function typeWord(type, words) {
  return type === "dine_in" || type === "takeaway" || type === "delivery" ? words[type] : type;
}
