// Draws the page before the next frame, once for any number of requests.

export class Frames {
  /** @param {() => void} draw */
  constructor(draw) {
    this.draw = draw;
    this.planned = false;
    /** @type {any} */
    this.later = 0;
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

  /** Draws soon, when no more requests come: what waits until nobody touches the screen is drawn then. */
  planLater() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.plan(), 200);
  }
}
