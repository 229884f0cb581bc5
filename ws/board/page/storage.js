// The device's memory. A browser may forbid it, lack it, be full, or hold something else under the name. What could not be kept
// there stays in the page's own memory, until the page ends.

/** What the device did not take. @type {Map<string, any>} */
const unkept = new Map();

/**
 * What was kept under a name.
 * @template T
 * @param {string} name
 * @param {(value: any) => T} read makes something good of whatever lies there, and of undefined where nothing does
 * @returns {T}
 */
export function kept(name, read) {
  return read(unkept.has(name) ? unkept.get(name) : onDevice(name));
}

/** @param {string} name */
function onDevice(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null") ?? undefined;
  } catch {
    return undefined; // forbidden, absent, or no JSON
  }
}

/**
 * @param {string} name
 * @param {any} value undefined forgets it
 * @returns {boolean} whether it outlives the page
 */
export function keep(name, value) {
  try {
    if (value === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
    unkept.delete(name);
    return true;
  } catch {
    unkept.set(name, value);
    return false;
  }
}
