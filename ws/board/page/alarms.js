// Sounds: which events play one, and which play again.
import { Lateness } from "./lateness.js";

/** @typedef {import("./ticket.js").Ticket} Ticket */
/** @typedef {import("./tickets.js").Ring} Ring */
/**
 * What sounds depend on.
 * @typedef {object} Scene
 * @property {import("./tickets.js").Tickets} tickets
 * @property {Pick<import("./wall.js").Wall, "here">} wall
 * @property {{values: Pick<import("./settings.js").Values, "insist"|"readySound">}} settings
 * @property {Pick<import("./sound.js").Sound, "play">} sound
 * @property {Pick<import("../client/client.js").KitchenClient, "state"|"restaurant"|"serverNow"|"hadQueue">} client
 * @property {() => number} now the monotonic clock
 */

/** Tickets that nobody has touched ring again after this long, where the settings say so. */
export const AGAIN_MS = 30_000;
/** A connection that is back within this long, as when a node is replaced, is no alarm. */
export const NOT_LIVE_MS = 3_000;
/** NOT LIVE rings again after this long, where the settings say so. */
export const STILL_NOT_LIVE_MS = 60_000;

export class Alarms {
  /** @param {Scene} scene */
  constructor(scene) {
    this.scene = scene;
    this.lateness = new Lateness();
    /** Sounds of tickets that are not drawn yet, by message. @type {Ring[][]} */
    this.waiting = [];
    this.rangAt = -Infinity; // when an untouched ticket last played a sound
    this.lostAt = Infinity; // since when it is not live
    this.warnedAt = -Infinity; // that it is not live
  }

  /**
   * Rings once the tickets have their places on the wall: each chime once.
   * @param {Ring[]} rings the sounds for one message
   */
  add(rings) {
    this.waiting.push(rings.filter((r) => r.chime !== "ready" || this.scene.settings.values.readySound));
  }

  /** After drawing. */
  look() {
    const { client, sound, tickets } = this.scene;
    const late = this.lateness.look(tickets.open(), client.restaurant, client.serverNow());
    const all = [...this.waiting, late.map((id) => ({ chime: /** @type {const} */ ("late"), id }))];
    this.waiting = [];
    for (const rings of all) for (const chime of new Set(rings.map((r) => r.chime))) sound.play(chime);
    const rings = all.flat();
    const here = new Set(this.scene.wall.here().map((p) => p.id));
    if (rings.some(({ chime, id }) => chime !== "ready" && tickets.get(id) && !here.has(id))) sound.play("elsewhere");
    this.insist(rings);
    this.warn();
  }

  /** Plays again for tickets that nobody has touched or started. @param {Ring[]} rings */
  insist(rings) {
    const { now, settings, sound, tickets } = this.scene;
    const untouched = tickets.open().some((t) => (t.stage === "pending" && !t.touched && !t.beginsAt) || (t.stage === "reopened" && t.seen));
    if (!untouched || rings.some((r) => r.chime === "new")) this.rangAt = now();
    else if (settings.values.insist && now() - this.rangAt >= AGAIN_MS) {
      this.rangAt = now();
      sound.play("again");
    }
  }

  /** A cook who does not look at the screen must hear that new orders do not arrive. */
  warn() {
    const { client, now, settings, sound } = this.scene;
    if (client.state.name === "live" || !client.hadQueue) {
      this.lostAt = Infinity;
      this.warnedAt = -Infinity;
      return;
    }
    this.lostAt = Math.min(this.lostAt, now());
    if (now() - this.lostAt < NOT_LIVE_MS) return;
    if (this.warnedAt !== -Infinity && !(settings.values.insist && now() - this.warnedAt >= STILL_NOT_LIVE_MS)) return;
    this.warnedAt = now();
    sound.play("notlive");
  }
}
