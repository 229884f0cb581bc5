// What a cook may choose on the screen itself. Kept on the device, for all restaurants: it is the screen that is set up.
import { deviceLanguage } from "./i18n.js";
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
 * @property {boolean} allday
 * @property {Record<string, string[]>} keys
 */

export class Settings extends EventTarget {
  constructor() {
    super();
    /** @type {Values} */
    const defaults = {
      lang: deviceLanguage(), theme: "auto", size: "m", digits: "select", sound: true, volume: "middle", insist: false, allday: false,
      keys: defaultKeys(),
    };
    const old = kept("kitchen:settings", {});
    /** @type {Values} */
    this.values = { ...defaults, ...old, keys: { ...defaults.keys, ...old.keys } };
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
