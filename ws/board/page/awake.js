// Keeping the screen on, and filling it. The lock exists only in secure contexts (https, localhost) and is dropped when the
// page is hidden, so it is asked for again: https://www.w3.org/TR/screen-wake-lock/

export class Awake {
  /** @param {() => void} redraw */
  constructor(redraw) {
    this.redraw = redraw;
    this.held = false;
    this.request();
    document.addEventListener("visibilitychange", () => this.request());
    addEventListener("pointerup", () => this.request());
  }

  async request() {
    if (this.held || document.visibilityState !== "visible" || !navigator.wakeLock) return;
    try {
      const lock = await navigator.wakeLock.request("screen");
      this.held = true;
      lock.addEventListener("release", () => {
        this.held = false;
        this.redraw();
      });
      this.redraw();
    } catch {
      // low battery, say; asked again at the next touch
    }
  }
}

/** Fills the screen, or stops to. */
export function toggleFullScreen() {
  const done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.();
  done?.catch(() => {});
}
