// Draws every part of the page from the board's state.
import { html, nothing, render } from "lit-html";
import * as icons from "./icons.js";
import { allday } from "./allday.js";
import { topBar } from "./bar.js";
import { elsewhere } from "./elsewhere.js";
import { dueText } from "./order_words.js";
import { paper } from "./paper.js";
import { lastingNotices } from "./lasting_notices.js";
import { connecting } from "./status.js";
import { divide, strip } from "./strip.js";
import { UNDO_MS } from "./ticket.js";
import { viewName } from "./view_panel.js";

/** @typedef {import("./ticket.js").Ticket} Ticket */

export class Screen {
  /**
   * @param {import("./board.js").Board} board
   * @param {(id: string) => HTMLElement} part of the page
   */
  constructor(board, part) {
    this.board = board;
    this.parts = {
      bar: part("bar"), notices: part("notices"), aside: part("aside"), strip: part("strip"), overlay: part("overlay"), said: part("said"), paper: part("paper"),
    };
    // The bar takes another line, or a panel opens: tickets have less room.
    new ResizeObserver(() => board.redraw()).observe(part("wall"));
  }

  /** Has screen readers read a text. @param {string} text */
  say(text) {
    this.parts.said.textContent = text;
  }

  draw() {
    const { board, parts } = this;
    const { client, panel, settings, signIn, tickets, wall, words } = board;
    const root = document.documentElement;
    if (root.lang !== words.lang) Object.assign(root, { lang: words.lang, dir: words.dir });
    const all = tickets.list();
    const open = tickets.open();
    const now = client.serverNow();
    const live = client.state.name === "live";
    const scene = {
      words, restaurant: client.restaurant, clock: board.clock, now, due: dueText, live, selected: board.selection.id, width: 0, narrow: false, small: false,
    };
    document.body.classList.toggle("notlive", !live);
    document.title = `${live || connecting(client.state, performance.now()) ? "" : "⚠ "}${open.length} · ${client.restaurant?.name ?? words.waiting}`;

    parts.aside.hidden = !settings.values.allday; // before the wall, whose room it takes
    render(settings.values.allday ? allday(all.filter((t) => !t.beginsAt), board.screenView, words) : nothing, parts.aside);
    const parted = divide(signIn.showsTickets ? all : [], settings.values);
    render(strip(parted, scene), parts.strip); // before the wall as well
    render(signIn.showsTickets ? wall.view(parted.wall, scene, settings.values) : nothing, wall.element);
    render(signIn.denied ? signIn.view(words) : this.empty(all.length), parts.overlay);
    render(this.bar(parted.wall, open, now), parts.bar);
    render(board.notices.view([...board.unseen.texts(words), ...lastingNotices(signIn, board.screenView, client, words, all)], wall.isCalm()), parts.notices);
    panel.draw(scene, settings.values, { awake: board.awake.held, form: signIn.form, tickets: all, finished: tickets.finishedHere(), view: board.screenView });
    render(board.printing ? paper(open, scene) : nothing, parts.paper);
  }

  /**
   * @param {Ticket[]} onWall
   * @param {Ticket[]} open
   * @param {number} now the server's
   */
  bar(onWall, open, now) {
    const { bumps, client, clock, screenView, settings, sound, wall, words } = this.board;
    const shown = new Set(wall.here().map((p) => p.id));
    const hidden = onWall.filter((t) => !shown.has(t.id));
    const last = bumps.moves.last();
    const count = (/** @type {string[]} */ ...stages) => open.filter((t) => stages.includes(t.stage) && !t.beginsAt).length;
    return topBar({
      state: client.state,
      monotonicNow: performance.now(),
      restaurant: client.restaurant?.name ?? "",
      shows: screenView.stations.length || screenView.unknown.length ? viewName(screenView, words) : "",
      noScreen: screenView.withoutScreen,
      time: client.restaurant ? clock.at(now) : "",
      counts: { pending: count("pending", "reopened"), preparing: count("preparing"), ready: count("ready") },
      page: wall.page,
      pages: wall.pages,
      more: hidden.length,
      elsewhere: elsewhere(hidden, client.restaurant, now, words),
      undo: last && performance.now() - last.at < UNDO_MS ? last.number : "",
      canUndo: last !== undefined && (client.state.name === "live" || last.cleared !== undefined),
      sound: !settings.values.sound ? "off" : sound.locked ? "locked" : "on",
      allday: settings.values.allday,
    }, words);
  }

  /** Nothing to cook, here or anywhere, or nothing known yet. @param {number} here how many tickets this screen shows */
  empty(here) {
    if (here) return nothing;
    const { client, screenView, tickets, words } = this.board;
    if (!client.hadQueue) return html`<div class="empty"><p>${words.waiting}</p></div>`;
    const elsewhere = tickets.all.size;
    if (elsewhere) return html`<div class="empty">${icons.pan}<p>${words.emptyHere(viewName(screenView, words))}</p><small>${words.notHere(elsewhere)}</small></div>`;
    return html`<div class="empty">${icons.pan}<p>${words.empty}</p><small>${words.emptyHint}</small></div>`;
  }
}
