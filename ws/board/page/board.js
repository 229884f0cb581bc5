// The kitchen board: puts the client, the tickets and what is on the screen together.
import { html, nothing, render } from "lit-html";
import { KitchenClient } from "../client.js";
import { allday } from "./allday.js";
import { Absence } from "./away.js";
import { Awake, toggleFullScreen } from "./awake.js";
import { topBar } from "./bar.js";
import { Bumps } from "./bumps.js";
import { neighbour } from "./grid.js";
import { wordsOf } from "./i18n.js";
import { actionOf, assign, defaultKeys, nameOf } from "./keys.js";
import { paper } from "./paper.js";
import { dropPass, keepPass, onOtherTab, passOf, rememberBoard, takeFromAddress } from "./pass.js";
import { PassForm } from "./pass_form.js";
import { recallList } from "./recall.js";
import { Settings } from "./settings.js";
import { keyList, settingsPanel } from "./settings_panel.js";
import { Sound } from "./sound.js";
import { summary } from "./status.js";
import { Tickets, UNDO_MS } from "./tickets.js";
import { ClockFace, duration, urgency } from "./time.js";
import { Touch } from "./touch.js";
import { Wall } from "./wall.js";

/** @typedef {import("./i18n.js").Words} Words */
/** @typedef {""|"recall"|"settings"|"help"|"pass"} Panel */

const NOTICE_MS = 6000;
const BACK_MS = 12_000;

class Board {
  /** @param {string} restaurant */
  constructor(restaurant) {
    this.restaurant = restaurant;
    this.dialog = /** @type {HTMLDialogElement} */ (byId("panel"));
    this.settings = new Settings();
    this.clock = new ClockFace("UTC");
    /** @type {Panel} */
    this.panel = "";
    /** @type {import("../client.js").Order[]|null} */
    this.recent = null;
    /** @type {string|null} the action that waits for its key */
    this.listening = null;
    /** @type {string|null} */
    this.selected = null;
    /** @type {{text: string, until: number, kind: string}[]} */
    this.notices = [];
    /** @type {Set<string>} tickets that were announced as late */
    this.late = new Set();
    this.printing = false;
    this.planned = false;
    /** @type {""|"passMissing"|"passRefused"|"passForeign"} */
    this.shut = "";

    this.client = new KitchenClient({ restaurant, token: (reason, refused) => this.pass(reason, refused) });
    this.tickets = new Tickets(() => performance.now());
    this.bumps = new Bumps(this.client, this.tickets, {
      problem: (code, number, status) => this.problem(code, number, status),
      redraw: () => this.redraw(),
    });
    this.absence = new Absence(this.client);
    this.touch = new Touch((act, target) => this.act(act, target), (target) => this.steady(target));
    this.wall = new Wall(byId("wall"), byId("bench"), this.touch);
    this.sound = new Sound(this.settings, () => this.redraw());
    this.awake = new Awake(() => this.redraw());
    this.form = new PassForm(restaurant, (pass) => this.newPass(pass.restaurant, pass.token), () => this.redraw());
    this.listen();
  }

  listen() {
    const client = this.client;
    client.addEventListener("change", (e) => this.changed(/** @type {CustomEvent} */ (e).detail));
    client.addEventListener("state", (e) => {
      this.absence.note(/** @type {CustomEvent} */ (e).detail);
      this.redraw();
    });
    client.addEventListener("restaurant", (e) => {
      const { timezone, name } = /** @type {CustomEvent} */ (e).detail;
      this.clock = new ClockFace(timezone);
      rememberBoard(this.restaurant, name);
    });
    client.addEventListener("refused", (e) => {
      const { code } = /** @type {CustomEvent} */ (e).detail;
      this.shut = code === 4003 ? "passForeign" : client.token ? "passRefused" : "passMissing";
      dropPass(this.restaurant, client.token);
      this.redraw();
    });
    client.addEventListener("problem", (e) => {
      const error = /** @type {import("../client.js").KitchenError} */ (/** @type {CustomEvent} */ (e).detail);
      console.warn("the server reports", error.code, error.message);
    });
    this.settings.addEventListener("change", () => this.redraw());
    onOtherTab(this.restaurant, (token) => this.newPass(this.restaurant, token));
    addEventListener("hashchange", () => {
      const token = takeFromAddress();
      if (token) this.newPass(this.restaurant, token);
    });
    addEventListener("keydown", (e) => this.keyDown(e));
    addEventListener("keyup", (e) => {
      if (this.swallow === e.code) e.preventDefault(); // or a button in focus would take Space a second time
      this.swallow = "";
    });
    addEventListener("focusin", (e) => this.focused(e));
    addEventListener("resize", () => this.redraw());
    addEventListener("beforeprint", () => this.print(true));
    addEventListener("afterprint", () => this.print(false));
    document.addEventListener("visibilitychange", () => this.redraw());
    document.addEventListener("contextmenu", (e) => e.preventDefault());
    this.dialog.addEventListener("close", () => {
      if (this.panel === this.shown) this.open(""); // else another key has already opened the next one
    });
  }

