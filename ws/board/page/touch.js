// Touch, mouse and assistive technology, treated alike: an element with data-act is pressed and released. The board acts when a finger
// is lifted from the target that it came down on, even if it trembled inside it. The click that browsers add is dropped.

/** A finger that comes down at the same spot within this time of its last act means what was there before. */
const AGAIN_MS = 300;
const SPOT = 48; // pixels

export class Touch {
  /**
   * @param {(act: string, data: DOMStringMap, finger: boolean) => void} act
   * @param {(target: HTMLElement) => void} grey a button that does nothing at the moment was pressed
   * @param {(target: HTMLElement) => boolean} steady whether a finger can have meant the target, which it cannot where the target has just moved
   */
  constructor(act, grey, steady) {
    this.act = act;
    this.grey = grey;
    this.steady = steady;
    /** @type {Map<number, string>} fingers that are down, and on what */
    this.fingers = new Map();
    this.lastAt = -Infinity;
    this.acted = { key: "", at: -Infinity, x: 0, y: 0, finger: false };
    addEventListener("pointerdown", (e) => this.down(e));
    addEventListener("pointerup", (e) => this.up(e));
    addEventListener("pointercancel", (e) => this.fingers.delete(e.pointerId));
    addEventListener("pointermove", (e) => e.pointerType === "mouse" && this.note());
    addEventListener("click", (e) => this.click(e));
    addEventListener("mousedown", (e) => this.focusing(e));
  }

  /** Whether somebody is touching, or did so a moment ago: then nothing may move. @param {number} ms */
  within(ms) {
    return this.fingers.size > 0 || performance.now() - this.lastAt < ms;
  }

  /** Counts a key or a moving mouse as a touch: nothing moves for a moment after it. */
  note() {
    this.lastAt = performance.now();
  }

  /** @param {PointerEvent} e */
  down(e) {
    this.note();
    // Not every browser names a disabled button as the target.
    const target = targetOf(document.elementFromPoint(e.clientX, e.clientY)) ?? targetOf(e.target);
    this.fingers.set(e.pointerId, target && e.button === 0 && this.meant(target, e) ? keyOf(target) : "");
  }

  /**
   * @param {HTMLElement} target
   * @param {PointerEvent} e
   */
  meant(target, e) {
    const { key, at, x, y } = this.acted;
    const again = performance.now() - at < AGAIN_MS && Math.hypot(e.clientX - x, e.clientY - y) < SPOT;
    if (again && keyOf(target) !== key) return false;
    return e.pointerType === "mouse" || this.steady(target);
  }

  /** @param {PointerEvent} e */
  up(e) {
    this.note();
    const key = this.fingers.get(e.pointerId);
    this.fingers.delete(e.pointerId);
    const target = targetOf(document.elementFromPoint(e.clientX, e.clientY));
    this.acted = { key: key ?? "", at: performance.now(), x: e.clientX, y: e.clientY, finger: e.pointerType !== "mouse" };
    if (!key || !target || keyOf(target) !== key) return;
    if (isDisabled(target)) return this.grey(target);
    this.act(target.dataset.act ?? "", target.dataset, true);
  }

  /**
   * A browser lets a mouse follow a finger, which focuses what is there by then, such as a ticket under a dialog that the
   * finger has closed. Nobody meant that.
   * @param {MouseEvent} e
   */
  focusing(e) {
    const target = targetOf(e.target);
    const { key, at, finger } = this.acted;
    if (finger && key && performance.now() - at < 500 && (!target || keyOf(target) !== key)) e.preventDefault();
  }

  /** @param {MouseEvent} e */
  click(e) {
    const target = targetOf(e.target);
    if (!target || isDisabled(target)) return;
    // A real finger's or mouse's click follows its pointerup; one without either comes from a key, a script, a screen reader.
    if (e.detail > 0 && performance.now() - this.acted.at < 500) return;
    this.act(target.dataset.act ?? "", target.dataset, true);
  }
}

/** @param {EventTarget|null} node @returns {HTMLElement|null} */
function targetOf(node) {
  return node instanceof Element ? node.closest("[data-act]") : null;
}

/** @param {HTMLElement} e */
function keyOf(e) {
  return [e.dataset.act, e.dataset.id, e.dataset.name, e.dataset.value].join(" ");
}

/** @param {HTMLElement} e */
function isDisabled(e) {
  return e instanceof HTMLButtonElement && e.disabled;
}
