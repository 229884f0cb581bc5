// Whether what the client knows is true, and if not, why.

/**
 * @typedef {object} State
 * @property {"live"|"stale"|"offline"} name stale: connected, but silent or told that the server's feed is deaf
 * @property {"live"|"connecting"|"silent"|"feed"|"closed"|"busy"|"refused"|"stopped"} reason
 * @property {number} code the close code behind it, 0 where there is none
 * @property {number} since when the feed was last known to be live, by `clock.now()`
 */

/** Nothing heard for this long means stale: two heartbeats and a little. */
export const STALE_MS = 12_000;
/** Nothing heard for this long means that the socket is dead, whatever it says of itself: it is replaced. */
export const DEAD_MS = 15_000;

/**
 * @param {{running: boolean, refused: boolean, had: boolean, reason: State["reason"], code: number}} client had: ever a queue;
 *   reason and code: of the last connection's end
 * @param {import("./connection.js").Connection|null} connection
 * @returns {Omit<State, "since">}
 */
export function stateOf({ running, refused, had, reason, code }, connection) {
  if (refused) return { name: "offline", reason: "refused", code };
  if (!running) return { name: "offline", reason: "stopped", code: 0 };
  if (!connection?.queued) return { name: "offline", reason: had || code ? reason : "connecting", code };
  if (connection.silence() >= STALE_MS) return { name: "stale", reason: "silent", code: 0 };
  if (!connection.live) return { name: "stale", reason: "feed", code: 0 };
  return { name: "live", reason: "live", code: 0 };
}
