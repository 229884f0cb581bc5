// Says whether what is on the screen is current. Always visible, never optimistic.
import { html, nothing } from "lit-html";
import { duration } from "./time.js";

/** @typedef {import("../client/state.js").State} State */
/** @typedef {import("./i18n.js").Words} Words */

/** How long the first attempt to connect may take, in milliseconds, before it counts as a failure. */
export const FIRST_MS = 2000;

/**
 * Whether the page connects for the first time, and nothing has failed yet.
 * @param {State} state
 * @param {number} now by the same clock as state.since
 */
export const connecting = (state, now) => state.reason === "connecting" && !state.code && now - state.since < FIRST_MS;

/**
 * The element of role status, always the same one. Its seconds are a live region of their own, switched off, or a screen reader would read them out
 * every second.
 * @param {State} state
 * @param {number} now by the same clock as state.since
 * @param {Words} words
 */
export function connection(state, now, words) {
  const live = state.name === "live";
  const first = !live && connecting(state, now);
  const text = first ? words.connectingNow : live ? html`<i aria-hidden="true"></i>${words.live}` : notLive(state, now, words);
  return html`<div role="status" class=${live ? "live" : first ? "" : "notlive"}>${text}</div>`;
}

/**
 * @param {State} state
 * @param {number} now
 * @param {Words} words
 */
function notLive(state, now, words) {
  const why = reason(state, words);
  return html`<b>${words.notLive} <span role="timer" aria-live="off">${duration(now - state.since)}</span></b>, ${words.usePaper}
    ${why ? html`<small>(${why})</small>` : nothing}`;
}

/**
 * @param {State} state
 * @param {Words} words
 */
function reason(state, words) {
  if (state.reason === "feed") return words.feedDeaf;
  if (state.reason === "network") return words.noNetwork;
  if (state.reason === "busy") return words.full;
  if (state.reason === "refused") return { expired: words.expired, no_token: words.hasNoToken }[state.word] ?? words.refused;
  return words.connecting;
}

/**
 * What happened while the screen was not live, in one line.
 * @param {{created: number, cancelled: number, deleted: number, changed: number, done: number, unknown: number}} away
 * @param {Words} words
 */
export function summary(away, words) {
  const parts = [
    away.created && words.countNew(away.created),
    away.cancelled && words.countCancelled(away.cancelled),
    away.deleted && words.countDeleted(away.deleted),
    away.changed && words.countChanged(away.changed),
    away.done && words.countDone(away.done),
    away.unknown && words.countGone(away.unknown),
  ].filter(Boolean);
  return parts.length ? words.back(words.whileAway(parts.join(", "))) : words.backNothing;
}
