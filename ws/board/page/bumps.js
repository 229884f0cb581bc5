// Moving tickets on and back. A move shows at once and carries the version that the cook saw; the server's word is final.
import { KitchenError, nextStatus, previousStatus } from "../client/index.js";

/** @typedef {import("../client/order.js").Status} Status */
/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {import("./ticket.js").Stage} Stage */
/**
 * What this screen did and can undo: a step of a ticket, or that a struck out one was cleared away.
 * @typedef {object} Move
 * @property {string} id
 * @property {string} number
 * @property {Status} from
 * @property {number} at
 * @property {Promise<number|null>} done
 * @property {import("../client/order.js").Order|null} [whenReady] what was ready of it before
 * @property {Ticket} [cleared]
 */

/**
 * For this long after a finger moved a ticket on, its button keeps the name of the step that was done. A second tap so soon is
 * a sleeve, a trembling hand or a double click, and means that same step, which is done already; whoever reads the next
 * step's name on the button may press it at once. Keys need none of this: they do not touch by mistake, and what a key
 * repeats is told by the browser.
 */
const HOLD_MS = 300;
const REMEMBERED = 20;

/** @param {Stage} stage @returns {Status|undefined} */
export const nextStage = (stage) => nextStatus(stage === "reopened" ? "pending" : stage);

export class Bumps {
  /**
   * @param {import("../client/client.js").KitchenClient} client
   * @param {import("./tickets.js").Tickets} tickets
   * @param {import("./notices.js").Notices} notices
   * @param {() => void} redraw
   */
  constructor(client, tickets, notices, redraw) {
    this.client = client;
    this.tickets = tickets;
    this.notices = notices;
    this.redraw = redraw;
    /** @type {Move[]} */
    this.moves = [];
  }

  /**
   * The next step of a ticket; a struck out one is cleared away.
   * @param {string} id
   * @param {Stage} from what the button, or the screen, says that the ticket is: a step is never taken from anywhere else
   * @param {boolean} [finger]
   */
  bump(id, from, finger = false) {
    const ticket = this.tickets.get(id);
    if (!ticket) return;
    if (ticket.gone) return this.clear(ticket);
    const to = nextStage(from);
    if (to && ticket.stage === from) return this.move(ticket, to, true, finger);
    if (ticket.stage === "reopened") this.notices.problem("changed", ticket.number);
  }

  /**
   * Takes a struck out ticket off the screen.
   * @param {Ticket} ticket
   */
  clear(ticket) {
    this.tickets.all.delete(ticket.id);
    this.remember(clearing(ticket, this.tickets.now()));
  }

  /**
   * Remembers what left by itself as of when it was touched: UNDO takes back what a cook did since then first.
   * @param {Ticket[]} aside
   */
  steppedAside(aside) {
    for (const ticket of aside) {
      this.remember(clearing(ticket, ticket.goneSeenAt));
      this.moves.sort((a, b) => a.at - b.at);
    }
  }

  /** @param {Move} move */
  remember(move) {
    this.moves = [...this.moves.slice(1 - REMEMBERED), move];
  }

  /**
   * One step back.
   * @param {string} id
   * @param {Stage} from
   * @param {boolean} [finger]
   */
  back(id, from, finger = false) {
    const ticket = this.tickets.get(id);
    const to = from === "reopened" ? undefined : previousStatus(from);
    if (ticket && !ticket.gone && to && ticket.stage === from) this.move(ticket, to, false, finger);
  }

  /**
   * @param {Ticket} ticket
   * @param {Status} to
   * @param {boolean} undoable
   * @param {boolean} finger
   */
  move(ticket, to, undoable, finger) {
    if (this.client.state.name !== "live") return this.notices.problem("offline", ticket.number);
    const now = this.tickets.now();
    const { stage, status: from, whenReady } = ticket;
    this.tickets.touch(ticket.id);
    if (finger) {
      ticket.held = { stage, until: now + HOLD_MS };
      setTimeout(this.redraw, HOLD_MS + 1);
    } else ticket.held = null;
    const done = this.ask(ticket, to, ticket.version);
    if (!undoable) return;
    const move = { id: ticket.id, number: ticket.number, from, at: now, done, whenReady };
    this.remember(move);
    done.then((version) => {
      if (version === null) this.moves = this.moves.filter((m) => m !== move);
    });
  }

