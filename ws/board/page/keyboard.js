// The keyboard, or a bump bar: what each key does at the moment. A press is a step, however quickly the next one follows;
// what a key that is held down repeats is none, except for moving about.
import { neighbour } from "./grid.js";
import { actionOf, assign, nameOf } from "./keys.js";

const REPEATING = ["left", "right", "up", "down", "nextPage", "previousPage"];

export class Keyboard {
  /** @param {import("./board.js").Board} board */
  constructor(board) {
    this.board = board;
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
    if (!action) return;
    if (panel.isOpen()) {
      // A dialog is its own world: only what closes it, and moving up and down its buttons.
      if (action === "recall" || action === "settings" || action === "help") board.commands.run(action);
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
    this.act(action, name);
    board.redraw();
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
        if (selected) bumps.bump(selected.id, selected.stage);
        return;
      case "start":
        if (selected) bumps.bump(selected.id, "pending");
        return;
      case "back":
        if (selected) bumps.back(selected.id, selected.stage);
        return;
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

  /** @param {number} i the place on the page that its number stands for, from 0 */
  digit(i) {
    const { bumps, selection, settings, tickets, wall } = this.board;
    const ticket = tickets.get(wall.keys(tickets.list())[i] ?? null);
    if (!ticket) return;
    if (settings.values.digits === "bump") {
      if (wall.steady(ticket.id)) bumps.bump(ticket.id, ticket.stage);
    } else if (!ticket.gone) tickets.touch(ticket.id);
    selection.byKey(ticket.id);
  }
}
