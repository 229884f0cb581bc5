// How small tickets are drawn: smaller where somebody wants more of them on a page, and by themselves on a large screen in a large
// evening.

/** The text sizes of tickets, as shares of the chosen one. */
export const STEPS = [1, 0.87, 0.76, 0.66];
/** Beyond this many pages tickets become smaller by themselves, */
const PAGES = 2;
/** and larger again where they take no more than this of one page: at the larger size they still fit on one. */
const LOAD = 0.7;
/** The name of a dish is never smaller by itself than this, in pixels, and this is its size in the text size of tickets. */
const LEAST = 20;
const DISH = 1.7;
/** How much of a cell's usual width and height somebody's choice may take away before the text becomes smaller. */
const TIGHT = 0.9;

/** The smallest step that can still be read. @param {number} unit the chosen text size, in pixels */
export const smallest = (unit) => Math.max(0, STEPS.findLastIndex((s) => DISH * unit * s >= LEAST));

/**
 * The step that follows from how many tickets there are.
 * @param {number} step
 * @param {{pages: number, load: number, most: number}} wall load: how many pages they would fill without gaps
 */
export function nextDensity(step, { pages, load, most }) {
  if (step > most) return most;
  if (pages > PAGES && step < most) return step + 1;
  return step > 0 && load <= LOAD ? step - 1 : step;
}

/**
 * The step at which a ticket of the usual size fits into a cell that somebody chose.
 * @param {number} share of the usual width or height that a cell has, whichever is less
 * @param {number} most
 */
export function chosenDensity(share, most) {
  const fits = STEPS.findIndex((s) => share >= TIGHT * s);
  return Math.min(most, fits < 0 ? most : fits);
}