  /**
   * Asks the server. What is asked of a ticket while an answer is on its way waits for that, and goes with it where it is a no.
   * @param {Ticket} ticket
   * @param {Status} to
   * @param {number|undefined} version
   * @returns {Promise<number|null>} the version that it has now, null where it did not happen
   */
  ask(ticket, to, version) {
    const from = ticket.status;
    const before = ticket.waiting ? ticket.answer : null;
    ticket.asked = to;
    ticket.askedAt = this.tickets.now();
    ticket.waiting = true;
    ticket.doneAt = to === "completed" ? this.tickets.now() : 0;
    this.redraw();
    ticket.answer = this.answered(ticket, { from, to, version, turn: ++ticket.asks }, before);
    return ticket.answer;
  }

  /**
   * @param {Ticket} ticket
   * @param {{from: Status, to: Status, version: number|undefined, turn: number}} step
   * @param {Promise<number|null>|null} before the answer to the step before it
   * @returns {Promise<number|null>}
   */
  async answered(ticket, { from, to, version, turn }, before) {
    try {
      if (before) {
        const acked = await before;
        if (acked === null) return null;
        version = acked;
      }
      const ack = await this.client.updateStatus(ticket.id, to, version);
      ticket.acked = ack.version;
      if (turn !== ticket.asks) return ack.version; // more has been asked since
      ticket.waiting = false;
      // The event may have come before the answer; else it is on its way, and until then the screen shows what was asked.
      const known = this.client.order(ticket.id);
      if (known && known.version >= ack.version) {
        ticket.order = known;
        this.tickets.settle(ticket);
      }
      return ack.version;
    } catch (e) {
      ticket.acked = 0;
      this.tickets.settle(ticket);
      if (ticket.left && !ticket.gone) this.tickets.all.delete(ticket.id);
      const error = /** @type {KitchenError} */ (e);
      this.notices.problem(error.code, ticket.number, { now: error.status, from });
      return null;
    } finally {
      this.redraw();
    }
  }

  /** The move that {@link undo} would take back. */
  last() {
    return this.moves.at(-1);
  }

  /** Takes this screen's last move back, then the one before it. @returns {Promise<boolean>} whether there was one */
  async undo() {
    if (this.last()?.cleared) return this.bringBack();
    if (this.client.state.name !== "live") {
      this.notices.problem("offline", "");
      return true;
    }
    const move = this.moves.pop();
    if (!move) return false;
    const acked = await move.done;
    if (acked === null) return true;
    const ticket = this.tickets.get(move.id);
    const version = Math.max(acked, ticket?.version ?? 0);
    if (ticket) {
      ticket.held = null;
      ticket.takenBack = move.from === "ready" ? move.whenReady ?? null : null;
    }
    if (ticket && !ticket.gone) await this.ask(ticket, move.from, version);
    else await this.recall(move.id, move.number, move.from, version);
    return true;
  }

  /** Puts the ticket that was cleared away last back on the screen, still struck out. That is this screen's alone. */
  bringBack() {
    const ticket = this.moves.pop()?.cleared;
    if (ticket && !this.tickets.get(ticket.id)) {
      this.tickets.all.set(ticket.id, ticket);
      ticket.goneSeenAt = Infinity;
      ticket.edition++;
      this.redraw();
    }
    return true;
  }

  /**
   * Undo takes moves back in their order; a ticket's own button takes back its own.
   * @param {string} id
   */
  unfinish(id) {
    const i = this.moves.findLastIndex((m) => m.id === id);
    const [move] = i < 0 ? [] : this.moves.splice(i, 1);
    if (!move) return;
    this.moves.push(move);
    this.undo();
  }

  /**
   * Brings an order back that has left the queue.
   * @param {string} id
   * @param {string} number
   * @param {Status} to
   * @param {number} [version]
   */
  async recall(id, number, to, version) {
    try {
      await this.client.updateStatus(id, to, version);
    } catch (e) {
      const error = /** @type {KitchenError} */ (e);
      this.notices.problem(error.code, number, { now: error.status });
    }
  }
}

/**
 * @param {Ticket} ticket
 * @param {number} at by the steady clock
 * @returns {Move} that it left the screen
 */
function clearing(ticket, at) {
  return { id: ticket.id, number: ticket.number, from: ticket.order.status, at, done: Promise.resolve(null), cleared: ticket };
}
