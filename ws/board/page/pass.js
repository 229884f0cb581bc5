// A screen's pass: the token that opens one restaurant's board. It travels in a URL's fragment, which browsers never
// send, is taken out of the address bar at once, and stays on the device until the server refuses it.
import { keep, kept } from "./storage.js";
import { claimsOf } from "../client/index.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const FRAGMENT = /^#(?:.*&)?token=([\w-]+\.[\w-]+\.[\w-]+)/;

/** @param {string} id */
const name = (id) => `kitchen:pass:${id}`;

/**
 * The pass that came in the address, which is cleaned of it.
 * @returns {string|null}
 */
export function takeFromAddress() {
  const found = FRAGMENT.exec(location.hash);
  if (location.hash.includes("token=")) history.replaceState(null, "", location.pathname + location.search);
  return found?.[1] ?? null;
}

/** @param {string} restaurant @returns {string|null} */
export function passOf(restaurant) {
  const token = kept(name(restaurant), null);
  return typeof token === "string" ? token : null;
}

/**
 * @param {string} restaurant
 * @param {string} token
 */
export function keepPass(restaurant, token) {
  keep(name(restaurant), token);
}

/**
 * Drops a refused pass, unless a newer one took its place meanwhile.
 * @param {string} restaurant
 * @param {string|null} token
 */
export function dropPass(restaurant, token) {
  if (token === null || passOf(restaurant) === token) keep(name(restaurant), undefined);
}

/**
 * Calls back when another tab of this device got a pass for the restaurant.
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
  const boards = kept("kitchen:boards", {});
  if (boards[id] !== label) keep("kitchen:boards", { ...boards, [id]: label });
}

/** The boards that this device has a pass for. @returns {{id: string, label: string}[]} */
export function knownBoards() {
  return Object.entries(kept("kitchen:boards", {}))
    .filter(([id]) => UUID.test(id) && passOf(id))
    .map(([id, label]) => ({ id, label: String(label) }));
}

/**
 * Reads what somebody pasted: a link to a board, or a bare token with the restaurant's id beside it.
 * @param {string} text
 * @param {string} restaurant may be empty
 * @param {string} origin of this page
 * @returns {{restaurant: string, token: string} | {elsewhere: URL} | {problem: "badPass"|"needRestaurant"|"badRestaurant"}}
 */
export function readPass(text, restaurant, origin) {
  text = text.trim();
  restaurant = restaurant.trim().toLowerCase();
  let token = text;
  if (/^https?:\/\//i.test(text) || text.startsWith("/kitchen/")) {
    let url;
    try {
      url = new URL(text, origin);
    } catch {
      return { problem: "badPass" };
    }
    const id = /^\/kitchen\/([^/]+)\/?$/.exec(url.pathname)?.[1] ?? "";
    token = FRAGMENT.exec(url.hash)?.[1] ?? "";
    if (!UUID.test(id) || !token) return { problem: "badPass" };
    if (url.origin !== origin) return { elsewhere: url };
    restaurant = id.toLowerCase();
  }
  if (!TOKEN.test(token)) return { problem: "badPass" };
  if (!restaurant) {
    const claim = claimsOf(token).restaurant_id;
    if (!UUID.test(claim)) return { problem: "needRestaurant" };
    restaurant = claim.toLowerCase();
  }
  if (!UUID.test(restaurant)) return { problem: "badRestaurant" };
  return { restaurant, token };
}
