// The stations of the set-up page: their names, what they do, their order, and which screens show them now.
import { html, nothing } from "lit-html";
import { base } from "./address.js";
import { option } from "./setup_routes.js";

/** @typedef {import("./setup_server.js").Kitchen} Kitchen */
/** @typedef {import("./setup_server.js").Station} Station */
/** @typedef {import("./i18n_setup.js").SetupWords} Words */
/**
 * What the buttons of stations do.
 * @typedef {object} Actions
 * @property {(form: HTMLFormElement, id: string) => void} save a new one where the id is empty
 * @property {(id: string, by: 1|-1) => void} move
 * @property {(id: string) => void} edit an empty id ends it
 * @property {(id: string) => void} ask whether it shall be deleted; an empty id: it shall not
 * @property {(id: string) => void} remove
 */

/**
 * @param {Kitchen} kitchen
 * @param {{editing: string, asking: string}} now ids of the stations that are changed, and that may be deleted
 * @param {string} restaurant
 * @param {Words} words
 * @param {Actions} actions
 */
export function stationList(kitchen, now, restaurant, words, actions) {
  return html`<ul class="stations">
    ${kitchen.stations.map((s, i) => html`<li data-station=${s.id}>${
      now.editing === s.id ? stationForm(s, words, actions)
      : now.asking === s.id ? question(s, kitchen, words, actions)
      : station(s, i, kitchen, restaurant, words, actions)}</li>`)}
  </ul>
  ${kitchen.stations.length ? html`<p>${words.everythingNow(kitchen.everything)}</p>` : nothing}`;
}

/**
 * @param {Station} s
 * @param {number} i
 * @param {Kitchen} kitchen
 * @param {string} restaurant
 * @param {Words} words
 * @param {Actions} actions
 */
function station(s, i, { stations, everything }, restaurant, words, actions) {
  const unseen = s.kind === "prep" && !s.screens && !everything;
  const screen = new URL(`kitchen/${restaurant}?station=${encodeURIComponent(s.name)}`, base).href;
  return html`<div class="what"><b><bdi>${s.name}</bdi></b> ${s.kind === "expo" ? html`<span>${words.pass}</span>` : nothing}
      <small class=${unseen ? "missing" : ""}>${words.screensNow(s.screens)}${unseen ? `: ${words.everywhere}` : ""}</small></div>
    <div class="buttons">
      <a href=${screen} aria-label=${words.openScreen(s.name)}>${words.screen}</a>
      <button type="button" aria-label=${words.up(s.name)} ?disabled=${i === 0} @click=${() => actions.move(s.id, -1)}>↑</button>
      <button type="button" aria-label=${words.down(s.name)} ?disabled=${i === stations.length - 1} @click=${() => actions.move(s.id, 1)}>↓</button>
      <button type="button" aria-label=${words.changeOf(s.name)} @click=${() => actions.edit(s.id)}>${words.change}</button>
      <button type="button" aria-label=${words.removeOf(s.name)} @click=${() => actions.ask(s.id)}>${words.remove}</button>
    </div>`;
}

/**
 * @param {Station} s
 * @param {Kitchen} kitchen
 * @param {Words} words
 * @param {Actions} actions
 */
function question(s, { routes }, words, actions) {
  return html`<div class="what" role="alert">${words.removeStation(s.name, routes.filter((r) => r.station === s.id).length)}</div>
    <div class="buttons">
      <button type="button" @click=${() => actions.ask("")}>${words.cancel}</button>
      <button type="button" class="danger" @click=${() => actions.remove(s.id)}>${words.removeYes(s.name)}</button>
    </div>`;
}

/**
 * @param {Station|null} s null: a new one
 * @param {Words} words
 * @param {Actions} actions
 * @param {string} [button]
 */
export function stationForm(s, words, actions, button = words.save) {
  const id = s?.id ?? "new";
  return html`<form @submit=${(/** @type {SubmitEvent} */ e) => {
    e.preventDefault();
    actions.save(/** @type {HTMLFormElement} */ (e.currentTarget), s?.id ?? "");
  }}>
    <label for="name-${id}">${words.name}<input id="name-${id}" name="name" type="text" maxlength="40" autocomplete="off" placeholder=${s ? nothing : words.example} .value=${s?.name ?? ""} /></label>
    <label for="kind-${id}">${words.kind}<select id="kind-${id}" name="kind">
      ${option("prep", words.prep, s?.kind ?? "prep")}${option("expo", words.expo, s?.kind ?? "prep")}</select></label>
    <div class="buttons"><button type="submit" class="main">${button}</button>
      ${s ? html`<button type="button" @click=${() => actions.edit("")}>${words.cancel}</button>` : nothing}</div>
  </form>`;
}
