// Confirming a screen: somebody who may signs in with a token and says what the screen is.
import { html, nothing, render } from "lit-html";
import { base } from "./address.js";
import { wordsOf } from "./i18n.js";
import { knownTokens, takeFromAddress, tokenIn } from "./token.js";
import { pairWordsOf } from "./pair_words.js";
import { Settings } from "./settings.js";

/** @typedef {import("./pair_words.js").PairWords} PairWords */
/** @typedef {{from: string, asked_s_ago: number, restaurants: Restaurant[]}} Found */
/** @typedef {{id: string, name: string, stations: {id: string, name: string}[]}} Restaurant */

const settings = new Settings();
const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const words = wordsOf(settings.values.lang);
const own = pairWordsOf(words.lang);

const state = {
  code: takeCode(),
  token: takeFromAddress() || knownTokens().find((token) => !token.startsWith("kdp_")) || "",
  askToken: false,
  /** @type {Found|null} */
  found: null,
  /** Which of the restaurants is chosen, by its id. */
  restaurant: "",
  role: "kitchen",
  problem: "",
  paired: "",
  busy: false,
};
state.askToken = !state.token;

/** The code in the address, which is cleaned of it: it belongs in no history. */
function takeCode() {
  const code = /[#?&]code=([\w-]{1,20})/.exec(location.hash + location.search)?.[1] ?? "";
  if (code) history.replaceState(null, "", location.pathname + location.hash.replace(/[#&]code=[\w-]*/, ""));
  return code;
}

/** What the server's word for a problem means. @param {number} status @param {string} word */
function problemOf(status, word) {
  if (word === "no_screen") return own.errorNoScreen;
  if (word === "invalid_code") return own.errorCode;
  if (status === 401) return own.errorToken;
  if (status === 403) return own.errorRole;
  if (word === "refused") return own.errorName;
  return status === 429 ? own.errorLimited : own.errorUnanswered;
}

/**
 * @param {string} what
 * @param {object} body
 * @returns {Promise<any>} null where the server refused; state.problem says why then
 */
async function ask(what, body) {
  state.problem = "";
  state.busy = true;
  draw();
  try {
    const response = await fetch(new URL(`pair/${what}`, base), {
      method: "POST", cache: "no-store", signal: AbortSignal.timeout(10_000), body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${state.token}` },
    });
    const answer = await response.json();
    if (response.ok) return answer;
    state.problem = problemOf(response.status, answer.error);
    if (response.status === 401 || response.status === 403) state.askToken = true;
    if (answer.error === "no_screen") state.found = null;
  } catch {
    state.problem = own.errorUnanswered;
  } finally {
    state.busy = false;
    draw();
  }
  return null;
}

/** @param {SubmitEvent} e */
async function look(e) {
  e.preventDefault();
  const data = new FormData(/** @type {HTMLFormElement} */ (e.currentTarget));
  state.code = String(data.get("code") ?? "").trim();
  const pasted = String(data.get("token") ?? "").trim();
  if (pasted) state.token = tokenIn(pasted);
  if (!state.token) {
    state.problem = own.errorToken;
    return draw();
  }
  state.found = await ask("look", { code: state.code });
  if (state.found) state.askToken = false;
  state.restaurant = state.found?.restaurants[0]?.id ?? "";
  state.role = "kitchen";
  draw();
}

/** @param {SubmitEvent} e */
async function confirm(e) {
  e.preventDefault();
  const data = new FormData(/** @type {HTMLFormElement} */ (e.currentTarget));
  const name = String(data.get("name") ?? "").trim();
  if (await ask("confirm", { code: state.code, restaurant_id: data.get("restaurant"), name, role: data.get("role"), stations: data.getAll("station") })) {
    state.paired = name;
    state.found = null;
    state.code = "";
    draw();
  }
}

function draw() {
  document.documentElement.lang = words.lang;
  document.documentElement.dir = words.dir;
  document.title = own.confirmTitle;
  render(html`<div class="entry"><h1>${own.confirmTitle}</h1>
    ${state.paired ? html`<p class="why" role="status">${own.confirmDone(state.paired)}</p><h2>${own.confirmAnother}</h2>` : nothing}
    ${state.found ? confirming(state.found) : looking()}</div>`, main);
}

function looking() {
  return html`<p>${own.confirmHint}</p>
    <form class="fields" autocomplete="off" @submit=${look}>
      <label for="code">${own.pairCode}</label>
      <input id="code" name="code" class="typed" required maxlength="20" spellcheck="false" autocapitalize="characters" dir="ltr" placeholder="7K3M-Q2ZX"
        .value=${state.code} aria-describedby="problem" />
      ${state.askToken ? html`<label for="token">${words.linkOrToken}</label>
        <textarea id="token" name="token" rows="3" required spellcheck="false" autocapitalize="none" dir="ltr" aria-describedby="problem"></textarea>` : nothing}
      ${problem()}
      <button type="submit" ?disabled=${state.busy}>${own.confirmNext}</button>
    </form>`;
}

/** @param {Found} found */
function confirming(found) {
  return html`<p class="why">${own.confirmFound(found.from, found.asked_s_ago)}</p>
    <form class="fields" autocomplete="off" @submit=${confirm}>
      <label for="restaurant">${own.confirmRestaurant}</label>
      <select id="restaurant" name="restaurant" @change=${choose("restaurant")}>${found.restaurants.map((r) => html`<option value=${r.id}>${r.name}</option>`)}</select>
      <label for="name">${own.confirmName}</label>
      <input id="name" name="name" required maxlength="60" placeholder=${own.confirmNameHint} aria-describedby="problem" />
      <fieldset><legend>${own.confirmRole}</legend>
        <label><input type="radio" name="role" value="kitchen" .checked=${state.role === "kitchen"} @change=${choose("role")} /> ${own.confirmBoard}</label>
        <label><input type="radio" name="role" value="screen" .checked=${state.role === "screen"} @change=${choose("role")} /> ${own.confirmScreen}</label></fieldset>
      ${state.role === "kitchen" ? stationsOf(found.restaurants.find((r) => r.id === state.restaurant)) : nothing}
      ${problem()}
      <button type="submit" ?disabled=${state.busy}>${own.confirmPair}</button>
    </form>`;
}

/** @param {Restaurant|undefined} restaurant */
function stationsOf(restaurant) {
  if (!restaurant?.stations.length) return nothing;
  return html`<fieldset><legend>${own.confirmStations}</legend>
    ${restaurant.stations.map((s) => html`<label><input type="checkbox" name="station" value=${s.id} /> <bdi>${s.name}</bdi></label>`)}
    <p>${own.confirmStationsHint}</p></fieldset>`;
}

/** What draws the form anew for another choice. @param {"restaurant"|"role"} what */
const choose = (what) => (/** @type {Event} */ e) => {
  state[what] = /** @type {HTMLInputElement|HTMLSelectElement} */ (e.currentTarget).value;
  draw();
};

const problem = () => html`<p id="problem" role="alert">${state.problem}</p>`;

draw();
document.dispatchEvent(new Event("kitchen-running"));
