// The board's door: the pass that opens it, where new ones come from, and what is said when the server refuses one.
import { html, nothing } from "lit-html";
import { dropPass, keepPass, onOtherTab, passOf, rememberBoard, takeFromAddress } from "./pass.js";
import { PassForm } from "./pass_form.js";

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
    const token = this.client().token?.text ?? null;
    this.shut = code === 4003 ? "passForeign" : token ? "passRefused" : "passMissing";
    dropPass(this.restaurant, token);
  }

  /** The server let the screen in. @param {string} name the restaurant's */
  entered(name) {
    rememberBoard(this.restaurant, name);
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
