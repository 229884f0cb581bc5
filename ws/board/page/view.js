// What this screen shows of a kitchen with stations: the stations in its address, or those that somebody chose on it. The device keeps
// the choice for each restaurant. Stations in the address win, and a choice changes the address.
import { EVERYTHING, shows, viewOf, withoutScreen } from "./stations.js";
import { keep, kept } from "./storage.js";

/** @typedef {import("../client/order.js").Station} Station */
/** @typedef {import("./stations.js").View} View */
/** A station that somebody asked for; without an id while no station of that name was there. @typedef {{id: string|null, name: string}} Wanted */

const PARAMETER = "station";
const MOST = 50; // stations in an address or a kept choice

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
    /** What was asked for, in any order; none: everything. @type {Wanted[]} */
    this.wanted = asked.length ? asked.map((name) => ({ id: null, name })) : kept(keptAs(restaurant), readWanted);
    /** The stations of the restaurant. @type {Station[]} */
    this.stations = [];
    /** @type {View} */
    this.view = EVERYTHING;
    /** The last counts of the server: they stay while the connection is lost, which closes no other screen. @type {import("./stations.js").Screens} */
    this.screens = null;
    this.sentView = ""; // what this screen shows, as it was sent to the server
  }

  /** Takes the restaurant's stations, at first and when they change. @param {Station[]} stations */
  setStations(stations) {
    this.stations = stations;
    this.wanted = this.wanted.map((w) => {
      const found = stations.find((s) => s.id === w.id) ?? stations.find((s) => s.id === lower(w.name)) ?? stations.find((s) => lower(s.name) === lower(w.name));
      return found ? { id: found.id, name: found.name } : w;
    });
    this.apply();
  }

  /** Takes how many screens show each station. @param {import("../client/client.js").Screens} said */
  setScreens({ stations, all }) {
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

  /** The names that were asked for and that no station of the restaurant has. */
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
    const view = JSON.stringify(this.view.stations);
    // Without a message the server counts a screen as one that shows everything.
    if (view !== this.sentView && (this.sentView || this.view.stations)) this.client.show(this.view.stations);
    if (this.sentView || this.view.stations) this.sentView = view;
    this.address();
  }

  /** Puts the shown stations into the address, so that it can be kept as a bookmark or shared. */
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
 * Keeps on this device which stations of a restaurant it shows.
 * @param {string} restaurant
 * @param {Wanted[]} stations none: everything
 */
export function keepShown(restaurant, stations) {
  keep(keptAs(restaurant), stations.length ? stations : undefined);
}

/** Names are compared as by PostgreSQL's lower(). @param {string} text */
const lower = (text) => text.trim().toLowerCase();

/** Reads a kept choice; what is no station is left out. @param {any} value @returns {Wanted[]} */
export function readWanted(value) {
  if (!Array.isArray(value)) return [];
  return value.filter((w) => typeof w?.id === "string" && typeof w.name === "string" && w.name.trim()).slice(0, MOST).map(({ id, name }) => ({ id, name }));
}
