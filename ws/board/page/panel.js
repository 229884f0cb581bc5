// The dialog over the board: recall list, settings, keys, a new token. One at a time.
import { html, nothing, render } from "lit-html";
import { again } from "./again.js";
import { Find } from "./find.js";
import { opened } from "./opened.js";
import { recallList } from "./recall.js";
import { keyList, settingsPanel } from "./settings_panel.js";
import { viewPanel } from "./view_panel.js";

/** @typedef {""|"recall"|"find"|"settings"|"help"|"token"|"forget"|"ticket"|"view"|"again"} Name */
/** @typedef {import("../client/order.js").Order} Order */

export class Panel {
  /**
   * @param {HTMLDialogElement} dialog
   * @param {() => void} redraw
   */
  constructor(dialog, redraw) {
    this.dialog = dialog;
    this.redraw = redraw;
    /** @type {Name} what shall be open */
    this.name = "";
    /** @type {Name} what is drawn at the moment */
    this.drawn = "";
    this.moveFocus = false;
    this.find = new Find();
    /** The recall list, null while the server is asked. @type {Order[]|null} */
    this.recent = null;
    this.ticket = ""; // the id of the one that is opened
    this.line = ""; // the id of the one that is to be made again
    /** The action that waits for its new key. @type {string|null} */
    this.listening = null;
    dialog.addEventListener("close", () => {
      if (this.wasClosed()) this.redraw();
    });
  }

  /** @param {Name} name */
  open(name) {
    if (this.name === name) return;
    this.name = name;
    this.listening = null;
    this.moveFocus = Boolean(name);
    this.redraw();
  }

  /** Shows a ticket that is not on the wall. @param {string} id */
  openTicket(id) {
    this.ticket = id;
    this.open("ticket");
  }

  /** Asks why a line is to be made again. @param {string} id of the ticket @param {string} line */
  openAgain(id, line) {
    this.ticket = id;
    this.line = line;
    this.open("again");
  }

  /** Its step was taken. */
  closeTicket() {
    if (this.name === "ticket") this.open("");
  }

  /** @param {Name} name */
  toggle(name) {
    this.open(this.name === name ? "" : name);
  }

  /**
   * @param {import("../client/client.js").KitchenClient} client
   * @param {(code: string) => void} problem
   */
  async openRecall(client, problem) {
    this.recent = null;
    this.open("recall");
    try {
      this.recent = await client.listRecent();
      this.moveFocus = true;
      this.redraw();
    } catch (e) {
      this.open("");
      problem(/** @type {import("../client/requests.js").KitchenError} */ (e).code);
    }
  }

  isOpen() {
    if (this.wasClosed()) this.redraw();
    return this.name !== "";
  }

  /** Whether the browser has closed the dialog, by Escape: it says so only later, and a key or a drawing may come before. */
  wasClosed() {
    if (!this.drawn || this.name !== this.drawn || this.dialog.open) return false;
    this.name = "";
    this.drawn = ""; // else the same dialog, opened again at once, would be taken for the one that was closed
    this.listening = null;
    return true;
  }

  /** Moves the focus up or down the dialog's buttons. @param {1|-1} by */
  step(by) {
    const all = [...this.dialog.querySelectorAll("button:not(:disabled)")];
    const i = all.indexOf(/** @type {Element} */ (document.activeElement));
    /** @type {HTMLElement|undefined} */ (all[Math.max(0, Math.min(all.length - 1, i + by))])?.focus();
  }

  /**
   * @param {import("./tile.js").Scene} scene
   * @param {import("./settings.js").Values} values
   * @param {{awake: boolean, form: import("./token_form.js").TokenForm, tickets: import("./ticket.js").Ticket[], finished: Order[], view: import("./view.js").ScreenView}} more
   */
  draw(scene, values, { awake, form, tickets, finished, view }) {
    const { words } = scene;
    this.wasClosed();
    const ticket = tickets.find((t) => t.id === this.ticket && !t.finished);
    const item = ticket?.shown.items.find((i) => i.id === this.line);
    if ((this.name === "ticket" && !ticket) || (this.name === "again" && !item)) this.name = ""; // another screen was faster
    const views = {
      "": () => nothing,
      recall: () => recallList(this.recent, scene, finished),
      find: () => this.find.view(tickets, words),
      settings: () => settingsPanel(values, words, { awake, listening: this.listening, restaurant: scene.restaurant }),
      help: () => html`<h2 id="panel-title">${words.help}</h2>${keyList(values, words, this.listening)}`,
      view: () => viewPanel(view, words),
      ticket: () => (ticket ? opened(ticket, scene) : nothing),
      again: () => (ticket && item ? again(ticket, item, scene) : nothing),
      forget: () => html`<h2 id="panel-title">${words.forgetTitle}</h2><p>${words.forgetWarning}</p><div class="buttons">
        <button type="button" data-act="close">${words.forgetNo}</button>
        <button type="button" data-act="forget-yes">${words.forgetYes}</button></div>`,
      token: () => html`<h2 id="panel-title">${words.newToken}</h2>${form.view(words)}`,
    };
    render(html`<div class="content">${views[this.name]()}</div>
      <button type="button" class="close" data-act="close">${words.close}</button>`, this.dialog);
    this.drawn = this.name;
    if (this.name && !this.dialog.open) this.dialog.showModal();
    if (!this.name && this.dialog.open) this.dialog.close();
    if (this.moveFocus) {
      this.moveFocus = false;
      /** @type {HTMLElement|null} */ (this.dialog.querySelector("button:not(:disabled), textarea"))?.focus();
    }
  }
}
