// When the page is drawn: before the next frame, once, however many reasons there are.

export class Frames {
  /** @param {() => void} draw */
  constructor(draw) {
    this.draw = draw;
    this.planned = false;
    /** @type {any} */
    this.settling = 0;
  }

  plan() {
    if (this.planned) return;
    this.planned = true;
    const now = () => {
      if (!this.planned) return;
      this.planned = false;
      this.draw();
    };
    if (document.visibilityState === "visible") requestAnimationFrame(now);
    // A page that is hidden before its next frame gets none: it must still sound, and be right when it is shown.
    setTimeout(now, 250);
  }

  /** When the fingers are gone, gaps close. */
  settle() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.plan(), 200);
  }
}
