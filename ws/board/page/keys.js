// Keys and bump bars, which are USB keyboards. The map is the screen's own and can be changed on it.

/**
 * The actions that keys can have, with the keys they have until somebody changes them. `select` is the digits.
 * @returns {Record<string, string[]>}
 */
export function defaultKeys() {
  return {
    bump: ["Enter", "Space", "NumpadAdd"],
    start: ["s"],
    undo: ["Backspace", "NumpadSubtract"],
    back: ["b"],
    nextLine: ["i"],
    tick: ["x"],
    fire: ["c"],
    force: ["y"],
    recall: ["r"],
    find: ["n", "/"],
    allday: ["a"],
    left: ["ArrowLeft"],
    right: ["ArrowRight"],
    up: ["ArrowUp"],
    down: ["ArrowDown"],
    nextPage: ["PageDown"],
    previousPage: ["PageUp"],
    firstPage: ["Home"],
    lastPage: ["End"],
    mute: ["m"],
    fullscreen: ["f"],
    settings: ["o"],
    print: ["p"],
    help: ["?"],
    cancel: ["Escape"],
  };
}

/**
 * A key's name: what it writes, in lower case; of a letter key on a keyboard that writes no Latin letters, its place.
 * @param {KeyboardEvent} e
 */
export function nameOf(e) {
  if (e.code === "NumpadAdd" || e.code === "NumpadSubtract") return e.code;
  if (e.key === " ") return "Space";
  if (e.key.length > 1) return e.key;
  if (/^Key[A-Z]$/.test(e.code) && !/[a-z]/i.test(e.key)) return e.code.slice(3).toLowerCase();
  if (/^(Digit|Numpad)\d$/.test(e.code) && !/[\x20-\x7e]/.test(e.key)) return e.code.slice(-1);
  return e.key.toLowerCase();
}

/**
 * @param {Record<string, string[]>} keys
 * @param {string} name
 * @returns {string|null} an action, or "select" for a digit that has no other
 */
export function actionOf(keys, name) {
  for (const [action, names] of Object.entries(keys)) if (names.includes(name)) return action;
  return /^\d$/.test(name) ? "select" : null;
}

/**
 * Gives a key to an action and takes it from any other.
 * @param {Record<string, string[]>} keys
 * @param {string} action
 * @param {string} name
 */
export function assign(keys, action, name) {
  const next = Object.fromEntries(Object.entries(keys).map(([a, names]) => [a, names.filter((n) => n !== name)]));
  next[action] = [name];
  return next;
}
