// One ticket on the screen. Everything that a writer of orders can choose goes in as text.
import { html, nothing } from "lit-html";
import * as icons from "./icons.js";
import { nextStage } from "./bumps.js";
import { urgencyOf } from "./lateness.js";
import { hasAllergy, labelOf } from "./modifiers.js";
import { headerFit } from "./header_fit.js";
import { styled } from "./styled.js";
import { duration } from "./time.js";
import { nameOr, visible } from "./visible.js";

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./ticket.js").Ticket} Ticket */
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
 * @property {number} width of a cell, in the text size of tickets
 * @property {boolean} narrow headers have a line of their own for words like LATE
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
  const urgent = urgencyOf(ticket, scene.restaurant, scene.now);
  const state = ticket.gone ? "gone" : ticket.stage === "ready" ? `ready ${urgent}` : urgent;
  const selected = scene.selected === ticket.id;
  const columns = place.cuts.map((from, i) => rows.slice(from, place.cuts[i + 1] ?? (place.part === place.parts ? undefined : place.end)));
  return html`<article
    class="ticket ${state} ${ticket.stage} ${ticket.fresh ? "fresh" : ""} ${ticket.waiting ? "waiting" : ""}"
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
  const status = { pending: words.statusPending, preparing: words.statusPreparing, ready: words.statusReady, reopened: words.statusPending }[String(ticket.stage)];
  return [
    ticket.number, where(ticket.order, words), typeWord(ticket.order.order_type, words),
    ticket.gone ? words[ticket.gone] : status, urgentWord(state, words),
    ticket.fresh ? words.new : "", hasAllergy(ticket.order) ? words.allergy : "",
    place.parts > 1 ? words.part(place.part, place.parts) : "",
  ].filter(Boolean).join(", ");
}

/**
 * @param {string} state
 * @param {Scene["words"]} words
 */
function urgentWord(state, words) {
  return /\blate$/.test(state) ? words.late : /\bslow$/.test(state) ? words.slow : "";
}

/**
 * @param {Ticket} ticket
 * @param {Place} place
 * @param {string} state
 * @param {number} key
 * @param {Scene} scene
 */
function header(ticket, place, state, key, { words, now, width, narrow }) {
  const { order } = ticket;
  const by = order.created_by?.name;
  const urgent = urgentWord(state, words);
  const ready = ticket.stage === "ready" && !ticket.gone ? `${words.ready} ${duration(now - ticket.readyAt)}` : "";
  const fresh = ticket.fresh && !ticket.gone ? words.new : "";
  const age = duration(now - Date.parse(order.created_at));
  const { fit, line } = headerFit(ticket.number, age, [fresh, urgent && `__${urgent}`, ready], key >= 0, place.columns * width, narrow);
  const say = fresh || urgent || ready ? html`<span class="words">
    ${fresh ? html`<b class="badge">${fresh}</b>` : nothing}
    ${urgent ? html`<b>${icons.warning} ${urgent}</b>` : nothing}
    ${ready ? html`<b>${ready}</b>` : nothing}
  </span>` : nothing;
  return html`<header ${styled({ "--fit": String(fit) })}>
    <span class="top">
      <span class="key" aria-hidden="true">${key >= 0 ? key : ""}</span>
      <bdi class="number">${ticket.number}</bdi>
      ${line === "top" ? say : nothing}
      <time>${age}</time>
    </span>
    ${line === "own" ? say : nothing}
    <span class="kind">
      ${line === "kind" ? say : nothing}
      ${icons.ofType(order.order_type)}<span class="type">${typeWord(order.order_type, words)}</span>
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
export function footer(ticket, { words, live }) {
  if (ticket.gone) {
    return html`<footer><button class="bump clear" type="button" data-act="bump" data-id=${ticket.id}>${words.clear}</button></footer>`;
  }
  const { named } = ticket;
  const step = STEP[nextStage(named) ?? ""] ?? "done";
  return html`<footer>
    <button class="bump ${step} ${ticket.held ? "held" : ""}" type="button" data-act="bump" data-id=${ticket.id} data-value=${named}
      ?disabled=${!live}>${ticket.held ? icons.check : nothing}${words[step]}</button>
    ${named === "pending" || named === "reopened" ? nothing : html`<button
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
    case "turn":
      return html`<li class="banner ${kind}"><div>${turn(r, scene)}</div></li>`;
    case "note":
      return html`<li class=${kind}><div><q dir="auto">${r.text}</q> ${mark}</div></li>`;
    case "item":
      return html`<li class=${kind}><div>
        ${r.head ? html`<b class="quantity">${times(r, words)}</b>` : nothing}<span><bdi>${r.text}</bdi> ${mark}</span>
      </div></li>`;
    case "modifier":
      return html`<li class=${kind}><div>${modifier(r, words)} ${mark}</div></li>`;
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
  if (r.what === "due") return html`<b>${dueText(ticket.order, { words, clock, now })}</b>`;
  if (r.what === "" || r.what === "customer") return html`<bdi>${r.text}</bdi>`;
  const by = r.what === "changed" || r.what === "cancelled" || r.what === "deleted" ? ticket.by : "";
  return html`${icons.warning}<b>${words[/** @type {"rush"|"recalled"|"changed"|"cancelled"|"deleted"} */ (r.what)]}</b>${by ? html` <bdi class="writer">${by}</bdi>` : nothing}`;
}

