// Renews the token: asks the page for the next one before the current one ends, or takes one that the page brings, and sends it over the
// open connection.
import { KitchenError } from "./requests.js";

const OFFER_MS = 10_000; // to a token that was sent over an open connection

export class Renewal {
  /** @param {import("./link.js").Link} link */
  constructor(link) {
    this.link = link;
    this.asking = false; // the page
  }

  /** Once a second: checks for overdue answers and tokens. */
  tick() {
    const { clock, connection, credential, serverNow } = this.link;
    const { offer } = credential;
    if (offer && clock.now() >= offer.deadline) this.link.refuseOffer(new KitchenError({ code: "timeout", message: "the server did not answer" }));
    if (connection?.queued && credential.current?.due(serverNow(), clock.now())) this.ask();
  }

  /** Asks the page for the next token, before the current one ends. */
  async ask() {
    if (this.asking) return;
    this.asking = true;
    try {
      const text = await this.link.credential.ask("expiring");
      if (text && text !== this.link.credential.current?.text && this.link.running) this.offer(text);
    } catch {
      // asked again before it ends
    } finally {
      this.asking = false;
    }
  }

  /** Offers a token to the server. @param {string} text */
  offer(text) {
    const { link } = this;
    const offer = link.credential.bring(text, link.serverNow());
    if (link.connection?.queued) this.send();
    else if (!link.connection) link.connect();
    // else: the queue that is on its way sends it, or the end of this connection does
    return offer.promise;
  }

  /** Sends what is offered over an open connection. */
  send() {
    const { clock, connection, credential } = this.link;
    const { offer } = credential;
    if (!offer || !connection?.queued || connection.offers.includes(offer)) return;
    offer.deadline = clock.now() + OFFER_MS;
    connection.offers.push(offer);
    connection.send({ type: "authenticate", token: offer.token.text });
  }

  /**
   * The server accepted the oldest token that was sent.
   * @param {import("./connection.js").Connection} connection
   * @param {string} expiresAt
   */
  taken(connection, expiresAt) {
    const token = connection.offers.shift()?.token ?? connection.token;
    connection.token = token;
    token.expires = Date.parse(expiresAt) || token.expires;
    this.link.credential.taken(token);
    token.plan(this.link.serverNow());
  }

  /**
   * An error that answers no request answers the oldest token that was sent, if there is one.
   * @param {import("./connection.js").Connection} connection
   * @param {KitchenError} error
   * @returns {boolean} whether it did
   */
  refused(connection, error) {
    const offer = connection.offers.shift();
    if (offer && offer === this.link.credential.offer) this.link.refuseOffer(error);
    return offer !== undefined;
  }
}
