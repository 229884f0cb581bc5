// Which ticket the keys speak of.

export class Selection {
  /** @param {HTMLElement} wall */
  constructor(wall) {
    this.wall = wall;
    /** @type {string|null} */
    this.id = null;
    this.moveFocus = false;
  }

  /** By a key: the focus follows, so that a screen reader says what was selected. @param {string} id */
  byKey(id) {
    this.id = id;
    this.moveFocus = true;
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