  swallow = "";

  start() {
    this.redraw();
    this.client.start();
    this.tick();
  }

  /** At every full second of the server's clock, so that all screens of a kitchen change together. */
  tick() {
    setTimeout(() => this.tick(), 1000 - (this.client.serverNow() % 1000) + 5);
    this.redraw();
  }

  // --- the pass ---

  /**
   * @param {import("../client.js").TokenReason} reason
   * @param {string|null} refused
   */
  pass(reason, refused) {
    const token = passOf(this.restaurant);
    if (reason === "refused") return token !== refused ? token : null; // another tab may have got a fresh one
    return token ?? this.client.token;
  }

  /**
   * @param {string} restaurant
   * @param {string} token
   */
  newPass(restaurant, token) {
    keepPass(restaurant, token);
    if (restaurant !== this.restaurant) return location.assign(`/kitchen/${restaurant}`);
    this.shut = "";
    if (this.panel === "pass") this.open("");
    this.client.renew(token);
    this.redraw();
  }

  // --- what the kitchen says ---

  /** @param {import("../client.js").Change} change */
  changed(change) {
    const sounds = this.tickets.apply(change);
    for (const chime of sounds) this.sound.play(chime);
    if (change.snapshot && !change.first) this.explain(change);
    else if (change.created.length && !change.first) byId("said").textContent = change.created.map((o) => `${this.words.new} #${o.order_number}`).join(", ");
    this.redraw();
  }

  /** @param {import("../client.js").Change} change */
  async explain(change) {
    const away = this.absence.leftAt > 0;
    const happened = await new Promise((resolve) => {
      // The client folds the queue in before it says that it is live, and only then it may be asked.
      queueMicrotask(() => resolve(this.absence.explain(change, (order, gone) => {
        const [before] = change.gone.filter((g) => g.order.id === order.id);
        const ticket = this.tickets.put(before?.order ?? order);
        ticket.fresh = false;
        this.tickets.strike(ticket, gone);
        this.sound.play("void");
      })));
    });
    this.absence.leftAt = 0;
    if (away || happened.cancelled || happened.deleted) this.notice(summary(happened, this.words), "back", BACK_MS);
    this.redraw();
  }

  /**
   * @param {string} code
   * @param {string} number
   * @param {import("../client.js").Status} [status]
   */
  problem(code, number, status) {
    const w = this.words;
    /** @type {Record<string, string>} */
    const texts = {
      conflict: w.faster(number, this.statusWord(status)),
      offline: number ? `${number}: ${w.notWhileOffline}` : w.notWhileOffline,
      timeout: w.noAnswer(number),
      order_not_found: w.notFound(number),
      not_allowed: w.notAllowed(number),
      forbidden: w.forbidden,
    };
    this.notice(texts[code] ?? w.failed(number), "problem");
  }

  /** @param {import("../client.js").Status} [status] */
  statusWord(status) {
    const w = this.words;
    return { pending: w.statusPending, preparing: w.statusPreparing, ready: w.ready, completed: w.done, cancelled: w.cancelled }[status ?? "pending"];
  }

  /**
   * @param {string} text
   * @param {string} kind
   * @param {number} [ms]
   */
  notice(text, kind, ms = NOTICE_MS) {
    this.notices = this.notices.filter((n) => n.text !== text).slice(-2);
    this.notices.push({ text, kind, until: performance.now() + ms });
    this.redraw();
  }

  // --- what a cook does ---

