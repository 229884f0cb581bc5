// The form for a link or a token. The form itself sends nothing: its caller offers the token to the server.
import { html, nothing } from "lit-html";
import { base } from "./address.js";
import { readPasted } from "./token.js";

/** @typedef {import("./i18n.js").Words} Words */

export class TokenForm {
  /**
   * @param {string|null} restaurant null where the user has to enter it
   * @param {(read: {restaurant: string, token: string}) => void} take
   * @param {() => void} redraw
   */
  constructor(restaurant, take, redraw) {
    this.restaurant = restaurant;
    this.take = take;
    this.redraw = redraw;
    /** Why the pasted text opens no board. @type {""|import("./token.js").Problem} */
    this.problem = "";
    /** Why the server refused the token, in words. */
    this.refusal = "";
    this.trying = false; // the server has not answered yet
    this.askRestaurant = false;
    /** @type {URL|null} */
    this.elsewhere = null;
    /** @param {SubmitEvent} e */
    this.submit = (e) => {
      e.preventDefault();
      const data = new FormData(/** @type {HTMLFormElement} */ (e.currentTarget));
      this.read(String(data.get("token") ?? ""), String(data.get("restaurant") ?? this.restaurant ?? ""));
    };
  }

  /**
   * @param {string} text
   * @param {string} restaurant
   */
  read(text, restaurant) {
    const pasted = readPasted(text, restaurant, base);
    this.refusal = "";
    this.problem = "problem" in pasted ? pasted.problem : "";
    this.elsewhere = "elsewhere" in pasted ? pasted.elsewhere : null;
    if (this.problem === "needRestaurant") this.askRestaurant = true;
    if ("token" in pasted) this.take(pasted);
    this.redraw();
  }

  /** @param {Words} words */
  view(words) {
    const text = this.problem ? words[this.problem] : this.refusal || (this.trying ? words.askingServer : "");
    return html`<form class="fields" autocomplete="off" @submit=${this.submit}>
      <label for="token">${words.linkOrToken}</label>
      <textarea id="token" name="token" rows="3" required spellcheck="false" autocapitalize="none" dir="ltr"
        aria-describedby="token-problem" aria-invalid=${this.problem || this.refusal ? "true" : nothing}></textarea>
      ${this.askRestaurant ? html`<label for="restaurant">${words.restaurantId}</label>
        <input id="restaurant" name="restaurant" required spellcheck="false" autocapitalize="none" dir="ltr"
          placeholder="00000000-0000-0000-0000-000000000000" aria-describedby="token-problem" />` : nothing}
      <p id="token-problem" role="alert">${text}
        ${this.elsewhere ? html`${words.otherHost(this.elsewhere.host)} <a href=${this.elsewhere.href} rel="noreferrer">${this.elsewhere.origin}</a>` : nothing}
      </p>
      <button type="submit">${words.open}</button>
    </form>`;
  }
}
