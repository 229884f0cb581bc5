// The page on which owners and managers set the stations of their kitchen up. The token is kept for this tab alone: the device may be
// everybody's.
import { html, nothing, render } from "lit-html";
import { base, boardPath, restaurantIn } from "./address.js";
import { setupWords } from "./i18n_setup.js";
import { tokenOf, readPasted, takeFromAddress } from "./token.js";
import { Settings } from "./settings.js";
import { isTaken, matchFields, matchOf, option, routeList, unroutedList, wentText } from "./setup_routes.js";
import { Refused, SetupServer } from "./setup_server.js";
import { stationForm, stationList } from "./setup_stations.js";

/** @typedef {import("./setup_server.js").Kitchen} Kitchen */
/** @typedef {import("./setup_routes.js").Match} Match */

const AGAIN_MS = 10_000;
/** @type {Match} */
const NO_MATCH = { by: "category", which: "", type: "" };

class SetUp {
  /**
   * @param {string} restaurant
   * @param {HTMLElement} main
   */
  constructor(restaurant, main) {
    this.restaurant = restaurant;
    this.main = main;
    this.words = setupWords(new Settings().values.lang);
    this.tab = new Tab(restaurant);
    this.server = new SetupServer(restaurant, base, () => this.tab.token);
    /** @type {Kitchen|null} */
    this.kitchen = null;
    this.denied = ""; // why the page shows no kitchen
    this.said = ""; // the last thing that happened
    this.problem = false; // and it is one
    this.busy = false;
    this.stations = { editing: "", asking: "" };
    /** @type {Match} */
    this.route = NO_MATCH;
    this.leads = ""; // where the new route leads: a station's id, or "none"
    /** @type {Match} */
    this.line = NO_MATCH;
    /** @type {import("./setup_server.js").Went|null} */
    this.went = null;
    setInterval(() => document.visibilityState === "visible" && !this.denied && !this.busy && this.do("look", {}, ""), AGAIN_MS);
  }

  /**
   * @param {string} action
   * @param {object} what
   * @param {string} said after it was done; "" says nothing
   * @returns {Promise<boolean>}
   */
  async do(action, what, said) {
    if (this.busy) return false;
    this.busy = true;
    this.draw();
    try {
      const answer = await this.server.ask(action, what);
      if (action === "test") this.went = answer;
      else this.kitchen = answer;
      this.denied = "";
      if (said || this.problem) this.say(said);
      return true;
    } catch (e) {
      this.refused(/** @type {Refused} */ (e));
      return false;
    } finally {
      this.busy = false;
      this.draw();
    }
  }

  /** @param {Refused} e */
  refused(e) {
    const { words } = this;
    if (e.status === 401) this.denied = e.code === "no_token" ? words.signIn : words.signInAgain;
    else if (e.status === 403) this.denied = words.signInOther;
    else this.say(e.status === 409 ? e.message : words.noAnswer, true);
    if (this.denied) this.kitchen = null;
  }

  /** @param {string} text @param {boolean} [problem] */
  say(text, problem = false) {
    this.said = text;
    this.problem = problem;
    this.draw();
  }

  /** @returns {import("./setup_stations.js").Actions} */
  get actions() {
    const show = (/** @type {Partial<SetUp["stations"]>} */ more, /** @type {string} */ focus = "") => {
      this.stations = { editing: "", asking: "", ...more };
      this.draw();
      /** @type {HTMLElement|null} */ (this.main.querySelector(focus || "h1"))?.focus();
    };
    return {
      save: (form, id) => this.save(form, id),
      move: (id, by) => {
        const ids = (this.kitchen?.stations ?? []).map((s) => s.id);
        const i = ids.indexOf(id);
        ids.splice(i, 1);
        ids.splice(i + by, 0, id);
        this.do("order-stations", { ids }, this.words.saved);
      },
      edit: (id) => show({ editing: id }, id ? `[data-station="${id}"] input` : ""),
      ask: (id) => show({ asking: id }, id ? `[data-station="${id}"] button` : ""),
      remove: async (id) => {
        if (await this.do("delete-station", { id }, this.words.saved)) show({});
      },
    };
  }

  /** @param {HTMLFormElement} form @param {string} id */
  async save(form, id) {
    const name = String(new FormData(form).get("name")).trim();
    const kind = String(new FormData(form).get("kind"));
    const { kitchen, words } = this;
    if (!name) return this.say(words.needName, true);
    if (kitchen?.stations.some((s) => s.id !== id && s.name.toLowerCase() === name.toLowerCase())) return this.say(words.nameTaken(name), true);
    if (!(await this.do(id ? "change-station" : "add-station", { id, name, kind }, words.saved))) return;
    this.stations.editing = "";
    if (!id) form.reset();
    this.draw();
  }

  async addRoute() {
    const { kitchen, leads, route, words } = this;
    const first = kitchen?.stations.find((s) => s.kind === "prep")?.id ?? "none";
    const station = (leads || first) === "none" ? null : leads || first;
    if (route.by && !route.which) return this.say(words.needWhich, true);
    if (kitchen && isTaken(kitchen, route, station)) return this.say(words.routeTaken, true);
    if (await this.do("add-route", { station, ...matchOf(route) }, words.saved)) this.route = NO_MATCH;
    this.draw();
  }