  /**
   * @param {string} act
   * @param {HTMLElement} target
   */
  act(act, target) {
    const { id = "", name = "", value = "" } = target.dataset;
    switch (act) {
      case "select":
        this.tickets.touch(id);
        this.selected = id;
        break;
      case "bump":
        this.selected = id;
        this.bumps.bump(id);
        break;
      case "back":
        this.bumps.back(id);
        break;
      case "unfinish":
        this.unfinish(id);
        break;
      case "set":
        this.settings.set({ [name]: name === "sound" ? value === "true" : value });
        if (name === "sound" || name === "volume") this.sound.play("new");
        break;
      case "listen":
        this.listening = name;
        break;
      case "default-keys":
        this.settings.set({ keys: defaultKeys() });
        break;
      case "recall": {
        const order = this.recent?.find((o) => o.id === id);
        if (order) this.bumps.recall(id, `#${order.order_number}`, "ready", order.version);
        this.open("");
        break;
      }
      case "forget":
        dropPass(this.restaurant, null);
        this.client.stop();
        location.assign("/");
        break;
      default:
        this.command(act);
    }
    this.redraw();
  }

  /**
   * What keys and the buttons of the bar have in common.
   * @param {string} name
   */
  command(name) {
    switch (name) {
      case "undo":
        this.bumps.undo().then((was) => was || this.notice(this.words.nothingToUndo, "plain"));
        break;
      case "recall-list":
      case "recall":
        this.panel === "recall" ? this.open("") : this.openRecall();
        break;
      case "settings":
      case "help":
        this.open(this.panel === name ? "" : name);
        break;
      case "new-pass":
        this.open("pass");
        break;
      case "allday":
        this.settings.set({ allday: !this.settings.values.allday });
        break;
      case "mute":
        // The touch that unlocks the browser's sound does not also switch it off.
        if (this.sound.locked && this.settings.values.sound) this.sound.play("new");
        else this.settings.set({ sound: !this.settings.values.sound });
        break;
      case "fullscreen":
        toggleFullScreen();
        break;
      case "print":
        this.open("");
        print();
        break;
      case "close":
        this.open("");
        break;
      case "next-page":
      case "nextPage":
        this.turn(this.wall.page + 1);
        break;
      case "previous-page":
      case "previousPage":
        this.turn(this.wall.page - 1);
        break;
      case "firstPage":
        this.turn(0);
        break;
      case "lastPage":
        this.turn(this.wall.pages - 1);
        break;
    }
    this.redraw();
  }

  /** @param {number} page */
  turn(page) {
    this.wall.page = Math.max(0, Math.min(page, this.wall.pages - 1));
    this.selected = null;
  }

  /** @param {string} id */
  unfinish(id) {
    // Undo takes moves back in their order; a ticket's own button takes back its own.
    const i = this.bumps.moves.findLastIndex((m) => m.id === id);
    const [move] = i < 0 ? [] : this.bumps.moves.splice(i, 1);
    if (!move) return;
    this.bumps.moves.push(move);
    this.bumps.undo();
  }

