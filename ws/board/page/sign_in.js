// Signs the board in: gives the client its token, offers new tokens to the server, and shows a form where it refuses.
import { html, nothing } from "lit-html";
import { base, boardPath } from "./address.js";
import { deleteToken, forgetRestaurant, offeredToken, offerToken, onOtherTab, tokenOf, tokenAccepted, rememberBoard, takeFromAddress } from "./token.js";
import { pairWordsOf } from "./pair_words.js";
import { TokenForm } from "./token_form.js";

/** @typedef {import("./i18n.js").Words} Words */
/** Why the board is not signed in. @typedef {"tokenMissing"|"tokenRefused"|"userGone"|"tokenForeign"|"tokenExpired"|"tokenForgotten"} Denial */

/** The board warns this long before its token ends: tokens often last a day, and somebody has to bring the next one. */
const WARN_MS = 3 * 3_600_000;

export class SignIn {
  /**
   * @param {string} restaurant
   * @param {{client: () => import("../client/client.js").KitchenClient, words: () => Words, changed: () => void, say: (text: string) => void}} board
   *   changed: draws again after the board was signed in or out; say: shows a notice to the cook
   */
  constructor(restaurant, board) {
    this.restaurant = restaurant;
    this.board = board;
    /** Why the board is not signed in; "" where it is. @type {""|Denial} */
    this.denied = "";
    this.stored = true; // false: the browser stores nothing
    /** How long the last token was good for that came while the board was running, in milliseconds. @type {number|null} */
    this.renewedFor = null;
    this.form = new TokenForm(restaurant, ({ restaurant, token }) => this.offer(restaurant, token), board.changed);
    this.fresh = takeFromAddress();
    if (this.fresh) this.stored = offerToken(restaurant, this.fresh);
    onOtherTab(restaurant, (fresh) => this.offer(restaurant, fresh));
    addEventListener("hashchange", () => {
      const fresh = takeFromAddress();
      if (fresh) this.offer(restaurant, fresh);
      else if (fresh === "") board.say(board.words().badToken);
    });
  }

  /** Connects with the offered token, and where the server refuses it, with the accepted one. */
  start() {
    const fresh = offeredToken(this.restaurant);
    if (this.fresh === "") this.board.say(this.board.words().badToken);
    if (fresh && fresh !== tokenOf(this.restaurant)) this.offer(this.restaurant, fresh);
    else this.board.client().start();
  }

  /**
   * The token for the client's next connection; null ends the client.
   * @param {import("../client/client.js").TokenReason} reason
   * @param {string|null} current
   */
  token(reason, current) {
    const token = tokenOf(this.restaurant);
    if (reason === "refused") return token !== current ? token : null; // another tab may have got a fresh one
    return token ?? current;
  }

  /**
   * Offers a new token to the server. The old one stays until the server has accepted the new one.
   * @param {string} restaurant
   * @param {string} token
   */
  async offer(restaurant, token) {
    this.stored = offerToken(restaurant, token);
    if (restaurant !== this.restaurant) return location.assign(`${boardPath(restaurant)}${this.stored ? "" : `#token=${token}`}`);
    const { board, form } = this;
    form.refusal = "";
    form.trying = true;
    board.changed();
    try {
      await board.client().renew(token);
      tokenAccepted(restaurant, token);
      this.denied = "";
    } catch (e) {
      const { code } = /** @type {import("../client/requests.js").KitchenError} */ (e);
      if (code === "replaced") return; // by a newer token, whose own call says what becomes of it
      if (code !== "timeout" && code !== "offline") deleteToken(restaurant, token);
      form.refusal = notTaken(code, board.words());
      if (!this.denied) board.say((form.refusal += ` ${board.words().newKept}`));
    }
    form.trying = false;
    board.changed();
  }

  /**
   * The server refused the token of this screen. An expired one is kept, so that a reload says again that it has expired.
   * @param {import("../client/credential.js").Refusal} refusal
   */
  refused({ code, word }) {
    const { current } = this.board.client().link.credential;
    const token = current?.text ?? tokenOf(this.restaurant);
    const expired = word ? word === "expired" : Boolean(current && current.expires <= this.board.client().serverNow());
    if (code === 4003) this.denied = "tokenForeign";
    else if (!token) this.denied = "tokenMissing";
    else if (expired) this.denied = "tokenExpired";
    else this.denied = word === "user_gone" ? "userGone" : "tokenRefused";
    if (token && this.denied !== "tokenExpired") deleteToken(this.restaurant, token);
  }

  /** Whether the device has a token. */
  get hasToken() {
    return tokenOf(this.restaurant) !== null;
  }

  /** Whether the last known tickets may be shown. */
  get showsTickets() {
    return this.denied === "" || this.denied === "tokenExpired";
  }

  /**
   * Milliseconds until the token ends, null where no warning is due. A board that was renewed while it ran will be renewed
   * again: there the warning comes in the second half of the token's time.
   * @returns {number|null}
   */
  endsIn() {
    const left = this.board.client().tokenEndsIn();
    if (left === null) return null;
    const { renewedFor } = this;
    return left < Math.min(WARN_MS, renewedFor === null ? WARN_MS : renewedFor / 2) ? Math.max(0, left) : null;
  }

  /** The server accepted a new token. */
  authenticated() {
    this.renewedFor = this.board.client().tokenEndsIn();
  }

  /** The server sent the restaurant. @param {string} name the restaurant's */
  restaurantNamed(name) {
    rememberBoard(this.restaurant, name);
  }

  /** Deletes the restaurant's token and last queue from this device. */
  forget() {
    forgetRestaurant(this.restaurant);
    this.board.client().forget();
    this.denied = "tokenForgotten";
  }

  /** Goes to the page that lists boards. The browser's back button does not return here. */
  leave() {
    location.replace(base.href);
  }

  /** Whether another tab deleted the token while the browser kept this page in memory. */
  forgottenMeanwhile() {
    return this.stored && this.board.client().hadQueue && !tokenOf(this.restaurant);
  }

  /** @param {Words} words */
  view(words) {
    if (!this.denied) return nothing;
    if (this.denied === "tokenForgotten") return html`<div class="entry"><p class="why">${words.tokenForgotten}</p></div>`;
    return html`<div class="entry ${this.denied === "tokenExpired" ? "low" : ""}">
      <h2>${this.denied === "tokenExpired" ? words.expiredTitle : words.enterTitle}</h2><p class="why">${words[this.denied]}</p>${this.form.view(words)}
      <p><a href=${base.href}>${pairWordsOf(words.lang).pairAgain}</a></p>
    </div>`;
  }
}

/**
 * Why the server did not accept a new token.
 * @param {string} code
 * @param {Words} words
 */
function notTaken(code, words) {
  if (code === "expired") return words.newExpired;
  if (code === "other_restaurant" || code === "forbidden") return words.newForeign;
  if (code === "timeout" || code === "offline" || code === "unavailable" || code === "rate_limited") return words.newUnanswered;
  return words.newRefused;
}
