// The kitchen board: puts the client, the tickets and what is on the screen together.
import { KitchenClient } from "../client/index.js";
import { restaurantIn, base } from "./address.js";
import { Alarms } from "./alarms.js";
import { Absence } from "./away.js";
import { Awake } from "./awake.js";
import { Bumps } from "./bumps.js";
import { Commands } from "./commands.js";
import { SignIn } from "./sign_in.js";
import { Frames } from "./frames.js";
import { wordsOf } from "./i18n.js";
import { Keyboard } from "./keyboard.js";
import { LastQueue } from "./last_queue.js";
import { listen } from "./listen.js";
import { Notices } from "./notices.js";
import { keepFiles } from "./offline.js";
import { Panel } from "./panel.js";
import { leadOf } from "./scheduled.js";
import { Screen } from "./screen.js";
import { Selection } from "./selection.js";
import { Settings } from "./settings.js";
import { Sightings } from "./sightings.js";
import { Sound } from "./sound.js";
import { FIRST_MS, summary } from "./status.js";
import { Tickets } from "./tickets.js";
import { ClockFace } from "./time.js";
import { Touch } from "./touch.js";
import { Unseen } from "./unseen.js";
import { ScreenView } from "./view.js";
import { Wall } from "./wall.js";

const ABSENCE_NOTICE_MS = 12_000; // what changed while the board was not live
const TOKEN_NOTICE_MS = 20_000; // whether a new token was accepted

export class Board {
  /** @param {string} restaurant */
  constructor(restaurant) {
    const now = () => performance.now();
    const redraw = () => this.redraw();
    this.frames = new Frames(() => this.draw());
    this.printing = false;
    this.clock = new ClockFace("UTC");
    this.settings = new Settings();
    this.signIn = new SignIn(restaurant, {
      client: () => this.client, words: () => this.words, changed: () => this.signedInOrNot(), say: (text) => this.notices.say(text, "problem", TOKEN_NOTICE_MS),
    });
    this.client = new KitchenClient({ restaurant, url: base.href, token: (reason, current) => this.signIn.token(reason, current) });
    this.lastQueue = new LastQueue(restaurant, this.client);
    this.tickets = new Tickets(now, () => this.client.serverNow());
    this.screenView = new ScreenView(restaurant, this.client);
    this.notices = new Notices(now, () => this.words, redraw);
    this.bumps = new Bumps(this.client, this.tickets, this.notices, redraw);
    this.absence = new Absence(this.client);
    this.commands = new Commands(this);
    this.touch = new Touch(
      (act, data, finger) => this.commands.press(act, data, finger), (target) => this.grey(target), (target) => this.steady(target),
    );
    this.wall = new Wall(byId("wall"), byId("bench"), this.touch);
    this.selection = new Selection(this.wall.element);
    this.panel = new Panel(/** @type {HTMLDialogElement} */ (byId("panel")), redraw);
    this.keyboard = new Keyboard(this);
    this.sound = new Sound(this.settings, redraw);
    this.alarms = new Alarms({ tickets: this.tickets, wall: this.wall, settings: this.settings, sound: this.sound, client: this.client, now });
    this.sightings = new Sightings(this.client, [this.wall.element, byId("strip")], this.tickets);
    this.unseen = new Unseen(now, this.sound);
    this.awake = new Awake(redraw);
    this.screen = new Screen(this, byId);
    listen(this);
  }

  start() {
    const last = this.signIn.hasToken ? this.lastQueue.read() : null;
    if (last) {
      this.absence.begin(last.serverAt);
      this.client.restore({ ...last, age: Date.now() - last.at });
    }
    this.redraw();
    this.signIn.start();
    setTimeout(() => this.redraw(), FIRST_MS);
    this.tick();
  }

  /** At every full second of the server's clock, so that all screens of a kitchen change together. */
  tick() {
    setTimeout(() => this.tick(), 1000 - (this.client.serverNow() % 1000) + 5);
    this.lastQueue.note();
    this.redraw();
  }

  /** @returns {import("./i18n.js").Words} */
  get words() {
    return wordsOf(this.settings.values.lang);
  }

  /** The server has accepted a token, or refused it: the dialog for a new one closes where it was accepted. */
  signedInOrNot() {
    const { form, denied } = this.signIn;
    if (!denied && this.panel.name === "token" && !form.problem && !form.refusal && !form.trying) this.panel.open("");
    this.redraw();
  }

