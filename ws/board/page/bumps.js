// Moves tickets on and back. A move shows at once, and is sent with the version that the cook saw; the server decides.
import { KitchenError, nextStatus, previousStatus } from "../client/index.js";
import { LineMoves } from "./line_moves.js";
import { Moves, clearing } from "./moves.js";

/** @typedef {import("../client/order.js").Status} Status */
/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {import("./ticket.js").Stage} Stage */
/** @typedef {import("./ticket.js").Next} Next */
/** @typedef {import("./moves.js").Move} Move */

/**
 * For this long after a finger moved a ticket on, its button keeps the name of the step that was done. A second tap so soon comes from
 * a sleeve, a trembling hand or a double click: it means the same step, which is done already. A cook who reads the next step's name
 * on the button may press it at once. Keys need none of this: the browser says which presses are repeats.
 */
const HOLD_MS = 300;

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
    this.moves = new Moves();
    this.lines = new LineMoves(this);
  }

  /**
   * The next step of a ticket; a struck out one is cleared away.
   * @param {string} id
   * @param {Stage} from what the button, or the screen, says that the ticket is: a step is never taken from anywhere else
   * @param {boolean} [finger]
   * @param {Next|null} [next] what the button, or the screen, says that a press asks of a part of a ticket
   */
  bump(id, from, finger = false, next = null) {
    const ticket = this.tickets.get(id);
    if (!ticket) return;
    if (ticket.gone) return this.clear(ticket);
    if (ticket.here.mode === "station" || ticket.here.mode === "pass") return this.lines.step(ticket, next ?? ticket.next, finger);
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
    this.moves.remember(clearing(ticket, this.tickets.now()));
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
    if (ticket?.here.mode === "station") return this.lines.back(ticket, from, finger);
    if (ticket && !ticket.gone && to && ticket.stage === from) this.move(ticket, to, false, finger);
  }

  /**
   * @param {Ticket} ticket
   * @param {Status} to
   * @param {boolean} undoable
   * @param {boolean} finger
   * @param {boolean} [force] even though others still cook for it
   */
  move(ticket, to, undoable, finger, force = false) {
    if (this.client.state.name !== "live") return this.notices.problem("offline", ticket.number);
    if (!force && ticket.blocked?.to === to && ticket.part?.waiting.length) return; // the refusal is still shown, and still true
    const { status: from, whenReady } = ticket;
    this.tickets.touch(ticket.id);
    this.hold(ticket, finger);
    const done = this.ask(ticket, to, ticket.version, force);
    if (undoable) this.moves.remember({ id: ticket.id, number: ticket.number, from, at: this.tickets.now(), done, whenReady });
  }

  /**
   * After a finger, a button keeps the name of the step that was done.
   * @param {Ticket} ticket
   * @param {boolean} finger
   */
  hold(ticket, finger) {
    const { stage, next } = ticket;
    ticket.held = finger ? { stage, next, until: this.tickets.now() + HOLD_MS } : null;
    if (finger) setTimeout(this.redraw, HOLD_MS + 1);
  }

  /**
   * A cook insists on what the server has just refused because others still cook, or a course is held.
   * @param {string} id
   * @param {Status} to what the button says
   */
  force(id, to) {
    const ticket = this.tickets.get(id);
    if (ticket?.blocked?.to === to) this.move(ticket, to, true, false, true);
  }

  /**
   * Asks the server. A step that is asked while an answer is on its way waits for it, and is dropped where that is a refusal.
   * @param {Ticket} ticket
   * @param {Status} to
   * @param {number|undefined} version
   * @param {boolean} [force]
   * @returns {Promise<number|null>} the new version, null for a refusal
   */
  ask(ticket, to, version, force = false) {
    const from = ticket.status;
    const before = ticket.waiting ? ticket.answer : null;
    // That an order is ready while others cook is shown only after the server has said so.
    const shows = force || !ticket.part?.waiting.length || (to !== "ready" && to !== "completed");
    ticket.asked = shows ? to : ticket.asked;
    ticket.askedAt = this.tickets.now();
    ticket.waiting = true;
    ticket.doneAt = shows && to === "completed" ? this.tickets.now() : 0;
    this.redraw();
    ticket.answer = this.answered(ticket, { from, to, version, force, turn: ++ticket.turns }, before);
    return ticket.answer;
  }

  /**
   * @param {Ticket} ticket
   * @param {{from: Status, to: Status, version: number|undefined, force: boolean, turn: number}} step
   * @param {Promise<number|null>|null} before the answer to the step before it
   * @returns {Promise<number|null>}
   */
  async answered(ticket, { from, to, version, force, turn }, before) {
    try {
      if (before) {
        const acked = await before;
        if (acked === null) return null;
        version = acked;
      }
      const ack = await (force ? this.client.updateStatus(ticket.id, to, version, { force }) : this.client.updateStatus(ticket.id, to, version));
      ticket.acked = ack.version;
      if (turn !== ticket.turns) return ack.version; // more has been asked since
      ticket.waiting = false;
      // The event may have come before the answer; else it is on its way, and until then the screen shows what was asked.
      const known = this.client.order(ticket.id);
      if (known && known.version >= ack.version) {
        ticket.order = known;
        this.tickets.showServerState(ticket);
      }
      return ack.version;
    } catch (e) {
      ticket.acked = 0;
      this.tickets.showServerState(ticket);
      if (ticket.left && !ticket.gone) this.tickets.all.delete(ticket.id);
      const error = /** @type {KitchenError} */ (e);
      if (error.code === "not_ready") ticket.block(to, error.waiting ?? [], this.tickets.now());
      else this.notices.problem(error.code, ticket.number, { now: error.status, from });
      return null;
    } finally {
      this.redraw();
    }
  }

  /** Takes this screen's last move back, then the one before it. @returns {Promise<boolean>} whether there was one */
  async undo() {
    if (this.moves.last()?.cleared) return this.unclear();
    if (this.client.state.name !== "live") {
      this.notices.problem("offline", "");
      return true;
    }
    const move = this.moves.all.pop();
    if (!move) return false;
    if (move.steps) return this.lines.undo(move, move.steps);
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

  /** Puts the ticket that was cleared last back on this screen, still struck out. Other screens are not affected. */
  unclear() {
    const ticket = this.moves.all.pop()?.cleared;
    if (ticket && !this.tickets.get(ticket.id)) {
      this.tickets.all.set(ticket.id, ticket);
      ticket.goneSeenAt = Infinity;
      ticket.edition++;
      this.redraw();
    }
    return true;
  }

  /**
   * Undoes the last move of one ticket, by the button on it.
   * @param {string} id
   */
  unfinish(id) {
    if (this.moves.raise(id)) this.undo();
  }

  /**
   * Brings an order back that has left the queue.
   * @param {string} id
   * @param {string} number
   * @param {Status} to
   * @param {number} [version]
   * @returns {Promise<boolean>} whether it is back
   */
  async recall(id, number, to, version) {
    try {
      await this.client.updateStatus(id, to, version);
      return true;
    } catch (e) {
      const error = /** @type {KitchenError} */ (e);
      this.notices.problem(error.code, number, { now: error.status });
      return false;
    }
  }

  /**
   * An order of the recall list; a station takes its own part of it back as well, for there is nothing else to do at it.
   * @param {import("../client/order.js").Order} order
   */
  async bringBack(order) {
    const number = `#${order.order_number}`;
    const back = order.status !== "completed" || (await this.recall(order.id, number, "ready", order.version));
    if (back) await this.lines.bringBack(order, number);
  }
}
