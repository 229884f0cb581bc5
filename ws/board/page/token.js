// The token of a screen: it opens one restaurant's board. It comes in a URL's fragment, which browsers never send, is
// removed from the address bar at once, and stays on the device until the server refuses it. A new token is stored as
// offered, beside the old one, until the server has accepted it.
import { claimsOf } from "../client/index.js";
import { restaurantId, restaurantIn } from "./address.js";
import { keep, kept } from "./storage.js";

/** A JWT, or the device token of a paired screen. */
const TOKEN = /^(?:[\w-]+\.[\w-]+\.[\w-]+|kdp_\w+)$/;
const FRAGMENT = /[#&]token=([^&]*)/;
const BOARDS = "kitchen:boards";

/** @param {string} id */
const acceptedName = (id) => `kitchen:token:${id}`;
/** @param {string} id */
const offeredName = (id) => `kitchen:offered:${id}`;
/** @param {unknown} value @returns {string|null} */
const tokenOr = (value) => (typeof value === "string" && TOKEN.test(value) ? value : null);
/** @param {any} value @returns {Record<string, string>} */
const labels = (value) => Object.fromEntries(Object.entries(Object(value)).filter(([id, label]) => restaurantId(id) && typeof label === "string"));

/**
 * Takes the token out of the page's address: null where there is none, "" where it is no whole token.
 * @returns {string|null}
 */
export function takeFromAddress() {
  const found = FRAGMENT.exec(location.hash);
  if (!found) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return tokenOr(found[1]) ?? "";
}

/** The token that the server accepted last. @param {string} restaurant @returns {string|null} */
export const tokenOf = (restaurant) => kept(acceptedName(restaurant), tokenOr);

/** A new token that the server has not accepted yet. @param {string} restaurant @returns {string|null} */
export const offeredToken = (restaurant) => kept(offeredName(restaurant), tokenOr);

/**
 * Stores a new token, beside the old one where there is one. False where the browser stores nothing.
 * @param {string} restaurant
 * @param {string} token
 */
export function offerToken(restaurant, token) {
  const old = tokenOf(restaurant);
  if (old === token) return true;
  return keep(old ? offeredName(restaurant) : acceptedName(restaurant), token);
}

/**
 * The server accepted a token: it replaces the old one.
 * @param {string} restaurant
 * @param {string} token
 */
export function tokenAccepted(restaurant, token) {
  keep(acceptedName(restaurant), token);
  if (offeredToken(restaurant) === token) keep(offeredName(restaurant), undefined);
}

/**
 * Deletes a refused token, and no other.
 * @param {string} restaurant
 * @param {string|null} token
 */
export function deleteToken(restaurant, token) {
  if (offeredToken(restaurant) === token) keep(offeredName(restaurant), undefined);
  if (tokenOf(restaurant) === token) keep(acceptedName(restaurant), undefined);
}

/** Deletes a restaurant's tokens and its name from this device. @param {string} restaurant */
export function forgetRestaurant(restaurant) {
  keep(acceptedName(restaurant), undefined);
  keep(offeredName(restaurant), undefined);
  const { [restaurant]: _, ...others } = kept(BOARDS, labels);
  keep(BOARDS, others);
}

/**
 * Calls f when the server accepted a token in another tab of this device.
 * @param {string} restaurant
 * @param {(token: string) => void} f
 */
export function onOtherTab(restaurant, f) {
  addEventListener("storage", (e) => {
    if (e.key !== acceptedName(restaurant)) return;
    const token = tokenOf(restaurant);
    if (token) f(token);
  });
}

/**
 * Stores a restaurant's name, for the page that lists the boards of this device.
 * @param {string} id
 * @param {string} label
 */
export function rememberBoard(id, label) {
  const boards = kept(BOARDS, labels);
  if (boards[id] !== label) keep(BOARDS, { ...boards, [id]: label });
}

/** The boards that this device has a token for. @returns {{id: string, label: string}[]} */
export function knownBoards() {
  return Object.entries(kept(BOARDS, labels)).filter(([id]) => tokenOf(id)).map(([id, label]) => ({ id, label }));
}

/** The tokens of all restaurants on this device. */
export const knownTokens = () => knownBoards().map(({ id }) => tokenOf(id) ?? "").filter(Boolean);

/** The token in a link, or the token itself; "" where there is none. @param {string} pasted */
export const tokenIn = (pasted) => tokenOr(FRAGMENT.exec(pasted)?.[1] ?? pasted) ?? "";

/** Why pasted text does not open a board. @typedef {"noLinkOrToken"|"badToken"|"noToken"|"needRestaurant"|"badRestaurant"} Problem */

/**
 * Reads pasted text: a link to a board, or a token alone, with the restaurant's id beside it.
 * @param {string} text
 * @param {string} restaurant may be empty
 * @param {URL} base of this page's server
 * @returns {{restaurant: string, token: string} | {elsewhere: URL} | {problem: Problem}}
 */
export function readPasted(text, restaurant, base) {
  text = text.trim();
  restaurant = restaurant.trim();
  let token = text;
  if (/^https?:\/\//i.test(text) || text.startsWith("/kitchen/")) {
    let url;
    try {
      url = new URL(text.replace(/^\/+/, ""), base);
    } catch {
      return { problem: "noLinkOrToken" };
    }
    restaurant = restaurantIn(url.pathname);
    if (!restaurant) return { problem: "noLinkOrToken" };
    token = FRAGMENT.exec(url.hash)?.[1] ?? "";
    if (!token) return { problem: "noToken" };
    if (!TOKEN.test(token)) return { problem: "badToken" };
    if (!url.href.startsWith(base.href)) return { elsewhere: url };
  }
  if (!TOKEN.test(token)) return { problem: "noLinkOrToken" };
  if (!restaurant) {
    restaurant = restaurantId(claimsOf(token).restaurant_id);
    if (!restaurant) return { problem: "needRestaurant" };
  }
  restaurant = restaurantId(restaurant);
  return restaurant ? { restaurant, token } : { problem: "badRestaurant" };
}
