// What a cook may choose on the screen itself. Kept on the device, for all restaurants: it is the screen that is set up.
import { deviceLanguage, languageNames } from "./i18n.js";
import { keep, kept } from "./storage.js";
import { defaultKeys } from "./keys.js";

/**
 * @typedef {object} Values
 * @property {string} lang
 * @property {"auto"|"dark"|"light"} theme
 * @property {"s"|"m"|"l"} size
 * @property {"select"|"bump"} digits what a digit key does
 * @property {boolean} sound
 * @property {"quiet"|"middle"|"loud"} volume
 * @property {boolean} insist what nobody has touched rings again
 * @property {boolean} readySound a sound when another screen makes an order ready
 * @property {boolean} allday
 * @property {"auto"|"6"|"8"|"10"|"15"|"20"|"28"} density how many tickets a page has
 * @property {"wall"|"strip"|"hidden"} readyPlace where ready tickets are shown
 * @property {boolean} rushFirst rush tickets come before older ones
 * @property {"restaurant"|"15"|"30"|"60"|"120"|"all"} lead how many minutes before it is due a scheduled order comes to the wall
 * @property {Record<string, string[]>} keys
 */

/**
 * What each setting may be. What a device holds otherwise, because another version wrote it, say, is as if nothing were there.
 * @type {Record<string, (string|boolean)[]>}
 */
const CHOICES = {
  lang: Object.keys(languageNames), theme: ["auto", "dark", "light"], size: ["s", "m", "l"], digits: ["select", "bump"],
  sound: [true, false], volume: ["quiet", "middle", "loud"], insist: [true, false], readySound: [true, false], allday: [true, false],
  density: ["auto", "6", "8", "10", "15", "20", "28"], readyPlace: ["wall", "strip", "hidden"], rushFirst: [true, false], lead: ["restaurant", "15", "30", "60", "120", "all"],
};

/** @returns {Values} */
const defaults = () => ({
  lang: deviceLanguage(), theme: "auto", size: "m", digits: "select", sound: true, volume: "middle", insist: false, readySound: true,
  allday: false, density: "auto", readyPlace: "wall", rushFirst: false, lead: "restaurant", keys: defaultKeys(),
});

/**
 * Good settings from whatever was kept.
 * @param {any} old
 * @returns {Values}
 */
function readSettings(old) {
  const values = /** @type {any} */ (defaults());
  for (const [name, choices] of Object.entries(CHOICES)) if (choices.includes(old?.[name])) values[name] = old[name];
  for (const action of Object.keys(values.keys)) {
    const keys = old?.keys?.[action];
    if (Array.isArray(keys) && keys.every((k) => typeof k === "string" && k.length < 40)) values.keys[action] = keys;
  }
  return values;
}

export class Settings extends EventTarget {
  constructor() {
    super();
    /** @type {Values} */
    this.values = kept("kitchen:settings", readSettings);
    this.show();
  }

  /** @param {Partial<Values>} values */
  set(values) {
    Object.assign(this.values, values);
    keep("kitchen:settings", this.values);
    this.show();
    this.dispatchEvent(new Event("change"));
  }

  /** What the style sheet needs to know. */
  show() {
    const root = document.documentElement;
    root.dataset.theme = this.values.theme;
    root.dataset.size = this.values.size;
  }
}