  /** @param {KeyboardEvent} e */
  keyDown(e) {
    const name = nameOf(e);
    if (this.listening) {
      e.preventDefault();
      if (name !== "Escape") this.settings.set({ keys: assign(this.settings.values.keys, this.listening, name) });
      this.listening = null;
      return this.redraw();
    }
    if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing) return;
    const focus = /** @type {Element} */ (e.target);
    if (focus instanceof HTMLInputElement || focus instanceof HTMLTextAreaElement) return;
    const action = actionOf(this.settings.values.keys, name);
    if (!action) return;
    // The browser has closed the dialog, and its event has not come yet.
    if (this.panel && this.panel === this.shown && !this.dialog.open) this.open("");
    if (this.panel) {
      // A dialog is its own world: only what closes it, and moving up and down its buttons.
      if (action === "recall" || action === "settings" || action === "help") this.command(action);
      else if (action === "down" || action === "up") this.moveFocus(action === "down" ? 1 : -1);
      else return;
      return e.preventDefault();
    }
    const button = focus.closest?.("button, a, summary");
    if (action === "bump" && button && !button.classList.contains("bump")) return; // the button's own business
    e.preventDefault();
    this.swallow = e.code;
    this.touch.note();
    if (e.repeat && !["left", "right", "up", "down", "nextPage", "previousPage"].includes(action)) return;
    this.keyAction(action, name);
    this.redraw();
  }

  /**
   * @param {string} action
   * @param {string} name
   */
  keyAction(action, name) {
    const selected = this.tickets.get(this.selected);
    switch (action) {
      case "select": {
        const id = this.wall.keys(this.tickets.list())[(Number(name) + 9) % 10];
        if (!id) return;
        if (this.settings.values.digits === "bump") {
          if (this.wall.steady(id)) this.bumps.bump(id);
        } else this.tickets.get(id)?.gone || this.tickets.touch(id);
        return this.select(id);
      }
      case "bump":
        if (selected) this.bumps.bump(selected.id);
        return;
      case "start":
        if (selected?.status === "pending") this.bumps.bump(selected.id);
        return;
      case "back":
        if (selected) this.bumps.back(selected.id);
        return;
      case "left":
      case "right":
      case "up":
      case "down": {
        const next = neighbour(this.wall.here(), this.selected, action, this.words.dir === "rtl");
        if (next) this.select(next.id);
        return;
      }
      case "cancel":
        this.selected = null;
        if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
        return;
      default:
        this.command(action);
    }
  }

  /** @param {string} id */
  select(id) {
    this.selected = id;
    this.focusSelected = true;
  }

  focusSelected = false;

  /** @param {FocusEvent} e */
  focused(e) {
    const id = /** @type {HTMLElement} */ (e.target).closest?.("article")?.dataset.id;
    if (id && id !== this.selected) {
      this.selected = id;
      this.redraw();
    }
  }

  /** @param {number} by */
  moveFocus(by) {
    const all = [...this.dialog.querySelectorAll("button:not(:disabled)")];
    const i = all.indexOf(/** @type {Element} */ (document.activeElement));
    /** @type {HTMLElement|undefined} */ (all[Math.max(0, Math.min(all.length - 1, i + by))])?.focus();
  }

  /** @param {HTMLElement} target */
  steady(target) {
    const ticket = target.closest("article")?.dataset.id;
    return !ticket || this.wall.steady(ticket);
  }

  openRecall() {
    this.recent = null;
    this.open("recall");
    this.client.listRecent().then(
      (orders) => {
        this.recent = orders;
        this.focusPanel = true;
        this.redraw();
      },
      (e) => {
        this.open("");
        this.problem(e.code, "");
      },
    );
  }

  focusPanel = false;
  /** What the dialog shows at the moment. @type {Panel} */
  shown = "";

  /** @param {Panel} panel */
  open(panel) {
    if (this.panel === panel) return;
    this.panel = panel;
    this.listening = null;
    this.focusPanel = Boolean(panel);
    this.redraw();
  }

  /** @param {boolean} on */
  print(on) {
    this.printing = on;
    this.draw();
  }

  // --- what is on the screen ---

  /** @returns {Words} */
  get words() {
    return wordsOf(this.settings.values.lang);
  }

  /** Draws before the next frame, however many reasons there are. */
  redraw() {
    if (this.planned) return;
    this.planned = true;
    const now = () => {
      if (this.planned) this.draw();
    };
    if (document.visibilityState === "visible") requestAnimationFrame(now);
    else setTimeout(now, 250);
  }

  draw() {
    this.planned = false;
    const words = this.words;
    const root = document.documentElement;
    if (root.lang !== words.lang) Object.assign(root, { lang: words.lang, dir: words.dir });
    this.tickets.expire();
    const steady = performance.now();
    this.notices = this.notices.filter((n) => n.until > steady);
    const tickets = this.tickets.list();
    const open = this.tickets.open();
    const now = this.client.serverNow();
    const live = this.client.state.name === "live";
    if (this.selected && !this.tickets.get(this.selected)) this.selected = null;
    const scene = { words, restaurant: this.client.restaurant, clock: this.clock, now, live, selected: this.selected };
    this.soundLate(open, now);
    document.body.classList.toggle("dead", !live);
    document.title = `${live ? "" : "⚠ "}${open.length} · ${this.client.restaurant?.name ?? words.waiting}`;

    byId("aside").hidden = !this.settings.values.allday;
    render(this.settings.values.allday ? allday(tickets, words) : nothing, byId("aside"));
    render(this.shut ? nothing : this.wall.view(tickets, scene, this.settings.values), this.wall.element);
    render(this.overlay(tickets.length, words), byId("overlay"));
    render(this.bar(tickets, open, now, words), byId("bar"));
    render(this.noticeList(now, words), byId("notices"));
    this.drawPanel(scene);
    render(this.printing ? paper(open, scene) : nothing, byId("paper"));
    this.keepFocus();
    if (this.wall.unsettled) this.settleLater();
  }

  /**
   * @param {import("./tickets.js").Ticket[]} tickets
   * @param {import("./tickets.js").Ticket[]} open
   * @param {number} now
   * @param {Words} words
   */
  bar(tickets, open, now, words) {
    const shown = new Set(this.wall.here().map((p) => p.id));
    const last = this.bumps.last();
    const left = last ? Math.ceil((UNDO_MS - (performance.now() - last.at)) / 1000) : 0;
    const count = (/** @type {string} */ status) => open.filter((t) => t.status === status).length;
    const counts = { pending: count("pending"), preparing: count("preparing"), ready: count("ready") };
    return topBar({
      state: this.client.state,
      steadyNow: performance.now(),
      restaurant: this.client.restaurant?.name ?? "",
      time: this.client.restaurant ? this.clock.at(now) : "",
      counts,
      page: this.wall.page,
      pages: this.wall.pages,
      more: tickets.filter((t) => !shown.has(t.id)).length,
      undo: last && left > 0 ? { number: last.number, left } : null,
      canUndo: this.client.state.name === "live" && last !== undefined,
      sound: !this.settings.values.sound ? "off" : this.sound.locked ? "locked" : "on",
      allday: this.settings.values.allday,
    }, words);
  }

  /**
   * @param {number} count
   * @param {Words} words
   */
  overlay(count, words) {
    if (this.shut) return html`<div class="entry"><h2>${words.enterTitle}</h2><p class="why">${words[this.shut]}</p>${this.form.view(words)}</div>`;
    if (count) return nothing;
    const known = this.client.hadQueue;
    return html`<div class="empty"><p>${known ? words.empty : words.waiting}</p>${known ? html`<small>${words.emptyHint}</small>` : nothing}</div>`;
  }

  /**
   * @param {number} now
   * @param {Words} words
   */
  noticeList(now, words) {
    const ending = this.client.state.name === "live" && now >= this.client.renewAt;
    return html`${this.notices.map((n) => html`<p class=${n.kind}>${n.text}</p>`)}
      ${ending ? html`<p class="problem">${words.passEnds(duration(this.client.expires - now))}</p>` : nothing}`;
  }

  /** @param {import("./tile.js").Scene} scene */
  drawPanel(scene) {
    const { words } = scene;
    const { values } = this.settings;
    const views = {
      "": () => nothing,
      recall: () => recallList(this.recent, scene),
      settings: () => settingsPanel(values, words, { awake: this.awake.held, listening: this.listening }),
      help: () => keyList(values, words, this.listening),
      pass: () => html`<h2>${words.newPass}</h2>${this.form.view(words)}`,
    };
    render(html`<div class="content">${views[this.panel]()}</div>
      <button type="button" class="close" data-act="close">${words.close}</button>`, this.dialog);
    this.shown = this.panel;
    if (this.panel && !this.dialog.open) this.dialog.showModal();
    if (!this.panel && this.dialog.open) this.dialog.close();
    if (this.focusPanel) {
      this.focusPanel = false;
      /** @type {HTMLElement|null} */ (this.dialog.querySelector("button:not(:disabled), textarea"))?.focus();
    }
  }

  /** A key that selects also moves the focus, so that a screen reader says what was selected. */
  keepFocus() {
    if (!this.focusSelected || this.panel) return;
    this.focusSelected = false;
    const ticket = [...this.wall.element.querySelectorAll("article")].find((a) => a.dataset.id === this.selected);
    const button = /** @type {HTMLElement|null} */ (ticket?.querySelector("button.bump:not(:disabled)") ?? ticket ?? null);
    button?.focus({ preventScroll: true });
  }

  /** When the fingers are gone, gaps close. */
  settleLater() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.redraw(), 200);
  }

  /** @type {any} */
  settling = 0;

  /**
   * @param {import("./tickets.js").Ticket[]} open
   * @param {number} now
   */
  soundLate(open, now) {
    const late = open.filter((t) => t.status !== "ready" && urgency(t.order, this.client.restaurant, now) === "late").map((t) => t.id);
    const news = late.filter((id) => !this.late.has(id));
    // What was late before the screen was looked at is no news.
    if (news.length && this.heardLate) this.sound.play("late");
    if (this.client.hadQueue) this.heardLate = true;
    this.late = new Set(late);
  }

  heardLate = false;
}

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

const restaurant = (location.pathname.split("/")[2] ?? "").toLowerCase();
const token = takeFromAddress();
if (token) keepPass(restaurant, token);
new Board(restaurant).start();
