// The board's door: the pass that opens it, where new ones come from, and what is said when the server refuses one.
import { html, nothing } from "lit-html";
import { dropPass, keepPass, onOtherTab, passOf, rememberBoard, takeFromAddress } from "./pass.js";
import { PassForm } from "./pass_form.js";

/** How long before its end a pass is spoken of: tokens of a day and less are usual, and somebody has to bring the next one. */
const WARN_MS = 3 * 3_600_000;

export class Door {
  /**
   * @param {string} restaurant
   * @param {() => import("../client/client.js").KitchenClient} client
   * @param {() => void} changed
   */
  constructor(restaurant, client, changed) {
    this.restaurant = restaurant;
    this.client = client;
    this.changed = changed;
    /** Why nobody gets in, "" where the board is open. @type {""|"passMissing"|"passRefused"|"passForeign"} */
    this.shut = "";
    /** How long the pass was good for that came while the board was running, in milliseconds. @type {number|null} */
    this.renewed = null;
    this.form = new PassForm(restaurant, (pass) => this.open(pass.restaurant, pass.token), changed);
    const token = takeFromAddress();
    if (token) keepPass(restaurant, token);
    onOtherTab(restaurant, (fresh) => this.open(restaurant, fresh));
    addEventListener("hashchange", () => {
      const fresh = takeFromAddress();
      if (fresh) this.open(restaurant, fresh);
    });
  }

  /**
   * What the client asks for.
   * @param {import("../client/client.js").TokenReason} reason
   * @param {string|null} current
   */
  pass(reason, current) {
    const token = passOf(this.restaurant);
    if (reason === "refused") return token !== current ? token : null; // another tab may have got a fresh one
    return token ?? current;
  }

  /**
   * Takes a fresh pass.
   * @param {string} restaurant
   * @param {string} token
   */
  open(restaurant, token) {
    keepPass(restaurant, token);
    if (restaurant !== this.restaurant) return location.assign(`/kitchen/${restaurant}`);
    this.shut = "";
    this.client().renew(token);
    this.changed();
  }

  /** The server refused. @param {number} code */
  refused(code) {
    const token = this.client().link.credential.current?.text ?? null;
    this.shut = code === 4003 ? "passForeign" : token ? "passRefused" : "passMissing";
    dropPass(this.restaurant, token);
  }

  /** The server let the screen in. @param {string} name the restaurant's */
  entered(name) {
    rememberBoard(this.restaurant, name);
  }

  /**
   * In how many milliseconds the pass ends, where that is soon. Whoever renewed a running board will do so again: there, a pass of
   * an hour is not spoken of before its second half.
   * @returns {number|null}
   */
  endsIn() {
    const left = this.client().tokenEndsIn();
    if (left === null) return null;
    const { renewed } = this;
    return left < Math.min(WARN_MS, renewed === null ? WARN_MS : renewed / 2) ? left : null;
  }

  /** The server took a fresh pass. */
  authenticated() {
    this.renewed = this.client().tokenEndsIn();
  }

  forget() {
    dropPass(this.restaurant, null);
    this.client().stop();
    location.assign("/");
  }

  /** @param {import("./i18n.js").Words} words */
  view(words) {
    if (!this.shut) return nothing;
    return html`<div class="entry"><h2>${words.enterTitle}</h2><p class="why">${words[this.shut]}</p>${this.form.view(words)}</div>`;
  }
}
