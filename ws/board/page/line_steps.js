// Steps of lines at their stations, and how the server is asked for them.

/** @typedef {import("./stations.js").Step} Step */
/** A line at one of its stations. @typedef {{line: string, station: string|null}} Spot */
/** A step of a line. @typedef {Spot & {from: Step, to: Step}} LineStep */

/**
 * @param {import("../client/order.js").Order} order
 * @param {string} line
 * @param {string|null} station
 * @param {Step} to
 * @returns {LineStep[]} none where the line is there already
 */
export function stepOf(order, line, station, to) {
  const at = order.items.find((i) => i.id === line)?.stations.find((a) => a.id === station);
  return at && at.status !== to ? [{ line, station, from: at.status, to }] : [];
}

/**
 * One message for the lines of a station that have the same status. The server takes the messages in their order.
 * @param {Pick<import("../client/client.js").KitchenClient, "updateLines">} client
 * @param {string} id of the order
 * @param {LineStep[]} steps
 * @param {string} [reason]
 * @returns {Promise<{version: number}>} the order's, after all of them
 */
export async function sendSteps(client, id, steps, reason) {
  /** @type {Map<string, LineStep[]>} */
  const groups = new Map();
  for (const s of steps) {
    const key = JSON.stringify([s.station, s.from, s.to]);
    groups.set(key, [...(groups.get(key) ?? []), s]);
  }
  const answers = await Promise.all([...groups.values()].map((group) => {
    const { station, from, to } = /** @type {LineStep} */ (group[0]);
    return client.updateLines(id, to, station, { lines: group.map((s) => s.line), from, ...(reason ? { reason } : {}) });
  }));
  return { version: Math.max(...answers.map((a) => a.version)) };
}
