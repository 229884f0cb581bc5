// Which tickets this screen shows, and which come to it that were elsewhere before: of a kitchen with stations. Everywhere else it
// shows all.

/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {import("./tickets.js").Ring} Ring */

export class Shown {
  /**
   * @param {import("./tickets.js").Tickets} tickets
   * @param {Pick<import("./view.js").ScreenView, "view"|"shows">} screen
   */
  constructor(tickets, screen) {
    this.tickets = tickets;
    this.screen = screen;
    /** What was here when it was last looked. @type {Set<string>} */
    this.here = new Set();
    this.view = screen.view; // when it was last looked
  }

  /** Whether it shows all. */
  get whole() {
    const { view } = this.screen;
    return view.stations === null || view.pass;
  }

  /** @param {Ticket} ticket */
  has(ticket) {
    return this.whole || this.screen.shows(ticket.order) || ticket.doneAt > 0 || this.lacks(ticket);
  }

  /** A line that was cooked here was taken away, and nobody has touched the ticket since. @param {Ticket} ticket */
  lacks({ order, seen }) {
    const gone = seen?.items.filter((i) => !order.items.some((now) => now.id === i.id)) ?? [];
    return gone.length > 0 && this.screen.shows({ ...order, items: gone });
  }

  /**
   * Looks which tickets are here now. One that was elsewhere before, because its course was held, say, is new to this screen.
   * @param {Ring[]} rings what a change of the queue deserves
   * @param {boolean} quiet it is known for the first time: nothing is news
   * @returns {Ring[]} those of what is here, and of what has come
   */
  look(rings, quiet) {
    const now = this.tickets.all;
    const before = this.here;
    this.here = new Set([...now.values()].filter((t) => this.has(t)).map((t) => t.id));
    const heard = rings.filter((r) => this.here.has(r.id) || !now.has(r.id));
    const same = JSON.stringify(this.view) === JSON.stringify(this.screen.view);
    this.view = this.screen.view;
    if (quiet || !same || this.whole) return heard;
    const come = [...this.here].filter((id) => !before.has(id) && !heard.some((r) => r.id === id));
    for (const id of come) this.tickets.arrive(id);
    return [...heard, ...come.map((id) => ({ chime: /** @type {const} */ ("new"), id }))];
  }
}
