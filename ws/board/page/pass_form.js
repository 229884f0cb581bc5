// The form that takes a link or a token. Nothing is submitted to any server: the pass stays on the device.
import { html, nothing } from "lit-html";
import { base } from "./address.js";
import { readPass } from "./pass.js";

/** @typedef {import("./i18n.js").Words} Words */

export class PassForm {
  /**
   * @param {string|null} restaurant where it is known already
   * @param {(pass: {restaurant: string, token: string}) => void} take
   * @param {() => void} redraw
   */
  constructor(restaurant, take, redraw) {
    this.restaurant = restaurant;
    this.take = take;
    this.redraw = redraw;
    /** What is wrong with what was pasted. @type {""|import("./pass.js").Problem} */
    this.problem = "";
    /** Why the server did not take the pass, in words. */
    this.refusal = "";
    this.trying = false; // the server is asked
    this.askRestaurant = false;
    /** @type {URL|null} */
    this.elsewhere = null;
    /** @param {SubmitEvent} e */
    this.submit = (e) => {
      e.preventDefault();
      const data = new FormData(/** @type {HTMLFormElement} */ (e.currentTarget));
      this.read(String(data.get("pass") ?? ""), String(data.get("restaurant") ?? this.restaurant ?? ""));
    };
  }

  /**
   * @param {string} text
   * @param {string} restaurant
   */
  read(text, restaurant) {
    const pass = readPass(text, restaurant, base);
    this.refusal = "";
    this.problem = "problem" in pass ? pass.problem : "";
    this.elsewhere = "elsewhere" in pass ? pass.elsewhere : null;
    if (this.problem === "needRestaurant") this.askRestaurant = true;
    if ("token" in pass) this.take(pass);
    this.redraw();
  }

  /** @param {Words} words */
  view(words) {
    const text = this.problem ? words[this.problem] : this.refusal || (this.trying ? words.passTrying : "");
    return html`<form class="pass" autocomplete="off" @submit=${this.submit}>
      <label for="pass">${words.linkOrToken}</label>
      <textarea id="pass" name="pass" rows="3" required spellcheck="false" autocapitalize="none" dir="ltr"
        aria-describedby="pass-problem" aria-invalid=${this.problem || this.refusal ? "true" : nothing}></textarea>
      ${this.askRestaurant ? html`<label for="restaurant">${words.restaurantId}</label>
        <input id="restaurant" name="restaurant" required spellcheck="false" autocapitalize="none" dir="ltr"
          placeholder="00000000-0000-0000-0000-000000000000" aria-describedby="pass-problem" />` : nothing}
      <p id="pass-problem" role="alert">${text}
        ${this.elsewhere ? html`${words.otherHost(this.elsewhere.host)} <a href=${this.elsewhere.href} rel="noreferrer">${this.elsewhere.origin}</a>` : nothing}
      </p>
      <button type="submit">${words.open}</button>
    </form>`;
  }
}
