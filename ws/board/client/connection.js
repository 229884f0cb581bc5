// One socket, and whether it still says something.

/** One socket of a client. A client that has replaced it hears nothing more of it. */
export class Connection {
  /**
   * @param {import("./client.js").KitchenClient} client
   * @param {WebSocket} socket
   */
  constructor(client, socket) {
    this.clock = client.clock;
    this.socket = socket;
    this.queued = false; // the first queue has come
    this.live = false;
    this.openedAt = this.clock.now();
    this.heardNow = this.openedAt;
    this.heardDate = this.clock.date();
    socket.onmessage = (e) => {
      this.hear();
      let message;
      try {
        message = JSON.parse(e.data);
      } catch {
        return; // not of this protocol
      }
      if (message && typeof message === "object") client.heard(this, message);
    };
    socket.onclose = (e) => client.closed(this, e.code, e.reason);
    socket.onerror = () => {}; // its close follows; the `ws` package ends the process for an error that nobody hears
  }

  hear() {
    this.heardNow = this.clock.now();
    this.heardDate = this.clock.date();
  }

  /**
   * Milliseconds since something was heard. The steady clock stands still while a device sleeps and the other one may be
   * set at any time: the larger is the safe answer, because a wrong one only costs a reconnect.
   */
  silence() {
    return Math.max(this.clock.now() - this.heardNow, this.clock.date() - this.heardDate);
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