  async test() {
    const { kitchen, line, words } = this;
    if (line.by && !line.which) return this.say(words.needWhich, true);
    const match = matchOf(line);
    const category = match.item ? kitchen?.items.find((i) => i.id === match.item)?.category ?? "" : match.category;
    await this.do("test", { ...match, category }, "");
  }

  /** What somebody who may was given. @param {string} text */
  signIn(text) {
    const read = readPasted(text, this.restaurant, base);
    if (!("token" in read) || read.restaurant !== this.restaurant) return this.say(this.words.notAToken, true);
    this.tab.keep(read.token);
    this.said = "";
    this.do("look", {}, "");
  }

  draw() {
    const { words } = this;
    Object.assign(document.documentElement, { lang: words.lang, dir: words.dir });
    document.title = [words.title, this.kitchen?.name].filter(Boolean).join(" · ");
    render(html`<header><h1 tabindex="-1">${words.title}${this.kitchen ? html` · <bdi>${this.kitchen.name}</bdi>` : nothing}</h1>
        <a href=${boardPath(this.restaurant)}>${words.board}</a></header>
      <p class="said ${this.problem ? "problem" : ""}" role=${this.problem ? "alert" : "status"}>${this.said}</p>
      ${this.denied ? this.entry() : this.kitchen ? this.parts(this.kitchen) : html`<p>${this.busy ? words.loading : nothing}</p>`}`, this.main);
    this.main.setAttribute("aria-busy", String(this.busy));
  }

  entry() {
    const { words } = this;
    return html`<form class="card" @submit=${(/** @type {any} */ e) => {
      e.preventDefault();
      this.signIn(String(new FormData(e.currentTarget).get("token")));
    }}><p class="why">${this.denied}</p>
      <label for="token">${words.linkOrToken}<textarea id="token" name="token" rows="3" autocomplete="off" spellcheck="false"></textarea></label>
      <div class="buttons"><button type="submit" class="main">${words.open}</button></div></form>`;
  }

  /** @param {Kitchen} kitchen */
  parts(kitchen) {
    const { actions, words } = this;
    if (!kitchen.stations.length && !kitchen.routes.length) {
      return html`<section class="card"><p>${words.whatIsAStation}</p><h2>${words.firstStation}</h2>${stationForm(null, words, actions, words.add)}</section>`;
    }
    const submit = (/** @type {() => void} */ f) => (/** @type {SubmitEvent} */ e) => {
      e.preventDefault();
      f();
    };
    return html`<section class="card">${stationList(kitchen, this.stations, this.restaurant, words, actions)}
        <h2>${words.addStation}</h2>${stationForm(null, words, actions, words.add)}</section>
      <section class="card"><h2>${words.unrouted(kitchen.days)}</h2>${unroutedList(kitchen, words, (u) => this.choose(u))}</section>
      <section class="card"><h2>${words.routes}</h2>${routeList(kitchen, words, (id) => this.do("delete-route", { id }, words.saved))}
        <h3 id="new-route" tabindex="-1">${words.addRoute}</h3>
        <form @submit=${submit(() => this.addRoute())}>
          ${matchFields("route", kitchen, this.route, words, (m) => { this.route = m; this.draw(); })}
          <label for="route-station">${words.station}<select id="route-station" @change=${(/** @type {any} */ e) => (this.leads = e.target.value)}>
            ${kitchen.stations.filter((s) => s.kind === "prep").map((s) => option(s.id, s.name, this.leads))}${option("none", words.nowhere, this.leads)}</select></label>
          <div class="buttons"><button type="submit" class="main">${words.add}</button></div>
        </form></section>
      <section class="card"><h2>${words.test}</h2><p>${words.testHint}</p>
        <form @submit=${submit(() => this.test())}>
          ${matchFields("test", kitchen, this.line, words, (m) => { this.line = m; this.went = null; this.draw(); })}
          <div class="buttons"><button type="submit">${words.testGo}</button></div>
        </form>
        <div class="went" role="status">${this.went ? wentText(kitchen, this.went, words).map((t) => html`<p>${t}</p>`) : nothing}</div></section>`;
  }

  /** A dish without a station: the form for a route is about it. @param {import("./setup_server.js").Unrouted} dish */
  choose({ item, category }) {
    this.route = { ...NO_MATCH, by: item === null ? "category" : "item", which: item ?? category };
    this.draw();
    this.main.querySelector("#new-route")?.scrollIntoView();
    /** @type {HTMLElement|null} */ (this.main.querySelector("#route-station"))?.focus();
  }
}

/** The token of this tab: what came in the address, what somebody pasted, or the device's own token. */
class Tab {
  /** @param {string} restaurant */
  constructor(restaurant) {
    this.name = `kitchen:setup:${restaurant}`;
    /** @type {string|null} */
    this.token = takeFromAddress() || this.kept() || tokenOf(restaurant);
    if (this.token) this.keep(this.token);
  }

  kept() {
    try {
      return sessionStorage.getItem(this.name);
    } catch {
      return null; // forbidden
    }
  }

  /** @param {string} token */
  keep(token) {
    this.token = token;
    try {
      sessionStorage.setItem(this.name, token);
    } catch {
      // it ends with the page
    }
  }
}

const page = new SetUp(restaurantIn(location.pathname), /** @type {HTMLElement} */ (document.querySelector("main")));
addEventListener("hashchange", () => {
  const token = takeFromAddress();
  if (token) page.tab.keep(token);
  if (token) page.do("look", {}, "");
});
page.do("look", {}, "");
document.dispatchEvent(new Event("kitchen-running"));
