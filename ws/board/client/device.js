// What the browser says of the device: that the network went or came back, that somebody looks at the page again. Node says
// nothing of the kind.

export class Device {
  /** @param {Pick<import("./link.js").Link, "hurry"|"check"|"replace">} link */
  constructor(link) {
    this.wake = () => link.hurry();
    this.unplugged = () => link.check();
    /** @type {[string, () => void][]} */
    this.listeners = [
      ["online", this.wake],
      ["offline", this.unplugged],
      // A page that the browser keeps for the way back must not keep its display as well: nobody sees it.
      ["pagehide", () => link.replace()],
      ["pageshow", this.wake],
    ];
    this.shown = () => document.visibilityState === "visible" && link.hurry();
  }

  listen() {
    for (const [name, listener] of this.listeners) globalThis.addEventListener?.(name, listener);
    globalThis.document?.addEventListener("visibilitychange", this.shown);
  }

  leave() {
    for (const [name, listener] of this.listeners) globalThis.removeEventListener?.(name, listener);
    globalThis.document?.removeEventListener("visibilitychange", this.shown);
  }
}
