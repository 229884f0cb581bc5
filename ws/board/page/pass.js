// A screen's pass: the token that opens one restaurant's board. It travels in a URL's fragment, which browsers never
// send, is taken out of the address bar at once, and stays on the device until the server refuses it. A new one lies beside
// it, as offered, until the server has taken it.
import { claimsOf } from "../client/index.js";
import { restaurantId, restaurantIn } from "./address.js";
import { keep, kept } from "./storage.js";

/** A JWT, or the pass of a paired device. */
const TOKEN = /^(?:[\w-]+\.[\w-]+\.[\w-]+|kdp_\w+)$/;
const FRAGMENT = /[#&]token=([^&]*)/;
const BOARDS = "kitchen:boards";

/** @param {string} id */
const name = (id) => `kitchen:pass:${id}`;
/** @param {string} id */
const offeredName = (id) => `kitchen:offered:${id}`;
/** @param {unknown} value @returns {string|null} */
const tokenOr = (value) => (typeof value === "string" && TOKEN.test(value) ? value : null);
/** @param {any} value @returns {Record<string, string>} */
const labels = (value) => Object.fromEntries(Object.entries(Object(value)).filter(([id, label]) => restaurantId(id) && typeof label === "string"));

/**
 * The pass that came in the address, which is cleaned of it: null for none, "" for something that is no token.
 * @returns {string|null}
 */
export function takeFromAddress() {
  const found = FRAGMENT.exec(location.hash);
  if (!found) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return tokenOr(found[1]) ?? "";
}

/** The pass that the server took last. @param {string} restaurant @returns {string|null} */
export const passOf = (restaurant) => kept(name(restaurant), tokenOr);

/** The pass that was brought and that the server has not yet seen. @param {string} restaurant @returns {string|null} */
export const offeredTo = (restaurant) => kept(offeredName(restaurant), tokenOr);

/**
 * Keeps a new pass: beside the old one, where there is one.
 * @param {string} restaurant
 * @param {string} token
 */
export function offerPass(restaurant, token) {
  const old = passOf(restaurant);
  if (old === token) return true;
  return keep(old ? offeredName(restaurant) : name(restaurant), token);
}

/**
 * The server took a pass: it takes the old one's place.
 * @param {string} restaurant
 * @param {string} token
 */
export function passTaken(restaurant, token) {
  keep(name(restaurant), token);
  if (offeredTo(restaurant) === token) keep(offeredName(restaurant), undefined);
}

/**
 * Drops a refused pass, and no other.
 * @param {string} restaurant
 * @param {string|null} token
 */
export function dropPass(restaurant, token) {
  if (offeredTo(restaurant) === token) keep(offeredName(restaurant), undefined);
  if (passOf(restaurant) === token) keep(name(restaurant), undefined);
}

/** Forgets a restaurant on this device. @param {string} restaurant */
export function forgetPass(restaurant) {
  keep(name(restaurant), undefined);
  keep(offeredName(restaurant), undefined);
  const { [restaurant]: _, ...others } = kept(BOARDS, labels);
  keep(BOARDS, others);
}

/**
 * Calls back when another tab of this device got a pass that the server took.
 * @param {string} restaurant
 * @param {(token: string) => void} f
 */
export function onOtherTab(restaurant, f) {
  addEventListener("storage", (e) => {
    if (e.key !== name(restaurant)) return;
    const token = passOf(restaurant);
    if (token) f(token);
  });
}

/**
 * Remembers a restaurant's name, for the page that leads to the boards of this device.
 * @param {string} id
 * @param {string} label
 */
export function rememberBoard(id, label) {
  const boards = kept(BOARDS, labels);
  if (boards[id] !== label) keep(BOARDS, { ...boards, [id]: label });
}

/** The boards that this device has a pass for. @returns {{id: string, label: string}[]} */
export function knownBoards() {
  return Object.entries(kept(BOARDS, labels)).filter(([id]) => passOf(id)).map(([id, label]) => ({ id, label }));
}

/** The passes that this device keeps, whatever restaurant they are for. */
export const knownPasses = () => knownBoards().map(({ id }) => passOf(id) ?? "").filter(Boolean);

/** The token in a link, or the token itself; "" where there is none. @param {string} pasted */
export const tokenIn = (pasted) => tokenOr(FRAGMENT.exec(pasted)?.[1] ?? pasted) ?? "";

/** What is wrong with what somebody pasted. @typedef {"badPass"|"badToken"|"noToken"|"needRestaurant"|"badRestaurant"} Problem */

/**
 * Reads what somebody pasted: a link to a board, or a bare token with the restaurant's id beside it.
 * @param {string} text
 * @param {string} restaurant may be empty
 * @param {URL} base of this page's server
 * @returns {{restaurant: string, token: string} | {elsewhere: URL} | {problem: Problem}}
 */
export function readPass(text, restaurant, base) {
  text = text.trim();
  restaurant = restaurant.trim();
  let token = text;
  if (/^https?:\/\//i.test(text) || text.startsWith("/kitchen/")) {
    let url;
    try {
      url = new URL(text.replace(/^\/+/, ""), base);
    } catch {
      return { problem: "badPass" };
    }
    restaurant = restaurantIn(url.pathname);
    if (!restaurant) return { problem: "badPass" };
    token = FRAGMENT.exec(url.hash)?.[1] ?? "";
    if (!token) return { problem: "noToken" };
    if (!TOKEN.test(token)) return { problem: "badToken" };
    if (!url.href.startsWith(base.href)) return { elsewhere: url };
  }
  if (!TOKEN.test(token)) return { problem: "badPass" };
  if (!restaurant) {
    restaurant = restaurantId(claimsOf(token).restaurant_id);
    if (!restaurant) return { problem: "needRestaurant" };
  }
  restaurant = restaurantId(restaurant);
  return restaurant ? { restaurant, token } : { problem: "badRestaurant" };
}
