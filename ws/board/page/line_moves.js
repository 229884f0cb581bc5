// Moves lines of tickets on and back at their stations. A step shows at once, and is sent with the status that the cook saw; the server
// decides. Stations that work on one order never wait for each other.
import { KitchenError } from "../client/index.js";
import { sendSteps, stepOf } from "./line_steps.js";
import { lineOf } from "./stations.js";
import { SAID_MS } from "./ticket.js";

/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {import("./ticket.js").Next} Next */
/** @typedef {import("./stations.js").Step} Step */
/** @typedef {import("./line_steps.js").LineStep} LineStep */

/** Why the pass may send a line back. */
export const REASONS = /** @type {const} */ (["cold", "undercooked", "overcooked", "wrong", "dropped", "missing"]);

export class LineMoves {
  /** @param {import("./bumps.js").Bumps} bumps */
  constructor(bumps) {
    this.bumps = bumps;
  }

  /**
   * The one button of a part of a ticket: its lines, or, where those are done, the order itself.
   * @param {Ticket} ticket
   * @param {Next} next what the button says: nothing else is ever done
   * @param {boolean} finger
   */
  step(ticket, next, finger) {
    if (ticket.next !== next || !ticket.part) return;
    if (!ticket.hasWork) return this.bumps.tickets.touch(ticket.id); // the cook has seen it: it leaves the screen
    if (next === "waits" || next === "completed") return this.serve(ticket, finger);
    const { moves } = ticket.part;
    if (!moves.length) return this.bumps.move(ticket, next, true, finger);
    const steps = moves.flatMap(({ station, lines }) => lines.flatMap((line) => stepOf(ticket.shown, line, station, next)));
    this.move(ticket, steps, finger);
  }

  /**
   * Serves the whole order. Where others still cook, or a course is held, that takes a second press.
   * @param {Ticket} ticket
   * @param {boolean} finger
   */
  serve(ticket, finger) {
    if (ticket.part?.waiting.length || !ticket.hasHeld) return this.bumps.move(ticket, "completed", true, finger);
    this.bumps.tickets.touch(ticket.id);
    ticket.block("completed", [], this.bumps.tickets.now());
  }

  /**
   * Takes the part's lines that are cooking back to pending.
   * @param {Ticket} ticket
   * @param {import("./ticket.js").Stage} from
   * @param {boolean} finger
   */
  back(ticket, from, finger) {
    if (from !== "preparing" || ticket.stage !== from || !ticket.part) return;
    const at = ticket.part.own.filter((i) => !i.held).flatMap((item) => ticket.lineOf(item).at.map((a) => ({ line: item.id, station: a.id, status: a.status })));
    const steps = at.filter((a) => a.status === from).map(({ line, station }) => ({ line, station, from, to: /** @type {const} */ ("pending") }));
    this.move(ticket, steps, finger, false);
  }

  /**
   * Ticks a line off, or takes the tick back.
   * @param {string} id
   * @param {string} line
   * @param {Step} from how the screen shows the line: what is no longer so is not touched
   */
  tick(id, line, from) {
    const ticket = this.bumps.tickets.get(id);
    const item = ticket?.shown.items.find((i) => i.id === line);
    if (!ticket || !item || item.held || ticket.gone || ticket.lineOf(item).status !== from) return;
    const to = from === "ready" ? "preparing" : "ready";
    this.move(ticket, ticket.lineOf(item).at.flatMap((a) => stepOf(ticket.shown, line, a.id, to)), false);
  }

  /**
   * The pass sends a line back to everybody who made it.
   * @param {string} id
   * @param {string} line
   * @param {string} reason in words, for the stations
   */
  again(id, line, reason) {
    const ticket = this.bumps.tickets.get(id);
    const item = ticket?.shown.items.find((i) => i.id === line);
    if (!ticket || !item) return;
    const steps = item.stations.filter((a) => a.status === "ready").map((a) => ({ line, station: a.id, from: a.status, to: /** @type {Step} */ ("pending") }));
    this.move(ticket, steps, false, true, reason);
  }

  /**
   * Has a course cooked that was held until now.
   * @param {string} id
   * @param {number} course
   */
  async fire(id, course) {
    const { client, notices, tickets } = this.bumps;
    const ticket = tickets.get(id);
    if (!ticket) return;
    if (client.state.name !== "live") return notices.problem("offline", ticket.number);
    if (ticket.firing === course) return; // the answer is on its way
    tickets.touch(id);
    ticket.firing = course;
    try {
      const ack = await client.fire(id, course);
      ticket.acked = Math.max(ticket.acked, ack.version);
    } catch (e) {
      notices.problem(/** @type {KitchenError} */ (e).code, ticket.number);
    } finally {
      ticket.firing = null;
    }
  }