/**
 * @param {import("../client/order.js").Order} order
 * @param {Pick<Scene, "words"|"clock"|"now">} scene
 */
export function dueText({ promised_at }, { words, clock, now }) {
  const at = Date.parse(promised_at ?? "");
  const left = at - now;
  return left >= 0 ? words.due(clock.at(at), duration(left)) : words.overdue(clock.at(at), duration(-left));
}

/**
 * The type, table, guest or time of an order, and what that was before.
 * @param {Row} r
 * @param {Scene} scene
 */
function turn({ what, was, text }, { words, clock }) {
  /** @type {Record<string, (text: string) => string>} */
  const ways = { type: (t) => typeWord(t, words), table: words.table, due: (t) => clock.at(Date.parse(t)) };
  const say = (/** @type {string} */ t) => (t ? (ways[what]?.(t) ?? t) : "");
  const label = { customer: words.guest, due: words.dueWord }[String(what)];
  return html`${label ? html`${label}: ` : nothing}<b>${turned(say(String(was)), say(text), words)}</b>`;
}

/**
 * What stood there before, where that was something else, and what stands there now.
 * @param {string} was
 * @param {string} now
 * @param {Scene["words"]} words
 */
function turned(was, now, words) {
  return was ? html`<bdi>${was}</bdi> ${words.arrow} <bdi>${now || "–"}</bdi>` : html`<bdi>${now}</bdi>`;
}

/**
 * How many, and how many it had been.
 * @param {Row} r
 * @param {Scene["words"]} words
 */
function times({ was, quantity }, words) {
  return was === "" ? `${quantity}×` : `${was} ${words.arrow} ${quantity}×`;
}

/**
 * What is left out is as loud as it gets: − NO ONION; an allergy as loud as the order's own allergy note.
 * @param {Row} r
 * @param {Scene["words"]} words
 */
export function modifier(r, words) {
  const count = r.was !== "" || r.quantity !== 1 ? html`<span class="quantity">${times(r, words)}</span> ` : "";
  if (r.what === "allergy") return html`<span>${r.head ? html`${icons.warning}<b>${words.allergy}</b> ` : nothing}${count}<bdi>${r.text}</bdi></span>`;
  if (r.what === "note") return html`<q dir="auto">${count}${r.text}</q>`;
  const label = html`${count}<bdi>${r.head ? labelOf(r.text, r.what, words) : r.what === "remove" ? r.text.toUpperCase() : r.text}</bdi>`;
  return r.what === "remove" ? html`<span class="without"><i>−</i> ${label}</span>` : html`<span><i>+</i> ${label}</span>`;
}

/**
 * @param {import("../client/order.js").Order} order
 * @param {Scene["words"]} words
 */
export function where(order, words) {
  return order.table ? words.table(nameOr(order.table.label)) : visible(order.customer_name);
}

/**
 * A type that this version does not know is shown as it is.
 * @param {string} type
 * @param {Scene["words"]} words
 */
export function typeWord(type, words) {
  return type === "dine_in" || type === "takeaway" || type === "delivery" ? words[type] : type;
}
