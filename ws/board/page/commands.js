// What buttons do when they are pressed, and what they have in common with keys.
import { toggleFullScreen } from "./awake.js";
import { defaultKeys } from "./keys.js";

/** @typedef {import("./ticket.js").Stage} Stage */

export class Commands {
  /** @param {import("./board.js").Board} board */
  constructor(board) {
    this.board = board;
  }

  /**
   * A button, or another place with data-act.
   * @param {string} act
   * @param {DOMStringMap} data
   * @param {boolean} finger whether a finger or a mouse did it
   */
  press(act, { id = "", name = "", value = "" }, finger) {
    const { board } = this;
    switch (act) {
      case "select":
        board.tickets.touch(id);
        board.selection.id = id;
        if (!board.wall.places.some((p) => p.id === id)) board.panel.openTicket(id);
        break;
      case "bump":
        board.panel.closeTicket();
        board.selection.id = id;
        board.bumps.bump(id, /** @type {Stage} */ (value), finger, /** @type {import("./ticket.js").Next} */ (name) || null);
        break;
      case "back":
        board.panel.closeTicket();
        board.bumps.back(id, /** @type {Stage} */ (value), finger);
        break;
      case "tick":
        board.selection.id = id;
        this.tick(id, value);
        break;
      case "again":
        board.panel.open("");
        board.bumps.lines.again(id, name, value);
        break;
      case "fire":
        board.panel.closeTicket();
        board.bumps.lines.fire(id, Number(value));
        break;
      case "force":
        board.panel.closeTicket();
        board.bumps.force(id, /** @type {import("../client/order.js").Status} */ (value));
        break;
      case "unfinish":
        board.bumps.unfinish(id);
        break;
      case "set":
        board.settings.set({ [name]: value === "true" ? true : value === "false" ? false : value });
        if (name === "sound" || name === "volume") board.sound.play("new");
        break;
      case "listen":
        board.panel.listening = name;
        break;
      case "digit":
        board.panel.find.type(value);
        break;
      case "goto":
        this.goTo(id);
        break;
      case "default-keys":
        board.settings.set({ keys: defaultKeys() });
        break;
      case "bring-back": {
        const order = board.panel.recent?.find((o) => o.id === id) ?? board.tickets.get(id)?.shown;
        if (order) board.bumps.bringBack(order);
        board.panel.open("");
        break;
      }
      case "show-station":
        board.screenView.toggle(id);
        board.look();
        break;
      case "show-all":
        board.screenView.choose([]);
        board.look();
        break;
      case "forget":
        board.panel.open("forget");
        break;
      case "forget-yes":
        return board.forget();
      default:
        this.run(act);
    }
    board.redraw();
  }

  /**
   * Ticks a line off, or takes the tick back. The pass does not untick: it has the line made again.
   * @param {string} id of the ticket
   * @param {string} press the status that the screen shows, and the line
   */
  tick(id, press) {
    const { bumps, panel, tickets } = this.board;
    const [from = "", line = ""] = press.split(/:(.*)/s);
    const ticket = tickets.get(id);
    if (ticket) ticket.line = line;
    if (ticket?.here.mode === "pass" && from === "ready") panel.openAgain(id, line);
    else bumps.lines.tick(id, line, /** @type {import("./stations.js").Step} */ (from));
  }

  /** @param {string} name */
  run(name) {
    const { board } = this;
    const { panel, settings, sound, wall, words } = board;
    switch (name) {
      case "undo":
        board.bumps.undo().then((was) => was || board.notices.say(board.words.nothingToUndo, "plain"));
        break;
      case "recall":
        if (panel.name === "recall") panel.open("");
        else panel.openRecall(board.client, (code) => board.notices.problem(code, ""));
        break;
      case "settings":
      case "help":
      case "view":
        panel.toggle(name);
        break;
      case "new-token":
        panel.open("token");
        break;
      case "find":
        panel.find.clear();
        panel.toggle("find");
        break;
      case "allday":
        settings.set({ allday: !settings.values.allday });
        break;
      case "mute":
        if (sound.asksForSound) sound.tryOut();
        else settings.set({ sound: !settings.values.sound });
        break;
      case "fullscreen":
        toggleFullScreen();
        break;
      case "print":
        panel.open("");
        print();
        break;
      case "close":
        panel.open("");
        break;
      case "nextPage":
        this.turn(wall.page + 1);
        break;
      case "previousPage":
        this.turn(wall.page - 1);
        break;
      case "firstPage":
        this.turn(0);
        break;
      case "lastPage":
        this.turn(wall.pages - 1);
        break;
    }
    board.redraw();
  }

  /**
   * Turns to a ticket and selects it; opens one that is not on the wall.
   * @param {string} id
   */
  goTo(id) {
    const { panel, selection, wall } = this.board;
    panel.open("");
    const place = wall.places.find((p) => p.id === id);
    if (!place) return panel.openTicket(id);
    wall.turn(place.page);
    selection.byKey(id);
  }

  /** @param {number} page */
  turn(page) {
    this.board.wall.turn(page);
    this.board.selection.id = null;
  }
}