  /**
   * @param {Ticket} ticket
   * @param {LineStep[]} steps
   * @param {boolean} finger
   * @param {boolean} [undoable]
   * @param {string} [reason]
   */
  move(ticket, steps, finger, undoable = true, reason) {
    const { client, moves, notices, tickets } = this.bumps;
    if (!steps.length) return;
    if (client.state.name !== "live") return notices.problem("offline", ticket.number);
    tickets.touch(ticket.id);
    this.bumps.hold(ticket, finger);
    const { status: from } = ticket;
    const done = this.ask(ticket, steps, reason);
    if (undoable) moves.remember({ id: ticket.id, number: ticket.number, from, at: tickets.now(), done, steps });
  }

  /**
   * @param {Ticket} ticket
   * @param {LineStep[]} steps
   * @param {string} [reason]
   * @returns {Promise<number|null>} the version that the order has then, null where it did not happen
   */
  ask(ticket, steps, reason) {
    const before = ticket.asks.waiting ? ticket.lineAnswer : null;
    const turn = ticket.asks.ask(steps, this.bumps.tickets.now());
    ticket.edition++;
    ticket.partDoneAt = ticket.here.mode === "station" && ticket.part?.status === "ready" ? this.bumps.tickets.now() : 0;
    this.bumps.redraw();
    ticket.lineAnswer = this.answered(ticket, steps, turn, before, reason);
    return ticket.lineAnswer;
  }

  /**
   * @param {Ticket} ticket
   * @param {LineStep[]} steps
   * @param {number} turn
   * @param {Promise<number|null>|null} before the answer to the steps before
   * @param {string} [reason]
   * @returns {Promise<number|null>}
   */
  async answered(ticket, steps, turn, before, reason) {
    const { client, redraw } = this.bumps;
    try {
      if (before && (await before) === null) throw null; // it falls with the one before
      const { version } = await sendSteps(client, ticket.id, steps, reason);
      ticket.acked = Math.max(ticket.acked, version);
      ticket.asks.done(steps, turn, version, client.order(ticket.id)?.version ?? 0);
      return version;
    } catch (e) {
      ticket.asks.failed(steps);
      ticket.partDoneAt = 0;
      if (e) this.refused(ticket, /** @type {KitchenError} */ (e));
      return null;
    } finally {
      ticket.edition++;
      redraw();
    }
  }

  /**
   * Says on the ticket, and beside it, what did not happen.
   * @param {Ticket} ticket
   * @param {KitchenError} error
   */
  refused(ticket, error) {
    const { notices, tickets } = this.bumps;
    ticket.says = { code: error.code, until: tickets.now() + SAID_MS };
    notices.problem(error.code === "conflict" ? "lines_moved" : error.code, ticket.number, { now: error.status });
  }

  /**
   * A station takes its part of an order back that it was done with.
   * @param {import("../client/order.js").Order} order
   * @param {string} number
   */
  async bringBack(order, number) {
    const { here } = this.bumps.tickets;
    if (here.mode !== "station") return;
    const lines = order.items.filter((i) => !i.held).flatMap((item) => lineOf(item, here.view, here.screens, here.stations).at.map((a) => ({ line: item.id, station: a.id })));
    await this.sendAll(order.id, number, lines.map((l) => ({ ...l, from: "ready", to: "preparing" })));
  }

  /**
   * @param {string} id
   * @param {string} number
   * @param {LineStep[]} steps
   */
  async sendAll(id, number, steps) {
    try {
      await sendSteps(this.bumps.client, id, steps);
    } catch (e) {
      this.bumps.notices.problem(/** @type {KitchenError} */ (e).code, number);
    }
  }

  /**
   * Takes steps of lines back.
   * @param {import("./moves.js").Move} move
   * @param {LineStep[]} steps
   * @returns {Promise<boolean>}
   */
  async undo(move, steps) {
    if ((await move.done) === null) return true;
    const back = steps.map((s) => ({ ...s, from: s.to, to: s.from }));
    const ticket = this.bumps.tickets.get(move.id);
    if (ticket && !ticket.gone) {
      ticket.held = null;
      await this.ask(ticket, back);
      return true;
    }
    await this.sendAll(move.id, move.number, back);
    return true;
  }
}
