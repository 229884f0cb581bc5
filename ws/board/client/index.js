/**
 * The browser client of a kitchen's feed. It needs nothing but a browser (or node with a WebSocket: 22, or the `ws` package)
 * and may be used by any page:
 *
 *     import { KitchenClient } from "/board/client.js";
 *     const client = new KitchenClient({ restaurant, token: () => myFreshToken() });
 *     client.addEventListener("change", (e) => show(client.orders(), e.detail));
 *     client.addEventListener("state", (e) => banner(e.detail.name));
 *     client.start();
 *
 * It keeps the open orders of one restaurant, says truthfully whether they are live, and never gives up on its own.
 * @module
 */
export { KitchenClient } from "./client.js";
export { KitchenError } from "./requests.js";
export { STALE_MS, DEAD_MS } from "./state.js";
export { byAge } from "./order.js";
export { isOpen, nextStatus, previousStatus } from "./steps.js";
export { claimsOf, expiryOf } from "./token.js";
