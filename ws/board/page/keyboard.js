// The keyboard, or a bump bar: what each key does at the moment. A press is a step, however quickly the next one follows;
// what a key that is held down repeats is none, except for moving about.
import { neighbour } from "./grid.js";
import { actionOf, assign, nameOf } from "./keys.js";
import { lineKey } from "./line_keys.js";

/** A key that mutes the kitchen, or prints, acts at its second press within this time: the first one may have been a sleeve. */
const ASK_MS = 5000;
const REPEATING = ["left", "right", "up", "down", "nextPage", "previousPage"];

export class Keyboard {
  /** @param {import("./board.js").Board} board */
  constructor(board) {
    this.board = board;
    this.asked = { action: "", at: -Infinity }; // what the last key asked to be pressed again for
    this.swallow = ""; // the key whose release belongs to a press that was used up
    addEventListener("keydown", (e) => this.down(e));
    // Or a button in focus would take a press a second time: Enter when it writes, Space when it is let go.
    addEventListener("keypress", (e) => this.swallow && e.preventDefault());
    addEventListener("keyup", (e) => {
      if (this.swallow === e.code) e.preventDefault();
      this.swallow = "";
    });
  }

  /** @param {KeyboardEvent} e */
  down(e) {
    const { board } = this;
    const { settings, panel } = board;
    const name = nameOf(e);
    if (panel.listening) {
      e.preventDefault();
      if (name !== "Escape") settings.set({ keys: assign(settings.values.keys, panel.listening, name) });
      panel.listening = null;
      return board.redraw();
    }
    if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing) return;
    const focus = /** @type {Element} */ (e.target);
    if (focus instanceof HTMLInputElement || focus instanceof HTMLTextAreaElement) return;
    const action = actionOf(settings.values.keys, name);
    if (panel.isOpen() && panel.name === "find" && this.seek(name, focus)) {
      this.swallow = e.code;
      e.preventDefault();
      return board.redraw();
    }
    if (!action) return;
    if (panel.isOpen()) {
      // A dialog is its own world: only what closes it, and moving up and down its buttons.
      if (action === "find" || action === "recall" || action === "settings" || action === "help") board.commands.run(action);
      else if (action === "down" || action === "up") panel.step(action === "down" ? 1 : -1);
      else return;
      return e.preventDefault();
    }
    const button = focus.closest?.("button, a, summary");
    if (action === "bump" && button && !button.classList.contains("bump")) return; // the button's own business
    e.preventDefault();
    this.swallow = e.code;
    board.touch.note();
    if (e.repeat && !REPEATING.includes(action)) return;
    const { asked } = this;
    this.asked = { action: "", at: -Infinity };
    if (this.mustAsk(action) && !(asked.action === action && performance.now() - asked.at < ASK_MS)) {
      this.asked = { action, at: performance.now() };
      const key = name.length === 1 ? name.toUpperCase() : name;
      board.notices.say(action === "mute" ? board.words.againToMute(key) : board.words.againToPrint(key), "plain", ASK_MS);
    } else this.act(action, name);
    board.redraw();
  }

  /** Whether an action is asked for twice. To have sound is harmless. @param {string} action */
  mustAsk(action) {
    const { settings, sound } = this.board;
    return action === "print" || (action === "mute" && settings.values.sound && !sound.asksForSound);
  }

  /**
   * A key in the dialog that finds tickets.
   * @param {string} name
   * @param {Element} focus
   * @returns {boolean} whether it was used
   */
  seek(name, focus) {
    const { commands, panel, tickets } = this.board;
    if (name === "Enter" && !(focus instanceof HTMLElement && focus.dataset.act === "goto")) {
      const [first] = panel.find.found(tickets.list());
      if (first) commands.goTo(first.id);
      return true;
    }
    return panel.find.type(name);
  }

  /**
   * @param {string} action
   * @param {string} name
   */
  act(action, name) {
    const { bumps, commands, selection, tickets, wall, words } = this.board;
    const selected = tickets.get(selection.id);
    switch (action) {
      case "select":
        return this.digit((Number(name) + 9) % 10);
      case "bump":
      case "start":
      case "back":
        if (!selected) return this.board.notices.say(words.nothingSelected, "plain");
        return this.step(action, selected);
      case "nextLine":
      case "tick":
      case "fire":
      case "force":
        if (!selected) return this.board.notices.say(words.nothingSelected, "plain");
        return selection.isDeaf() ? undefined : lineKey(action, selected, this.board);
      case "left":
      case "right":
      case "up":
      case "down": {
        const next = neighbour(wall.here(), selection.id, action, words.dir === "rtl");
        if (next) selection.byKey(next.id);
        return;
      }
      case "cancel":
        return selection.clear();
      default:
        return commands.run(action);
    }
  }

  /**
   * @param {"bump"|"start"|"back"} action
   * @param {import("./ticket.js").Ticket} ticket
   */
  step(action, ticket) {
    const { bumps, client, selection, tickets, wall } = this.board;
    if (selection.isDeaf()) return; // this press was still meant for the ticket before
    if (action === "back") return bumps.back(ticket.id, ticket.stage);
    if (action === "start") return bumps.bump(ticket.id, ticket.stage === "reopened" ? "reopened" : "pending", false, "preparing");
    const leaves = ticket.gone !== "" || (ticket.leavesNext && client.state.name === "live");
    const next = leaves ? after(wall.here().map((p) => p.id).filter((id) => !tickets.get(id)?.finished), ticket.id) : null;
    bumps.bump(ticket.id, ticket.stage);
    if (next) selection.moveOn(next);
  }

  /** @param {number} i the ticket's index on the page, from 0 */
  digit(i) {
    const { bumps, selection, settings, tickets, wall } = this.board;
    const ticket = tickets.get(wall.keys(tickets.list())[i] ?? null);
    if (!ticket) return;
    if (settings.values.digits === "bump") {
      if (wall.steady(ticket.id)) bumps.bump(ticket.id, ticket.stage);
    } else tickets.touch(ticket.id);
    selection.byKey(ticket.id);
  }
}

/**
 * Which ticket comes to be selected when one leaves: the next one, or at the end the one before.
 * @param {string[]} ids
 * @param {string} id
 */
function after(ids, id) {
  const i = ids.indexOf(id);
  return ids[i + 1] ?? ids[i - 1] ?? null;
}
