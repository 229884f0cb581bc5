// The buttons of a ticket: its next step first.
import { html, nothing } from "lit-html";
import { nextStage } from "./bumps.js";
import { courseToFire } from "./courses.js";
import * as icons from "./icons.js";

/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {import("./tile.js").Scene} Scene */
/** @typedef {import("./i18n.js").Words} Words */

/** @type {Record<string, "start"|"ready"|"done">} */
const STEP = { preparing: "start", ready: "ready", completed: "done" };

/**
 * @param {Ticket} ticket
 * @param {Scene} scene
 */
export function footer(ticket, scene) {
  const { words } = scene;
  if (ticket.gone) {
    return html`<footer><button class="bump clear" type="button" data-act="bump" data-id=${ticket.id}>${words.clear}</button></footer>`;
  }
  const { mode } = ticket.here;
  return html`${said(ticket, words)}<footer>
    ${mode === "station" || mode === "pass" ? partStep(ticket, scene) : wholeStep(ticket, scene)}
    ${anyway(ticket, scene)}${fire(ticket, scene)}${stepBack(ticket, scene)}
  </footer>`;
}

/**
 * @param {Ticket} ticket
 * @param {Scene} scene
 */
function wholeStep(ticket, { words, live }) {
  const { named } = ticket;
  const step = STEP[nextStage(named) ?? ""] ?? "done";
  return html`<button class="bump ${step} ${ticket.held ? "held" : ""}" type="button" data-act="bump" data-id=${ticket.id} data-value=${named}
    ?disabled=${!live}>${ticket.held ? icons.check : nothing}${words[step]}</button>`;
}

/**
 * The next step of what this screen works at; of a pass, which hands whole orders out.
 * @param {Ticket} ticket
 * @param {Scene} scene
 */
function partStep(ticket, { words, live }) {
  if (!ticket.hasWork && !ticket.held) {
    return html`<button class="bump clear" type="button" data-act="bump" data-id=${ticket.id} data-name="waits" data-value=${ticket.named}>${words.clear}</button>`;
  }
  const next = ticket.held?.next ?? ticket.next;
  const step = STEP[next] ?? "done";
  const name = step === "done" ? words.serve : words[step];
  return html`<button class="bump ${next === "waits" ? "waits" : step} ${ticket.held ? "held" : ""}" type="button" data-act="bump" data-id=${ticket.id}
    data-name=${next} data-value=${ticket.named} ?disabled=${!live}>${ticket.held ? icons.check : nothing}${name}</button>`;
}

/**
 * A second button, to insist on what was refused.
 * @param {Ticket} ticket
 * @param {Scene} scene
 */
function anyway({ blocked, here, id }, { words, live }) {
  if (!blocked) return nothing;
  const name = blocked.to === "ready" ? words.readyAnyway : here.mode === "pass" ? words.serveAnyway : words.doneAnyway;
  return html`<button class="anyway" type="button" data-act="force" data-id=${id} data-value=${blocked.to} ?disabled=${!live}>${name}</button>`;
}

/**
 * The next course, where whole tickets are seen; and on a station, where nobody else could.
 * @param {Ticket} ticket
 * @param {Scene} scene
 */
function fire(ticket, { words, live }) {
  const course = courseToFire(ticket);
  if (course === null || ticket.blocked?.waiting.length) return nothing;
  return html`<button class="fire" type="button" data-act="fire" data-id=${ticket.id} data-value=${course} ?disabled=${!live}>${words.fire(course)}</button>`;
}

/**
 * @param {Ticket} ticket
 * @param {Scene} scene
 */
function stepBack(ticket, { words, live }) {
  const { here, named } = ticket;
  const back = here.mode === "pass" || !ticket.hasWork ? false : named !== "pending" && named !== "reopened" && !ticket.blocked;
  if (!back) return nothing;
  return html`<button class="back" type="button" data-act="back" data-id=${ticket.id} data-value=${named} ?disabled=${!live}
    aria-label=${words.stepBack(ticket.number)}>${icons.undo}</button>`;
}

/**
 * What the last press did not do, and why.
 * @param {Ticket} ticket
 * @param {Words} words
 */
function said({ blocked, says, shown }, words) {
  if (blocked) {
    const held = shown.items.find((i) => i.held);
    const who = blocked.waiting.map((w) => words.still(w.name || words.noStation, w.lines));
    if (held && blocked.to === "completed") who.push(held.course === null ? words.somethingHeld : words.courseHeld(held.course));
    return html`<p class="said">${icons.warning} ${who.join(words.comma)}</p>`;
  }
  if (!says) return nothing;
  return html`<p class="said">${icons.warning} ${says.code === "conflict" ? words.linesMoved : words.didNotWork}</p>`;
}
