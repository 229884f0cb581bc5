// The settings on the screen itself: every choice is a button, because nobody types with wet hands.
import { html, nothing } from "lit-html";
import { languageNames } from "./i18n.js";
import { leadOf } from "./scheduled.js";

/** @typedef {import("./i18n.js").Words} Words */

/**
 * @param {import("./settings.js").Values} values
 * @param {Words} words
 * @param {{awake: boolean, listening: string|null, restaurant: import("../client/client.js").Restaurant|null}} now listening: the action that waits for its new key
 */
export function settingsPanel(values, words, { awake, listening, restaurant }) {
  return html`<h2 id="panel-title">${words.settings}</h2>
    <div class="settings">
      ${choice("lang", words.language, values.lang, Object.entries(languageNames))}
      ${choice("theme", words.theme, values.theme, [["auto", words.themeAuto], ["dark", words.themeDark], ["light", words.themeLight]])}
      ${choice("size", words.size, values.size, [["s", words.sizeS], ["m", words.sizeM], ["l", words.sizeL]])}
      ${choice("density", words.density, values.density, [["auto", words.densityAuto], ...["6", "8", "10", "15", "20", "28"].map((n) => [n, n])])}
      ${choice("readyPlace", words.readyPlace, values.readyPlace, [["wall", words.readyWall], ["strip", words.readyStrip], ["hidden", words.readyHidden]])}
      ${choice("rushFirst", words.rushFirst, String(values.rushFirst), [["false", words.off], ["true", words.on]])}
      ${choice("lead", words.lead, values.lead, [["restaurant", words.leadRestaurant(Math.round(leadOf("restaurant", restaurant) / 60_000))], ...["15", "30", "60", "120"].map((n) => [n, words.minutes(n)]), ["all", words.leadAll]])}
      ${choice("sound", words.sound, String(values.sound), [["true", words.on], ["false", words.off]])}
      ${choice("volume", words.volume, values.volume, [["quiet", words.volumeQuiet], ["middle", words.volumeMiddle], ["loud", words.volumeLoud]])}
      ${choice("insist", words.insist, String(values.insist), [["false", words.insistOff], ["true", words.insistOn]])}
      ${choice("readySound", words.readySound, String(values.readySound), [["true", words.on], ["false", words.off]])}
      ${choice("digits", words.digits, values.digits, [["select", words.digitsSelect], ["bump", words.digitsBump]])}
    </div>
    <p>${awake ? words.awakeYes : words.awakeNo}</p>
    <div class="buttons">
      <button type="button" data-act="find">${words.find}</button>
      <button type="button" data-act="print">${words.print}</button>
      <button type="button" data-act="fullscreen">${words.fullscreen}</button>
      <button type="button" data-act="new-token">${words.newToken}</button>
      <button type="button" data-act="forget">${words.forget}</button>
    </div>
    ${keyList(values, words, listening)}`;
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string} value
 * @param {string[][]} options
 */
function choice(name, label, value, options) {
  return html`<div role="group" aria-label=${label}>
    <span aria-hidden="true">${label}</span>
    <div class="buttons">
      ${options.map(([v, text]) => html`<button
        type="button" data-act="set" data-name=${name} data-value=${v ?? ""} aria-pressed=${String(v === value)}
        lang=${name === "lang" ? v ?? nothing : nothing}>${text}</button>`)}
    </div>
  </div>`;
}

/**
 * The map of keys; touching one waits for the key that it shall be.
 * @param {import("./settings.js").Values} values
 * @param {Words} words
 * @param {string|null} listening
 */
export function keyList(values, words, listening) {
  return html`<h3>${words.keyMap}</h3>
    <ul class="keys">
      <li><span>${words.select}</span><kbd>1 … 9, 0</kbd></li>
      ${Object.entries(words.actions).map(([action, label]) => html`<li>
        <span>${label}</span>
        <button type="button" data-act="listen" data-name=${action} aria-label="${label}: ${(values.keys[action] ?? []).join(", ")}">
          ${listening === action ? words.pressKey : (values.keys[action] ?? []).map((k) => html`<kbd>${k.length === 1 ? k.toUpperCase() : k}</kbd> `)}
        </button>
      </li>`)}
    </ul>
    <p>${words.keysHint}</p>
    <div class="buttons"><button type="button" data-act="default-keys">${words.keysDefault}</button></div>`;
}
