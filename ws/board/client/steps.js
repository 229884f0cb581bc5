// The statuses of an order, and the steps between them. The server's own are in db/order; a test compares the two.

/** @typedef {import("./order.js").Status} Status */

/** The way of an order through a kitchen. @type {Status[]} */
const STEPS = ["pending", "preparing", "ready", "completed"];

/** The step after a status. @param {Status} status @returns {Status|undefined} */
export const nextStatus = (status) => (STEPS.includes(status) ? STEPS[STEPS.indexOf(status) + 1] : undefined);

/** The step before it: to undo, or to bring back. @param {Status} status @returns {Status|undefined} */
export const previousStatus = (status) => STEPS[STEPS.indexOf(status) - 1];

/** Whether an order of this status is in the queue. @param {unknown} status */
export const isOpen = (status) => STEPS.slice(0, -1).includes(/** @type {Status} */ (status));
