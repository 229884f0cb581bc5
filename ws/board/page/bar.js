// The bar at the top: the status of the feed, and all buttons that belong to no ticket.
import { html, nothing } from "lit-html";
import * as icons from "./icons.js";
import { connecting, connection } from "./status.js";

/** @typedef {import("./i18n.js").Words} Words */

/**
 * @typedef {object} Bar
 * @property {import("../client/state.js").State} state
 * @property {number} monotonicNow by the clock of state.since
 * @property {string} restaurant
 * @property {string} shows what the screen shows, "" in a kitchen without stations
 * @property {string[]} noScreen the stations that no screen shows
 * @property {string} time
 * @property {Record<"pending"|"preparing"|"ready", number>} counts
 * @property {number} page from 0
 * @property {number} pages
 * @property {number} more tickets on other pages
 * @property {string[]} elsewhere what on them is urgent
 * @property {string} undo the number of the order whose step can be taken back, while the button is highlighted, else ""
 * @property {boolean} canUndo
 * @property {"on"|"off"|"locked"} sound
 * @property {boolean} allday
 */

/**
 * @param {Bar} bar
 * @param {Words} words
 */
export function topBar(bar, words) {
  const live = bar.state.name === "live";
  const sound = { on: words.soundOn, off: words.soundOff, locked: words.soundLocked }[bar.sound];
  return html`<header class="bar ${live || connecting(bar.state, bar.monotonicNow) ? "" : "notlive"} ${bar.pages > 1 ? "paged" : ""}">
    ${connection(bar.state, bar.monotonicNow, words)}
    ${bar.shows ? showing(bar, words) : nothing}
    <h1><bdi>${bar.restaurant || words.waiting}</bdi></h1>
    ${live ? html`
      <ul class="counts">
        <li class="pending"><b>${bar.counts.pending}</b> ${words.statusPending}</li>
        <li class="preparing"><b>${bar.counts.preparing}</b> ${words.statusPreparing}</li>
        <li class="ready"><b>${bar.counts.ready}</b> ${words.statusReady}</li>
      </ul>` : nothing}
    <span class="clock"><bdi>${bar.time}</bdi></span>
    <nav>
      ${bar.pages > 1 ? html`<div class="pager">
        ${button("previousPage", words.previousPage, icons.back)}
        <span>${bar.elsewhere.length ? html`<b class="elsewhere">${bar.elsewhere.map((text, i) => html`${i ? " · " : ""}<span>${text}</span>`)}</b>` : nothing}<b>${words.more(bar.more)}</b><br />${words.page(bar.page + 1, bar.pages)}</span>
        ${button("nextPage", words.nextPage, icons.forth)}
      </div>` : nothing}
      <button type="button" data-act="undo" class=${bar.undo ? "hot" : ""} aria-label="${words.undo}${bar.undo && ` ${bar.undo}`}" ?disabled=${!bar.canUndo}>
        ${icons.undo}<span>${words.undo}${bar.undo ? html` <bdi>${bar.undo}</bdi>` : nothing}</span>
      </button>
      ${button("recall", words.recallList, icons.recall, words.recallList)}
      ${button("find", words.find, icons.find, words.find)}
      ${button("allday", words.allday, icons.sum, words.allday, bar.allday)}
      <button type="button" data-act="mute" class=${bar.sound === "locked" ? "hot" : ""} aria-label=${sound}>
        ${bar.sound === "on" ? icons.sound : icons.mute}<span>${bar.sound === "locked" ? words.soundLocked : words.sound}</span>
      </button>
      ${button("fullscreen", words.fullscreen, icons.full, words.fullscreen)}
      ${button("settings", words.settings, icons.gear, words.settings)}
    </nav>
  </header>`;
}

/**
 * What the screen shows, and the stations that no screen shows.
 * @param {Bar} bar
 * @param {Words} words
 */
function showing({ shows, noScreen }, words) {
  const missing = noScreen.length ? words.noScreenFor(noScreen.join(", ")) : "";
  return html`<button type="button" class="showing" data-act="view" aria-label=${words.viewName([shows, missing].filter(Boolean).join(" "))}>
    <bdi>${shows}</bdi> ${missing ? html`<small>${missing}</small>` : nothing}
  </button>`;
}

/**
 * @param {string} act
 * @param {string} label
 * @param {unknown} icon
 * @param {string} [text]
 * @param {boolean} [pressed]
 */
function button(act, label, icon, text, pressed) {
  return html`<button type="button" data-act=${act} aria-label=${label} aria-pressed=${pressed === undefined ? nothing : String(pressed)}>
    ${icon}${text ? html`<span>${text}</span>` : nothing}
  </button>`;
}
