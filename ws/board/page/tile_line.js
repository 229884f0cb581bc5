// Draws a line of a ticket in a kitchen with stations: its tick, its stations, and why it needs attention.
import { html, nothing } from "lit-html";
import * as icons from "./icons.js";

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {import("./tile.js").Scene} Scene */
/** @typedef {import("./i18n.js").Words} Words */

/**
 * @param {Row} r
 * @param {Ticket} ticket
 * @param {Scene} scene
 */
export function lineClass({ id, kind, line }, ticket, scene) {
  if (!line) return "";
  if (kind === "course") return line.held ? "held" : "";
  const chosen = scene.selected === ticket.id && ticket.line === id;
  return [
    "line", line.status === "ready" && line.ticks ? "ticked" : "", line.held ? "held" : "", line.ticks ? "ticks" : "", line.alone ? "alone" : "",
    line.badge, chosen ? "chosen" : "",
  ].join(" ");
}

/**
 * What a touch of a row does: the status that it shows is part of it, so that two presses never tick and untick.
 * @param {Row} r
 * @param {Ticket} ticket
 */
export function pressOf({ id, line }, ticket) {
  return line?.ticks ? { act: "tick", id: ticket.id, value: `${line.status}:${id}` } : { act: nothing, id: nothing, value: nothing };
}

/**
 * The box that a line is ticked off with.
 * @param {Row} r
 * @param {Ticket} ticket
 * @param {Words} words
 */
export function tick(r, ticket, words) {
  const { line } = r;
  if (!line?.ticks) return nothing;
  if (!r.head) return html`<span class="box none"></span>`;
  const press = pressOf(r, ticket);
  const done = line.status === "ready";
  return html`<span class="box" role="checkbox" tabindex="-1" aria-checked=${done ? "true" : "false"} aria-label=${words.tickOf(`${r.quantity}× ${r.text}`)}
    data-act=${press.act} data-id=${press.id} data-value=${press.value}>${done ? icons.check : nothing}</span>`;
}

/**
 * In small letters after the name of a line: its stations with their statuses, and badges like FIRED.
 * @param {Row} r
 * @param {Scene} scene
 */
export function lineBadges({ head, line }, { words }) {
  if (!line || !head) return nothing;
  const badge = { fired: words.fired, arrived: words.new, again: line.reason ? words.againFor(reasonWord(line.reason, words)) : words.again, changed: words.changed, "": "" }[line.badge];
  return html`${badge ? html` <b class="mark">${badge}</b>` : nothing}
    ${line.noStation ? html` <b class="at">${words.noStation}</b>` : nothing}
    ${line.noScreen.map((name) => html` <b class="at">${words.noScreen(name)}</b>`)}
    ${line.held ? html` <b class="at">${words.held}</b>` : line.where.map(({ name, status }) => html` <span class="at ${status}"><bdi>${name}</bdi> ${statusWord(status, words)}</span>`)}`;
}

/** @param {Row} r @param {Words} words */
export function course({ line, quantity }, words) {
  return html`<b>${words.course(quantity)}</b>${line?.held ? html` ${words.held}` : nothing}`;
}

/**
 * The lines of another station; lines that nobody cooks have no station's name.
 * @param {Row} r
 * @param {Words} words
 */
export function others({ head, others, text }, words) {
  if (!head || !others) return html`<bdi>${text}</bdi>`;
  const parts = [...others.counts.map(({ status, n }) => `${n} ${statusWord(status, words)}`), others.held ? `${others.held} ${words.held}` : ""];
  return html`<b><bdi>${others.name}</bdi>: ${parts.filter(Boolean).join(words.comma)}</b> <bdi>${text}</bdi>`;
}

/**
 * Who still cooks.
 * @param {Ticket} ticket
 * @param {Words} words
 */
export function waits({ part, shown }, words) {
  return html`${(part?.waiting ?? []).map(({ station, name }, i) => {
    const at = shown.items.filter((item) => !item.held).flatMap((item) => item.stations.filter((a) => a.id === station || (!name && !station && a.id === null)));
    const count = (/** @type {string} */ status) => at.filter((a) => a.status === status).length;
    const words2 = ["preparing", "pending"].map((s) => (count(s) ? `${count(s)} ${statusWord(s, words)}` : "")).filter(Boolean);
    return html`${i ? words.semicolon : ""}<span><bdi>${name || words.noStation}</bdi>: ${words2.join(words.comma)}</span>`;
  })}`;
}

/** @param {string} status @param {Words} words */
export function statusWord(status, words) {
  return { pending: words.statusPending, preparing: words.statusPreparing, ready: words.statusReady }[status] ?? "";
}

/**
 * The reason in the screen's language; a reason that this version does not know stays as it is.
 * @param {string} reason
 * @param {Words} words
 */
function reasonWord(reason, words) {
  return /** @type {Record<string, string>} */ (words.reasons)[reason] ?? reason;
}
