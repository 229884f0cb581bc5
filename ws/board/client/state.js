// Whether the client's queue is current, and if not, why.

/**
 * @typedef {object} State
 * @property {"live"|"stale"|"offline"} name stale: connected, but the server is silent or its feed is not live
 * @property {"live"|"connecting"|"silent"|"network"|"feed"|"closed"|"busy"|"token"|"refused"|"stopped"} reason network: the
 *   device says that it has none; feed: the server receives nothing from its database; token: the page could not give one
 * @property {number} code the close code behind it, 0 where there is none
 * @property {string} word the word for machines that the close reason began with (`expired`, `user_gone`…), "" for none
 * @property {number} since when the feed was last known to be live, by `clock.now()`
 */

/** Nothing received for this long means stale: two heartbeats and a little. */
export const STALE_MS = 12_000;
/** Nothing received for this long means that the connection is lost, even if the socket says that it is open: it is replaced. */
export const DEAD_MS = 15_000;

/**
 * @param {{running: boolean, refused: boolean, had: boolean, reason: State["reason"], code: number, word: string}} client
 *   had: ever a queue; reason, code and word: of the last connection's end
 * @param {import("./connection.js").Connection|null} connection
 * @returns {Omit<State, "since">}
 */
export function stateOf({ running, refused, had, reason, code, word }, connection) {
  const none = { code: 0, word: "" };
  if (refused) return { name: "offline", reason: "refused", code, word };
  if (!running) return { name: "offline", reason: "stopped", ...none };
  if (!connection?.queued) return { name: "offline", reason: had || code || reason === "token" ? reason : "connecting", code, word };
  if (connection.silence() >= STALE_MS) return { name: "stale", reason: "silent", ...none };
  if (connection.doubtful) return { name: "stale", reason: "network", ...none };
  if (!connection.live) return { name: "stale", reason: "feed", ...none };
  return { name: "live", reason: "live", ...none };
}
