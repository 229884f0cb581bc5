// One socket, and whether it still says something.

/** A message that was on its way when the network went says nothing about what comes after it. */
const DOUBT_MS = 1000;

/** One socket of a client. A client that has replaced it receives nothing more of it. */
export class Connection {
  /**
   * @param {import("./link.js").Link} link
   * @param {WebSocket} socket
   * @param {import("./token.js").Token} token the one that it was opened with
   */
  constructor(link, socket, token) {
    this.clock = link.clock;
    this.socket = socket;
    this.token = token;
    this.queued = false; // the first queue has come
    this.live = false;
    /** Tokens that were sent over it and have no answer yet, in their order. @type {import("./credential.js").Offer[]} */
    this.offers = [];
    this.openedAt = this.clock.now();
    this.lastAt = this.openedAt; // of the last message, by the monotonic clock
    this.lastDate = this.clock.date(); // the same, by the device's date
    this.doubtedAt = -Infinity; // when the device said last that it has no network
    socket.onmessage = (e) => {
      this.lastAt = this.clock.now();
      this.lastDate = this.clock.date();
      let message;
      try {
        message = JSON.parse(e.data);
      } catch {
        return; // not of this protocol
      }
      if (message && typeof message === "object") link.received(this, message);
    };
    socket.onclose = (e) => link.closed(this, e.code, e.reason);
    socket.onerror = () => {}; // its close follows; the `ws` package ends the process for an error without a listener
  }

  /**
   * Milliseconds since the last message. The monotonic clock stops while a device sleeps and the other one may be set at
   * any time: the larger is the safe answer, because a wrong one only costs a reconnect.
   */
  silence() {
    return Math.max(this.clock.now() - this.lastAt, this.clock.date() - this.lastDate);
  }

  /** The device says that it has no network. A server on the device itself proves the contrary with its next message. */
  doubt() {
    this.doubtedAt = this.clock.now();
  }

  /** Whether the network went and nothing has come since. */
  get doubtful() {
    return this.lastAt < this.doubtedAt + DOUBT_MS;
  }

  /** @param {object} message */
  send(message) {
    if (this.socket.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  abandon() {
    this.socket.onmessage = this.socket.onclose = null;
    try {
      this.socket.close();
    } catch {
      // it never was open
    }
  }
}
