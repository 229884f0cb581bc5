// Which ticket the keys act on.

/** For this long after the selection moved by itself, a key still means the ticket before, as in a second press of DONE. */
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

  /** Selects another ticket because the selected one leaves. @param {string} id */
  moveOn(id) {
    this.byKey(id);
    this.movedAt = performance.now();
  }

  /** Whether a step that is pressed now cannot be meant for the selected ticket. */
  isDeaf() {
    return performance.now() - this.movedAt < DEAF_MS;
  }

  /** Selects by a key. The focus follows, so that a screen reader says what was selected. @param {string} id */
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
