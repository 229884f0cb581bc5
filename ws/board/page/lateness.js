// Which tickets have just become late: once each, for a sound.
import { urgency } from "./time.js";

export class Lateness {
  constructor() {
    /** @type {Set<string>} */
    this.known = new Set();
    this.begun = false;
  }

  /**
   * @param {import("./tickets.js").Ticket[]} open
   * @param {import("../client/client.js").Restaurant|null} restaurant null while nothing is known
   * @param {number} now the server's
   * @returns {boolean} whether any became late since the last look; what was late at the first one is no news
   */
  look(open, restaurant, now) {
    const late = open.filter((t) => t.status !== "ready" && urgency(t.order, restaurant, now) === "late").map((t) => t.id);
    const news = this.begun && late.some((id) => !this.known.has(id));
    this.begun ||= restaurant !== null;
    this.known = new Set(late);
    return news;
  }
}
