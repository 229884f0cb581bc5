// The routes of the set-up page: what is cooked where, what has no station, and where a line would go.
import { html, nothing } from "lit-html";
import { typeName } from "./i18n_setup.js";

/** @typedef {import("./setup_server.js").Kitchen} Kitchen */
/** @typedef {import("./setup_server.js").Route} Route */
/** @typedef {import("./setup_server.js").Went} Went */
/** @typedef {import("./i18n_setup.js").SetupWords} Words */
/** What a route, or a line, is about: "" for anything. @typedef {{by: ""|"category"|"item", which: string, type: string}} Match */

/**
 * What a route matches, in words.
 * @param {Route} route
 * @param {Words} words
 */
function routeText(route, words) {
  const what = route.item !== null ? words.ofItem(route.item_name) : route.category !== null ? words.ofCategory(route.category) : words.anything;
  return route.order_type === null ? what : words.onlyType(what, typeName(route.order_type, words));
}

/**
 * Routes by where they lead, in the stations' order, what is not cooked last.
 * @param {Kitchen} kitchen
 * @returns {{station: import("./setup_server.js").Station|null, routes: Route[]}[]}
 */
function routesByStation({ stations, routes }) {
  const cooks = stations.filter((s) => s.kind === "prep").map((s) => ({ station: s, routes: routes.filter((r) => r.station === s.id) }));
  const none = routes.filter((r) => r.station === null);
  return none.length ? [...cooks, { station: null, routes: none }] : cooks;
}

/** What a request says of a match. @param {Match} match */
export const matchOf = ({ by, which, type }) => ({ item: by === "item" ? which : "", category: by === "category" ? which : "", order_type: type });

/**
 * Whether there is a route already that matches the same and leads there.
 * @param {Kitchen} kitchen
 * @param {Match} match
 * @param {string|null} station
 */
export function isTaken({ routes }, match, station) {
  const { item, category, order_type } = matchOf(match);
  return routes.some((r) => r.station === station && (r.item ?? "") === item && (r.category ?? "") === category && (r.order_type ?? "") === order_type);
}

/**
 * @param {Kitchen} kitchen
 * @param {Words} words
 * @param {(id: string) => void} remove
 */
export function routeList(kitchen, words, remove) {
  return html`<p>${words.routesHint}</p>
    ${kitchen.routes.length ? nothing : html`<p class="why">${words.noRoutes}</p>`}
    ${routesByStation(kitchen).map(({ station, routes }) => html`<h3><bdi>${station?.name ?? words.nowhere}</bdi></h3>
      <ul class="routes">${routes.map((r) => html`<li><span><bdi>${routeText(r, words)}</bdi></span>
        <button type="button" aria-label=${words.removeRoute(routeText(r, words))} @click=${() => remove(r.id)}>${words.remove}</button></li>`)}
        ${routes.length ? nothing : html`<li class="none">${words.nothingLeads}</li>`}</ul>`)}`;
}

/**
 * The fields that say which lines: what, which of them, and for which orders.
 * @param {string} form the beginning of the fields' ids
 * @param {Kitchen} kitchen
 * @param {Match} match
 * @param {Words} words
 * @param {(match: Match) => void} changed
 */
export function matchFields(form, kitchen, match, words, changed) {
  const choices = match.by === "category" ? kitchen.categories.map((c) => [c, c]) : kitchen.items.map((i) => [i.id, i.category ? `${i.name} (${i.category})` : i.name]);
  /** @param {Partial<Match>} more */
  const set = (more) => changed({ ...match, ...more });
  return html`
    <label for="${form}-by">${words.what}
      <select id="${form}-by" .value=${match.by} @change=${(/** @type {any} */ e) => set({ by: e.target.value, which: "" })}>
        ${[["category", words.category], ["item", words.item], ["", words.anything]].map(([v, text]) => option(v, text, match.by))}
      </select></label>
    ${match.by ? html`<label for="${form}-which">${words.which}
      ${match.by === "category" && !choices.length
        ? html`<input id="${form}-which" type="text" maxlength="100" autocomplete="off" .value=${match.which} @input=${(/** @type {any} */ e) => set({ which: e.target.value.trim() })} />`
        : html`<select id="${form}-which" @change=${(/** @type {any} */ e) => set({ which: e.target.value })}>
          ${[["", "…"], ...choices].map(([v, text]) => option(v, text, match.which))}</select>`}</label>` : nothing}
    <label for="${form}-type">${words.orderType}
      <select id="${form}-type" @change=${(/** @type {any} */ e) => set({ type: e.target.value })}>
        ${[["", words.anyType], ...kitchen.order_types.map((t) => [t, typeName(t, words)])].map(([v, text]) => option(v, text, match.type))}
      </select></label>`;
}

/**
 * @param {string|undefined} value
 * @param {string|undefined} text
 * @param {string} chosen
 */
export const option = (value, text, chosen) => html`<option value=${value ?? ""} ?selected=${(value ?? "") === chosen}>${text}</option>`;

/**
 * @param {Kitchen} kitchen
 * @param {Words} words
 * @param {(item: import("./setup_server.js").Unrouted) => void} choose
 */
export function unroutedList(kitchen, words, choose) {
  if (!kitchen.unrouted.length) return html`<p>${words.unroutedNone}</p>`;
  return html`<p>${words.unroutedHint}</p><ul class="routes">${kitchen.unrouted.map((u) => html`<li>
    <span><b><bdi>${u.name}</bdi></b> ${u.category ? html`<bdi>(${u.category})</bdi> ` : nothing}<small>${words.lines(u.lines)}</small></span>
    <button type="button" aria-label=${words.chooseRouteOf(u.name)} @click=${() => choose(u)}>${words.chooseRoute}</button></li>`)}</ul>`;
}

/**
 * Where a line would go, and why.
 * @param {Kitchen} kitchen
 * @param {Went} went
 * @param {Words} words
 */
export function wentText(kitchen, went, words) {
  const name = (/** @type {string|null} */ id) => kitchen.stations.find((s) => s.id === id)?.name ?? words.nowhere;
  const said = (/** @type {string[]} */ ids) => ids.flatMap((id) => kitchen.routes.find((r) => r.id === id) ?? []).map((r) => words.leadsTo(routeText(r, words), name(r.station)));
  const where = went.unrouted ? words.goesEverywhere : went.stations.length ? words.goesTo(went.stations.map(name).join(" + ")) : words.goesNowhere;
  const deciding = said(went.deciding);
  const others = said(went.others);
  return [where, deciding.length ? words.because(deciding.join("; ")) : "", others.length ? words.andNot(others.join("; ")) : ""].filter(Boolean);
}
