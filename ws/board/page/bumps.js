// Moving tickets on and back. A move shows at once and carries the version that the cook saw; the server's word is final.
import { KitchenError } from "../client.js";

/** @typedef {import("../client.js").Status} Status */
/** @typedef {import("./tickets.js").Ticket} Ticket */
/** A move of this screen that can be undone. @typedef {{id: string, number: string, from: Status, to: Status, at: number, done: Promise<number|null>}} Move */

/** @type {Partial<Record<Status, Status>>} */
const NEXT = { pending: "preparing", preparing: "ready", ready: "completed" };
/** @type {Partial<Record<Status, Status>>} */
const BACK = { preparing: "pending", ready: "preparing", completed: "ready" };
/** A sleeve or a trembling switch: a second bump of the same ticket within this time is none. */
const BOUNCE_MS = 300;
const REMEMBERED = 20;

/** @param {Status} status @returns {Status|undefined} */
export const nextStatus = (status) => NEXT[status];

export class Bumps {
  /**
   * @param {import("../client.js").KitchenClient} client
   * @param {import("./tickets.js").Tickets} tickets
   * @param {{problem: (code: string, number: string, status?: Status) => void, redraw: () => void}} board
   */
  constructor(client, tickets, board) {
    this.client = client;
    this.tickets = tickets;
    this.board = board;
    /** @type {Move[]} */
    this.moves = [];
  }

  /**
   * The next step of a ticket; a struck out one is cleared away.
   * @param {string} id
   */
  bump(id) {
    const ticket = this.tickets.get(id);
    if (!ticket) return;
    if (ticket.gone) return this.tickets.touch(id);
    const to = NEXT[ticket.status];
    if (to) this.move(ticket, to, true);
  }

  /** One step back. @param {string} id */
  back(id) {
    const ticket = this.tickets.get(id);
    const to = ticket && !ticket.gone && BACK[ticket.status];
    if (to) this.move(ticket, to, false);
  }

  /**
   * @param {Ticket} ticket
   * @param {Status} to
   * @param {boolean} undoable
   */
  move(ticket, to, undoable) {
    if (this.client.state.name !== "live") return this.board.problem("offline", ticket.number);
    const now = this.tickets.now();
    if (ticket.waiting || now - ticket.askedAt < BOUNCE_MS) return;
    const from = ticket.status;
    this.tickets.touch(ticket.id);
    const done = this.ask(ticket, to, ticket.order.version);
    if (undoable) {
      this.moves.push({ id: ticket.id, number: ticket.number, from, to, at: now, done });
      if (this.moves.length > REMEMBERED) this.moves.shift();
    }
  }

  /**
   * @param {Ticket} ticket
   * @param {Status} to
   * @param {number|undefined} version
   * @returns {Promise<number|null>} the version that it has now, null where it did not happen
   */
  async ask(ticket, to, version) {
    ticket.asked = to;
    ticket.askedAt = this.tickets.now();
    ticket.waiting = true;
    ticket.doneAt = to === "completed" ? this.tickets.now() : 0;
    this.board.redraw();
    try {
      const ack = await this.client.updateStatus(ticket.id, to, version);
      ticket.waiting = false;
      // The event may have come before the answer; else it is on its way, and until then the screen shows what was asked.
      const known = this.client.queue.get(ticket.id);
      if (known && known.version >= ack.version) {
        ticket.order = known;
        this.tickets.settle(ticket);
      }
      return ack.version;
    } catch (e) {
      this.tickets.settle(ticket);
      if (ticket.left && !ticket.gone) this.tickets.all.delete(ticket.id);
      const error = /** @type {KitchenError} */ (e);
      this.moves = this.moves.filter((m) => m.id !== ticket.id || m.to !== to);
      this.board.problem(error.code, ticket.number, error.status);
      return null;
    } finally {
      this.board.redraw();
    }
  }

  /** The move that {@link undo} would take back. */
  last() {
    return this.moves.at(-1);
  }

  /** Takes this screen's last move back, then the one before it. @returns {Promise<boolean>} whether there was one */
  async undo() {
    if (this.client.state.name !== "live") {
      this.board.problem("offline", "");
      return true;
    }
    const move = this.moves.pop();
    if (!move) return false;
    const acked = await move.done;
    if (acked === null) return true;
    const ticket = this.tickets.get(move.id);
    const version = this.client.queue.get(move.id)?.version ?? acked;
    if (ticket && !ticket.gone) await this.ask(ticket, move.from, version);
    else await this.recall(move.id, move.number, move.from, version);
    return true;
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
      this.board.problem(error.code, number, error.status);
    }
  }
}
