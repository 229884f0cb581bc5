// Which ticket the keys speak of.

/** For this long after the selection moved by itself, a key still means the ticket before: a second press of DONE, say. */
const DEAF_MS = 400;

export class Selection {
  /** @param {HTMLElement} wall */
  constructor(wall) {
    this.wall = wall;
    /** @type {string|null} */
    this.id = null;
    this.moveFocus = false;
    this.movedAt = -Infinity; // by itself
  }

  /** By itself, because the selected ticket leaves. @param {string} id */
  moveOn(id) {
    this.byKey(id);
    this.movedAt = performance.now();
  }

  /** Whether a step that is pressed now cannot be meant for the selected ticket. */
  isDeaf() {
    return performance.now() - this.movedAt < DEAF_MS;
  }

  /** By a key: the focus follows, so that a screen reader says what was selected. @param {string} id */
  byKey(id) {
    this.id = id;
    this.moveFocus = true;
    this.movedAt = -Infinity;
  }

  clear() {
    this.id = null;
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }

  /** After drawing. */
  focus() {
    if (!this.moveFocus) return;
    this.moveFocus = false;
    const ticket = [...this.wall.querySelectorAll("article")].find((a) => a.dataset.id === this.id);
    const button = /** @type {HTMLElement|null} */ (ticket?.querySelector("button.bump:not(:disabled)") ?? ticket ?? null);
    button?.focus({ preventScroll: true });
  }
}
