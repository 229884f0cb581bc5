// The rows of a ticket as they are drawn.
import { html, nothing } from "lit-html";
import * as icons from "./icons.js";
import { labelOf } from "./modifiers.js";
import { typeWord } from "./order_words.js";
import { course, lineClass, lineBadges, others, pressOf, tick, waits } from "./tile_line.js";

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {import("./tile.js").Scene} Scene */

/**
 * @param {Row} r
 * @param {Ticket} ticket
 * @param {Scene} scene
 */
export function row(r, ticket, scene) {
  const { words } = scene;
  // "2 → 6×" says by itself that it changed.
  const mark = r.mark && r.head && !(r.mark === "changed" && r.was !== "") ? html`<b class="mark">${words[r.mark]}</b>` : nothing;
  const kind = `${r.kind} ${r.what} ${r.mark ? "marked " + r.mark : ""} ${r.head ? "head" : "more"} ${lineClass(r, ticket, scene)}`;
  const press = pressOf(r, ticket);
  switch (r.kind) {
    case "banner":
      return html`<li class=${kind}><div>${banner(r, ticket, scene)} ${mark}</div></li>`;
    case "turn":
      return html`<li class="banner ${kind}"><div>${turn(r, scene)}</div></li>`;
    case "note":
      return html`<li class=${kind}><div><q dir="auto">${r.text}</q> ${mark}</div></li>`;
    case "course":
      return html`<li class=${kind}><div>${course(r, words)}</div></li>`;
    case "others":
      return html`<li class=${kind}><div>${others(r, words)}</div></li>`;
    case "waits":
      return html`<li class=${kind}><div>${waits(ticket, words)}</div></li>`;
    case "item":
      return html`<li class=${kind} data-act=${press.act} data-id=${press.id} data-value=${press.value}><div>
        ${tick(r, ticket, words)}${r.head ? html`<b class="quantity">${times(r, words)}</b>` : nothing}<span><bdi>${r.text}</bdi> ${mark}${lineBadges(r, scene)}</span>
      </div></li>`;
    case "modifier":
      return html`<li class=${kind} data-act=${press.act} data-id=${press.id} data-value=${press.value}><div>${modifier(r, words)} ${mark}</div></li>`;
    case "itemnote":
      return html`<li class=${kind} data-act=${press.act} data-id=${press.id} data-value=${press.value}><div><q dir="auto">${r.text}</q> ${mark}</div></li>`;
  }
}

/**
 * @param {Row} r
 * @param {Ticket} ticket
 * @param {Scene} scene
 */
function banner(r, ticket, scene) {
  const { words } = scene;
  if (r.what === "allergy") return html`${r.head ? html`${icons.warning}<b>${words.allergy}</b> ` : nothing}<bdi>${r.text}</bdi>`;
  if (r.what === "due") return html`<b>${scene.due(ticket.order, scene)}</b>`;
  if (r.what === "" || r.what === "customer") return html`<bdi>${r.text}</bdi>`;
  const by = r.what === "changed" || r.what === "cancelled" || r.what === "deleted" ? ticket.by : "";
  return html`${icons.warning}<b>${words[/** @type {"rush"|"recalled"|"changed"|"cancelled"|"deleted"} */ (r.what)]}</b>${by ? html` <bdi class="writer">${by}</bdi>` : nothing}`;
}

/**
 * The type, table, guest or time of an order, and what that was before.
 * @param {Row} r
 * @param {Scene} scene
 */
function turn({ what, was, text }, { words, clock, now }) {
  /** @type {Record<string, (text: string) => string>} */
  const ways = { type: (t) => typeWord(t, words), table: words.table, due: (t) => clock.on(Date.parse(t), now, words.lang) };
  const say = (/** @type {string} */ t) => (t ? (ways[what]?.(t) ?? t) : "");
  const label = { customer: words.guest, due: words.dueWord }[String(what)];
  return html`${label ? html`${label}: ` : nothing}<b>${turned(say(String(was)), say(text), words)}</b>`;
}

/**
 * The old text, where it changed, and the new one.
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
