// Reports to the server which stations the page shows.

/**
 * How many displays there are, on all nodes.
 * @typedef {object} Screens
 * @property {{id: string, screens: number}[]} stations how many show each station, in the stations' order
 * @property {number} all how many show everything
 */

export class Shown {
  /** Ids; null: everything; undefined: the page did not say. @type {string[]|null|undefined} */
  stations = undefined;
  last = 0;

  /** @param {import("./connection.js").Connection} connection one that has its queue */
  send(connection) {
    if (this.stations === undefined) return;
    const all = this.stations === null;
    // The id distinguishes an error for it from one for a token.
    connection.send({ type: "show", ...(all ? {} : { stations: this.stations }), request_id: `show-${++this.last}` });
  }

  /**
   * Whether a message answers a `show` that was sent.
   * @param {unknown} id its request_id
   */
  asked(id) {
    return typeof id === "string" && id.startsWith("show-");
  }
}