  /** What this screen shows. */
  get view() {
    return this.screenView.view;
  }

  /** How many screens show each station; null until the server has said so. */
  get screens() {
    return this.screenView.screens;
  }

  /** What this or other screens show may have changed: takes it, and plays sounds for what comes here. */
  look() {
    const { stations, view, screens } = this.screenView;
    this.alarms.add(this.tickets.look(stations, view, screens));
  }

  // --- what the kitchen says ---

  /** @param {import("../client/queue.js").Change} change */
  changed(change) {
    if (change.snapshot) this.sightings.again();
    const rings = this.tickets.apply(change);
    this.alarms.add(rings);
    if (change.snapshot && !change.first) this.explain(change);
    else {
      const fresh = rings.filter((r) => r.chime === "new").map((r) => `${this.words.new} ${this.tickets.get(r.id)?.number ?? ""}`);
      if (fresh.length) this.screen.say(fresh.join(", "));
    }
    this.redraw();
  }

  /** A fresh queue after an absence: says what happened meanwhile. @param {import("../client/queue.js").Change} change */
  async explain(change) {
    const away = this.absence.leftAt > 0;
    const long = this.absence.long();
    await null; // the client folds the queue in before it says that it is live, and only then it may be asked
    const happened = await this.absence.explain(change, (order, gone) => {
      const before = change.gone.find((g) => g.order.id === order.id);
      const ticket = this.tickets.put(before?.order ?? order);
      ticket.fresh = false;
      if (!ticket.isHere) return this.tickets.all.delete(ticket.id);
      this.tickets.strike(ticket, gone);
      this.alarms.add([{ chime: "void", id: order.id }]);
    });
    this.absence.end();
    const anything = Object.values(happened).some((n) => n > 0);
    if (long || (away && anything) || happened.cancelled || happened.deleted) this.notices.say(summary(happened, this.words), "back", ABSENCE_NOTICE_MS);
    this.redraw();
  }

  /** Once, when the page has nothing more urgent to load. */
  keepFiles() {
    this.keepFiles = () => {};
    keepFiles();
  }

  /** Nothing of the kitchen stays on the screen or on the device. */
  clear() {
    this.lastQueue.forget();
    this.tickets.all.clear();
  }

  /** Deletes the token and the last queue, clears the screen, and leaves the page. */
  forget() {
    this.signIn.forget();
    this.clear();
    this.panel.open("");
    this.draw();
    this.signIn.leave();
  }

  // --- what a cook does ---

  /** @param {FocusEvent} e */
  focused(e) {
    const id = /** @type {HTMLElement} */ (e.target).closest?.("article")?.dataset.id;
    if (!id || id === this.selection.id) return;
    this.selection.id = id;
    this.redraw();
  }

  /** Says why a button does nothing at the moment. @param {HTMLElement} target */
  grey(target) {
    if (this.client.state.name !== "live") this.notices.problem("offline", "");
    else if (target.dataset.act === "undo") this.notices.say(this.words.nothingToUndo, "plain");
  }

  /** @param {HTMLElement} target */
  steady(target) {
    const ticket = target.closest("article")?.dataset.id;
    if (!ticket || this.wall.steady(ticket)) return true;
    this.notices.say(this.words.moved, "plain");
    return false;
  }

  /** @param {boolean} on */
  print(on) {
    this.printing = on;
    this.draw();
  }

  // --- what is on the screen ---

  redraw() {
    this.frames.plan();
  }

  /** A fault while drawing is shown: cooks would trust a frozen screen. */
  draw() {
    try {
      this.drawAll();
      document.dispatchEvent(new Event("kitchen-running"));
    } catch (e) {
      console.error(e);
      document.dispatchEvent(new CustomEvent("kitchen-fault", { detail: String(e) }));
    }
  }

  drawAll() {
    this.bumps.moves.steppedAside(this.tickets.expire());
    const begun = this.tickets.begin(leadOf(this.settings.values.lead, this.client.restaurant));
    if (begun.length) this.alarms.add(begun);
    if (!this.tickets.get(this.selection.id)) this.selection.id = null;
    this.screen.draw();
    this.alarms.look();
    this.sightings.look();
    if (!this.panel.name) this.selection.focus();
    if (this.wall.hasGaps || this.notices.waits) this.frames.planLater();
  }
}

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

new Board(restaurantIn(location.pathname)).start();
