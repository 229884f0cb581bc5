// Stores values on the device. A browser may forbid that, lack it, or be full. Then the value stays in the page's memory until the page
// ends. What is read is checked, because anything may be stored there.

/** Values that could not be stored. @type {Map<string, any>} */
const unkept = new Map();

/**
 * What was kept under a name.
 * @template T
 * @param {string} name
 * @param {(value: any) => T} read turns what is stored, undefined for nothing, into a valid value
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
 * @param {any} value undefined deletes it
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
