// The board's door: the pass that opens it, where new ones come from, and what is said when the server refuses one.
import { html, nothing } from "lit-html";
import { base, boardPath } from "./address.js";
import { dropPass, forgetPass, offeredTo, offerPass, onOtherTab, passOf, passTaken, rememberBoard, takeFromAddress } from "./pass.js";
import { pairWordsOf } from "./pair_words.js";
import { PassForm } from "./pass_form.js";

/** @typedef {import("./i18n.js").Words} Words */
/** Why nobody gets in. @typedef {"passMissing"|"passRefused"|"passGone"|"passForeign"|"passExpired"|"passForgotten"} Shut */

/** How long before its end a pass is spoken of: tokens of a day and less are usual, and somebody has to bring the next one. */
const WARN_MS = 3 * 3_600_000;

export class Door {
  /**
   * @param {string} restaurant
   * @param {{client: () => import("../client/client.js").KitchenClient, words: () => Words, changed: () => void, say: (text: string) => void}} board
   *   changed: the door opened or was shut; say: something that the cook must know
   */
  constructor(restaurant, board) {
    this.restaurant = restaurant;
    this.board = board;
    /** Why nobody gets in, "" where the board is open. @type {""|Shut} */
    this.shut = "";
    this.lasting = true; // the device keeps the pass
    /** How long the pass was good for that came while the board was running, in milliseconds. @type {number|null} */
    this.renewed = null;
    this.form = new PassForm(restaurant, (pass) => this.open(pass.restaurant, pass.token), board.changed);
    this.fresh = takeFromAddress();
    if (this.fresh) this.lasting = offerPass(restaurant, this.fresh);
    onOtherTab(restaurant, (fresh) => this.open(restaurant, fresh));
    addEventListener("hashchange", () => {
      const fresh = takeFromAddress();
      if (fresh) this.open(restaurant, fresh);
      else if (fresh === "") board.say(board.words().badToken);
    });
  }

  /** Connects: with the pass that was just brought, and where the server does not take it, with the one that was kept. */
  start() {
    const fresh = offeredTo(this.restaurant);
    if (this.fresh === "") this.board.say(this.board.words().badToken);
    if (fresh && fresh !== passOf(this.restaurant)) this.open(this.restaurant, fresh);
    else this.board.client().start();
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
   * Brings a fresh pass. The old one stays until the server has taken this one.
   * @param {string} restaurant
   * @param {string} token
   */
  async open(restaurant, token) {
    this.lasting = offerPass(restaurant, token);
    if (restaurant !== this.restaurant) return location.assign(`${boardPath(restaurant)}${this.lasting ? "" : `#token=${token}`}`);
    const { board, form } = this;
    form.refusal = "";
    form.trying = true;
    board.changed();
    try {
      await board.client().renew(token);
      passTaken(restaurant, token);
      this.shut = "";
    } catch (e) {
      const { code } = /** @type {import("../client/requests.js").KitchenError} */ (e);
      if (code === "replaced") return; // by a newer one, which says the rest
      if (code !== "timeout" && code !== "offline") dropPass(restaurant, token);
      form.refusal = notTaken(code, board.words());
      if (!this.shut) board.say((form.refusal += ` ${board.words().newKept}`));
    }
    form.trying = false;
    board.changed();
  }

  /**
   * The server refused the pass of this screen. One that has only expired is kept, so that a reload still says so.
   * @param {import("../client/credential.js").Refusal} refusal
   */
  refused({ code, word }) {
    const { current } = this.board.client().link.credential;
    const token = current?.text ?? passOf(this.restaurant);
    const expired = word ? word === "expired" : Boolean(current && current.expires <= this.board.client().serverNow());
    if (code === 4003) this.shut = "passForeign";
    else if (!token) this.shut = "passMissing";
    else if (expired) this.shut = "passExpired";
    else this.shut = word === "user_gone" ? "passGone" : "passRefused";
    if (token && this.shut !== "passExpired") dropPass(this.restaurant, token);
  }

  /** Whether there is a pass to try. */
  get hasPass() {
    return passOf(this.restaurant) !== null;
  }

  /** Whether what the screen knew may still be looked at. */
  get showsTickets() {
    return this.shut === "" || this.shut === "passExpired";
  }

  /**
   * In how many milliseconds the pass ends, where that is soon. Whoever renewed a running board will do so again: there, a pass of
   * an hour is not spoken of before its second half.
   * @returns {number|null}
   */
  endsIn() {
    const left = this.board.client().tokenEndsIn();
    if (left === null) return null;
    const { renewed } = this;
    return left < Math.min(WARN_MS, renewed === null ? WARN_MS : renewed / 2) ? Math.max(0, left) : null;
  }

  /** The server took a fresh pass. */
  authenticated() {
    this.renewed = this.board.client().tokenEndsIn();
  }

  /** The server let the screen in. @param {string} name the restaurant's */
  entered(name) {
    rememberBoard(this.restaurant, name);
  }

  /** Forgets the restaurant on this device. */
  forget() {
    forgetPass(this.restaurant);
    this.board.client().forget();
    this.shut = "passForgotten";
  }

  /** Leaves for the page that leads to boards; the way back does not lead here. */
  leave() {
    location.replace(base.href);
  }

  /** The page came back from the browser's memory: what was forgotten since stays forgotten. */
  forgottenMeanwhile() {
    return this.lasting && this.board.client().hadQueue && !passOf(this.restaurant);
  }

  /** @param {Words} words */
  view(words) {
    if (!this.shut) return nothing;
    if (this.shut === "passForgotten") return html`<div class="entry"><p class="why">${words.passForgotten}</p></div>`;
    return html`<div class="entry ${this.shut === "passExpired" ? "low" : ""}">
      <h2>${this.shut === "passExpired" ? words.expiredTitle : words.enterTitle}</h2><p class="why">${words[this.shut]}</p>${this.form.view(words)}
      <p><a href=${base.href}>${pairWordsOf(words.lang).pairAgain}</a></p>
    </div>`;
  }
}

/**
 * Why a new pass was not taken.
 * @param {string} code
 * @param {Words} words
 */
function notTaken(code, words) {
  if (code === "expired") return words.newExpired;
  if (code === "other_restaurant" || code === "forbidden") return words.newForeign;
  if (code === "timeout" || code === "offline" || code === "unavailable" || code === "rate_limited") return words.newUnanswered;
  return words.newRefused;
}
