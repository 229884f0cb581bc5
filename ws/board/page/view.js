// What this screen shows of a kitchen with stations: by its address, or as somebody chose on it. The device keeps a choice for each
// restaurant; an address wins, and follows the choice.
import { EVERYTHING, shows, viewOf, withoutScreen } from "./stations.js";
import { keep, kept } from "./storage.js";

/** @typedef {import("../client/order.js").Station} Station */
/** @typedef {import("./stations.js").View} View */
/** A station that somebody asked for; without an id while no station of that name was there. @typedef {{id: string|null, name: string}} Wanted */

const PARAMETER = "station";
const MOST = 50; // stations of an address or of what was kept

export class ScreenView {
  /**
   * @param {string} restaurant
   * @param {Pick<import("../client/client.js").KitchenClient, "show">} client
   * @param {Pick<Location, "search">} place
   * @param {(search: string) => void} move changes the address without loading it
   */
  constructor(restaurant, client, place = location, move = (search) => history.replaceState(history.state, "", location.pathname + search + location.hash)) {
    this.restaurant = restaurant;
    this.client = client;
    this.place = place;
    this.move = move;
    const asked = new URLSearchParams(place.search).getAll(PARAMETER).map((s) => s.trim()).filter(Boolean).slice(0, MOST);
    /** In no order; none: everything. @type {Wanted[]} */
    this.wanted = asked.length ? asked.map((name) => ({ id: null, name })) : kept(keptAs(restaurant), readWanted);
    /** Of the restaurant, as the server said last. @type {Station[]} */
    this.stations = [];
    /** @type {View} */
    this.view = EVERYTHING;
    /** As the server said last: a connection that is gone has not closed other screens. @type {import("./stations.js").Screens} */
    this.screens = null;
    this.told = ""; // what the server was told that this screen shows
  }

  /** Stations were made, renamed or deleted, or are known for the first time. @param {Station[]} stations */
  know(stations) {
    this.stations = stations;
    this.wanted = this.wanted.map((w) => {
      const found = stations.find((s) => s.id === w.id) ?? stations.find((s) => s.id === lower(w.name)) ?? stations.find((s) => lower(s.name) === lower(w.name));
      return found ? { id: found.id, name: found.name } : w;
    });
    this.apply();
  }

  /** @param {import("../client/client.js").Screens} said */
  count({ stations, all }) {
    this.screens = { stations: new Map(stations.map((s) => [s.id, s.screens])), all };
  }

  /** Somebody chose on the screen. @param {string[]} ids none: everything */
  choose(ids) {
    this.wanted = this.stations.filter((s) => ids.includes(s.id)).map(({ id, name }) => ({ id, name }));
    keepShown(this.restaurant, this.wanted);
    this.apply();
  }

  /** Adds a station to what is shown, or takes it away. @param {string} id */
  toggle(id) {
    const ids = this.view.stations ?? [];
    this.choose(ids.includes(id) ? ids.filter((i) => i !== id) : [...ids, id]);
  }

  /** What was asked for and is no station of the restaurant. */
  get unknown() {
    return this.wanted.filter((w) => !this.stations.some((s) => s.id === w.id)).map((w) => w.name);
  }

  /** The names of what it shows, in the stations' order; none: everything. */
  get names() {
    return this.stations.filter((s) => this.view.stations?.includes(s.id)).map((s) => s.name);
  }

  /** The names of stations that no screen shows. */
  get withoutScreen() {
    return withoutScreen(this.view, this.screens, this.stations).map((s) => s.name);
  }

  /** @param {import("../client/order.js").Order} order */
  shows(order) {
    return shows(order, this.view, this.screens, this.stations);
  }

  apply() {
    this.view = viewOf(this.wanted.map((w) => w.id ?? ""), this.stations);
    const told = JSON.stringify(this.view.stations);
    // A restaurant without stations, and a screen that was never anything else, count as everything without being told.
    if (told !== this.told && (this.told || this.view.stations)) this.client.show(this.view.stations);
    if (this.told || this.view.stations) this.told = told;
    this.address();
  }

  /** The address says what is shown, so that it can be kept and passed on. */
  address() {
    const query = new URLSearchParams(this.place.search);
    const before = query.toString();
    query.delete(PARAMETER);
    for (const { name } of this.wanted) query.append(PARAMETER, name);
    const after = query.toString();
    if (after !== before) this.move(after ? `?${after}` : "");
  }
}

/** @param {string} restaurant */
const keptAs = (restaurant) => `kitchen:shows:${restaurant}`;

/**
 * Has this device show these stations of a restaurant from now on.
 * @param {string} restaurant
 * @param {Wanted[]} stations none: everything
 */
export function keepShown(restaurant, stations) {
  keep(keptAs(restaurant), stations.length ? stations : undefined);
}

/** As PostgreSQL's lower() compares names. @param {string} text */
const lower = (text) => text.trim().toLowerCase();

/** What was kept, if it is good. @param {any} value @returns {Wanted[]} */
export function readWanted(value) {
  if (!Array.isArray(value)) return [];
  return value.filter((w) => typeof w?.id === "string" && typeof w.name === "string" && w.name.trim()).slice(0, MOST).map(({ id, name }) => ({ id, name }));
}
