// The board's addresses: it is served at the root of its host, or under a path that a proxy adds. Its scripts are in the folder board/ of
// the same place, from which they derive it.

/** The address of the server, with a slash at its end. */
export const base = new URL("..", import.meta.url);

/** What a restaurant's id can be: a uuid, a number, or a word of at most 40 characters. */
const ID = /^[A-Za-z0-9_-]{1,40}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A restaurant's id as the server writes it, "" where it can be none. Only uuids are the same in capitals.
 * @param {unknown} id
 */
export function restaurantId(id) {
  const text = typeof id === "number" ? String(id) : id;
  if (typeof text !== "string" || !ID.test(text)) return "";
  return UUID.test(text) ? text.toLowerCase() : text;
}

/** The restaurant of a board's path, or of its stations' page, "" where it is none. @param {string} path */
export const restaurantIn = (path) => restaurantId(/\/kitchen\/([^/]*)(?:\/stations)?\/?$/.exec(path)?.[1]);

/** The restaurant of a pick-up screen's path, "" where it is none. @param {string} path */
export const pickupIn = (path) => restaurantId(/\/pickup\/([^/]*)\/?$/.exec(path)?.[1]);

/** A pick-up screen's path. @param {string} restaurant */
export const pickupPath = (restaurant) => `${base.pathname}pickup/${restaurant}`;

/** A board's path. @param {string} restaurant */
export const boardPath = (restaurant) => `${base.pathname}kitchen/${restaurant}`;
