// The device's memory. A browser may forbid it, or hold something else under the name: then the board works without.

/**
 * @param {string} name
 * @param {any} otherwise
 */
export function kept(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "") ?? otherwise;
  } catch {
    return otherwise;
  }
}

/**
 * @param {string} name
 * @param {any} value undefined forgets it
 */
export function keep(name, value) {
  try {
    if (value === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // full or forbidden: this start works, the next one asks again
  }
}
