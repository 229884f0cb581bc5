// What this screen shows, and the stations and screens of its kitchen. All tickets share one.
import { EVERYTHING } from "./stations.js";

/** @typedef {import("../client/order.js").Station} Station */
/** @typedef {import("./stations.js").View} View */
/** @typedef {import("./stations.js").Screens} Screens */
/**
 * What kind of board this is. Empty: the kitchen has no stations, and each ticket is one piece of work.
 * @typedef {""|"station"|"pass"|"all"} Mode
 */

export class Here {
  /** @type {Station[]} */
  stations = [];
  /** @type {View} */
  view = EVERYTHING;
  /** @type {Screens} */
  screens = null;
  /** Rises with each change, because tickets may look different then. */
  edition = 1;

  /** @returns {Mode} */
  get mode() {
    if (!this.stations.length) return "";
    return this.view.pass ? "pass" : this.view.stations ? "station" : "all";
  }

  /**
   * @param {Station[]} stations of the restaurant
   * @param {View} view
   * @param {Screens} screens
   * @returns {boolean} whether anything changed
   */
  set(stations, view, screens) {
    const key = (/** @type {Pick<Here, "stations"|"view"|"screens">} */ h) =>
      JSON.stringify([h.stations, h.view, h.screens && [[...h.screens.stations], h.screens.all]]);
    if (key({ stations, view, screens }) === key(this)) return false;
    Object.assign(this, { stations, view, screens });
    this.edition++;
    return true;
  }

  /** The name of a station; empty for none, and for one that is not there any more. @param {string|null} id */
  nameOf(id) {
    return this.stations.find((s) => s.id === id)?.name ?? "";
  }
}
