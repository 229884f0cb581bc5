// Whether a text shows anything at all: a name of spaces or of characters without a shape reads as an empty one.

/** Characters that draw nothing: spaces, controls, format characters, and the fillers of Korean and Braille. */
const BLANK = /[\s\p{C}\p{Z}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f]/gu;

/**
 * @param {string|null|undefined} text
 * @returns {string} the text, "" where nothing of it can be seen
 */
export function visible(text) {
  return text && text.replace(BLANK, "") ? text.trim() : "";
}

/**
 * A name, which a cook must be able to point at.
 * @param {string|null|undefined} text
 */
export function nameOr(text) {
  return visible(text) || "?";
}
