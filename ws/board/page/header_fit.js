// How large the number and the age of a ticket may be, and on which line of its header words like LATE go, so that nothing is
// cut in any font. Digits of the widest usual font, DejaVu Sans, are 0.7 of the text size wide when they are bold.

const DIGIT = 0.72;
const LETTER = 0.86; // capitals, at 1.1 of the text size
const NUMBER = 2.7; // the text sizes of the style sheet
const AGE = 2.09;

/**
 * @param {string} number
 * @param {string} age
 * @param {string[]} words
 * @param {boolean} hasKey whether the digit that selects the ticket is shown as well
 * @param {number} width of the ticket, in its text size
 * @param {boolean} narrow the header has a line of its own for the words
 * @returns {{fit: number, line: "top"|"kind"|"own"}}
 */
export function headerFit(number, age, words, hasKey, width, narrow) {
  const room = width - 2.5 - 0.5 - (hasKey ? 2.2 : 0);
  const digits = DIGIT * (number.length * NUMBER + age.length * AGE);
  const fit = Math.min(1, Math.max(0.4, room / digits));
  const said = words.filter(Boolean);
  const top = digits + said.reduce((sum, w) => sum + w.length * LETTER + 1.4, 0) <= room;
  return { fit: Math.round(fit * 100) / 100, line: narrow ? "own" : top ? "top" : "kind" };
}
