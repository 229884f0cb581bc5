// The wall of tickets: places each ticket, and moves none under a finger.
import { html } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { STEPS, chosenDensity, nextDensity, smallest } from "./density.js";
import { pack } from "./grid.js";
import { Measure } from "./measure.js";
import { rowsOfTicket } from "./line_rows.js";
import { isGlued, isBanner } from "./rows.js";
import { tile } from "./tile.js";

/** @typedef {import("./grid.js").Place} Place */
/** @typedef {import("./ticket.js").Ticket} Ticket */

/** Nothing moves before this long after the last touch or key. */
const CALM_MS = 700;
/** A finger that lands within this time after a ticket moved meant another ticket: people do not react faster. */
const MOVED_MS = 250;
/** Back to the first page when nobody has touched anything for this long. */
const FIRST_PAGE_MS = 30_000;
/**
 * A ticket keeps room for the banner that says CHANGED or CANCELLED, in its text size and with the line below it in pixels, so
 * that one does not move the tickets behind it.
 */
const SPARE = { text: 2.4, line: 2 };
/** Cells with less room for rows, in the text size, have no such banner: that room would cost a second cell too often. */
const ROOMY = 17;
/** How many tickets a page has where somebody chose that: columns and rows of a screen that is wider than high. */
const DENSITY = /** @type {Record<string, [number, number]>} */ ({ 6: [3, 2], 8: [4, 2], 10: [5, 2], 15: [5, 3], 20: [5, 4], 28: [7, 4] });
/** The two borders of a ticket, in pixels. */
const FRAME = 6;
/** The width and height that a cell has at least, in pixels, on small screens. */
const LEAST = 230;
/** The same in the text size of tickets. */
const CELL = { width: 21.5, height: 21 };
/** A cell with less room for rows than this is wide instead, so that a long name has lines enough. Both in the text size. */
const LOW = { room: 11, width: 30 };
/** Below this width, in the text size of tickets, a header has a third line. */
const NARROW = 20;

export class Wall {
  /**
   * @param {HTMLElement} element
   * @param {HTMLElement} bench
   * @param {import("./touch.js").Touch} touch
   */
  constructor(element, bench, touch) {
    this.element = element;
    this.measure = new Measure(bench);
    this.bench = bench;
    this.touch = touch;
    /** @type {Place[]} */
    this.places = [];
    /** @type {import("./grid.js").Cursor} */
    this.cursor = { taken: [] };
    this.setup = "";
    this.page = 0;
    this.pages = 1;
    this.turnedAt = -Infinity; // by the monotonic clock; also by keys and screen readers
    this.unit = 16; // pixels
    this.cellWidth = CELL.width; // in the text size of tickets
    /** @type {Map<string, number>} when each ticket last moved */
    this.moved = new Map();
    this.hasGaps = false;
    this.dense = 0; // how small tickets are drawn, an index of STEPS
    this.densest = 0; // the most that this screen allows
    this.drawn = 0; // as the style sheet has it
  }

  /** Whether nobody is touching the screen, nor did so a moment ago: only then may anything move. */
  isCalm() {
    return !this.touch.within(CALM_MS);
  }

  /**
   * Places the tickets, and returns what to draw.
   * @param {Ticket[]} tickets oldest first
   * @param {import("./tile.js").Scene} scene
   * @param {import("./settings.js").Values} settings
   * @param {number} [way] 1 or -1: tickets have just been made smaller, or larger, and may change no other way
   * @returns {import("lit-html").TemplateResult}
   */
  view(tickets, scene, settings, way = 0) {
    const cells = this.cells(settings);
    const setup = JSON.stringify([cells, this.drawn, settings.lang, settings.size]);
    const small = cells.height <= ROOMY * this.unit;
    const withRows = tickets.map((ticket) => {
      const rows = rowsOfTicket(ticket);
      return { ticket, rows: small ? rows.filter((r) => !isBanner(r)) : rows };
    });
    const heights = this.measure.heights(withRows, setup, scene);
    heights.forEach((h, i) => {
      const rows = withRows[i]?.rows ?? [];
      h.glued = rows.map(isGlued);
      if (!small && !rows.some(isBanner)) h.heights = [(h.heights[0] ?? 0) + SPARE.text * this.unit + SPARE.line, ...h.heights.slice(1)];
    });
    const calm = this.isCalm();
    if (calm || setup !== this.setup) {
      this.keepMoves(pack(heights, cells));
      this.setup = setup;
      this.hasGaps = false;
    } else {
      // Somebody has just touched the screen: placed tickets stay, new ones go to the end, and gaps stay.
      const placed = new Set(this.places.map((p) => p.id));
      const { places, cursor } = pack(heights.filter(({ id }) => !placed.has(id)), cells, this.cursor);
      this.places = this.places.concat(places);
      this.cursor = cursor;
      this.hasGaps = true;
    }
    this.pages = Math.max(1, ...this.places.map((p) => p.page + 1));
    if (calm && settings.density === "auto") {
      // At once and not in the next frame, or tickets would jump. One way only, so that it ends.
      const taken = this.adapt(cells, way);
      if (taken) return this.view(tickets, scene, settings, taken);
    }
    const stays = this.touch.within(FIRST_PAGE_MS) || performance.now() - this.turnedAt < FIRST_PAGE_MS;
    this.page = stays ? Math.min(this.page, this.pages - 1) : 0;
    const byId = new Map(withRows.map((x) => [x.ticket.id, x]));
    const here = this.here();
    const keys = this.keys(tickets);
    const drawn = { ...scene, width: this.cellWidth, narrow: this.cellWidth < NARROW, small };
    return html`${repeat(here, (p) => p.id, (p) => {
      const x = byId.get(p.id);
      return x ? tile(x.ticket, p, x.rows, keys.indexOf(p.id) < 0 ? -1 : (keys.indexOf(p.id) + 1) % 10, drawn) : html``;
    })}`;
  }

  /** Sets in the style sheet how small tickets are. @param {number} step */
  draw(step) {
    if (step === this.drawn) return;
    this.drawn = step;
    for (const e of [this.element, this.bench]) e.style.setProperty("--dense", String(STEPS[step]));
  }

  /**
   * Makes tickets smaller, or larger, where there are so many or so few.
   * @param {import("./grid.js").Cells} cells
   * @param {number} way 1 or -1, where only that may be done; 0: either
   * @returns {number} what was done: 1, -1, or 0 for nothing
   */
  adapt({ columns, rows }, way) {
    const load = this.cursor.taken.filter(Boolean).length / (columns * rows);
    const next = nextDensity(this.dense, { pages: this.pages, load, most: columns > 1 ? this.densest : 0 });
    const taken = Math.sign(next - this.dense);
    if (way && taken !== way) return 0;
    this.dense = next;
    return taken;
  }

  /** @param {number} page */
  turn(page) {
    this.page = Math.max(0, Math.min(page, this.pages - 1));
    this.turnedAt = performance.now();
  }

  /** The places of this page. */
  here() {
    return this.places.filter((p) => p.page === this.page);
  }

  /**
   * The tickets that the keys 1 to 9 and 0 select.
   * @param {Ticket[]} tickets
   */
  keys(tickets) {
    const byId = new Map(tickets.map((t) => [t.id, t]));
    return this.here().map((p) => p.id).filter((id) => byId.has(id)).slice(0, 10);
  }

  /** @param {{places: Place[], cursor: import("./grid.js").Cursor}} next */
  keepMoves(next) {
    const at = new Map(this.places.map((p) => [p.id, `${p.page} ${p.row} ${p.column}`]));
    const now = performance.now();
    /** @type {Map<string, number>} */
    const moved = new Map();
    for (const p of next.places) {
      const before = at.get(p.id);
      const still = before === `${p.page} ${p.row} ${p.column}`;
      moved.set(p.id, before === undefined || still ? this.moved.get(p.id) ?? -Infinity : now);
    }
    this.moved = moved;
    this.places = next.places;
    this.cursor = next.cursor;
  }

  /**
   * Whether a ticket has been at its place long enough for a finger to mean it.
   * @param {string} id
   */
  steady(id) {
    return performance.now() - (this.moved.get(id) ?? -Infinity) >= MOVED_MS;
  }

  /**
   * How the wall is divided, from its size and that of the text. What a header and a footer take is set by the style sheet.
   * @param {import("./settings.js").Values} settings
   * @returns {import("./grid.js").Cells}
   */
  cells({ size, density }) {
    const style = getComputedStyle(this.element);
    const plain = parseFloat(style.fontSize) / (STEPS[this.drawn] ?? 1);
    this.densest = size === "l" ? 0 : smallest(plain); // large letters are never made smaller
    let unit = plain * (STEPS[Math.min(this.dense, this.densest)] ?? 1);
    const gap = parseFloat(style.columnGap) || 0;
    const width = this.element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const height = this.element.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    const fit = (/** @type {number} */ room, /** @type {number} */ least) => Math.max(1, Math.floor((room + gap) / (least + gap)));
    // Six up is the norm of small screens: there, cells may be smaller.
    const six = size !== "l" && width >= height;
    let columns = Math.max(fit(width, CELL.width * unit), six ? Math.min(3, fit(width, LEAST)) : 0);
    let rows = Math.max(fit(height, CELL.height * unit), six ? Math.min(2, fit(height, LEAST)) : 0);
    // A ticket's header, footer and frame, as the style sheet has them. The footer is for fingers, and as large as the bar's text.
    const header = () => parseFloat(style.getPropertyValue("--header")) * unit;
    const footer = Math.max(64, 4 * parseFloat(getComputedStyle(document.body).fontSize)) + 12;
    const room = () => (height - gap * (rows - 1)) / rows - header() - footer - FRAME;
    const chosen = DENSITY[density];
    if (chosen) {
      const [across, down] = width >= height ? chosen : [chosen[1], chosen[0]];
      columns = Math.min(across, fit(width, LEAST));
      rows = Math.min(down, fit(height, LEAST));
      const share = Math.min(width / columns / CELL.width, height / rows / CELL.height) / plain;
      this.dense = chosenDensity(share, this.densest);
      unit = plain * (STEPS[this.dense] ?? 1);
    } else if (room() < LOW.room * unit) columns = Math.min(columns, fit(width, LOW.width * unit));
    this.draw(Math.min(this.dense, this.densest));
    this.unit = unit;
    this.cellWidth = ((width - gap * (columns - 1)) / columns - FRAME) / unit;
    this.element.classList.toggle("narrow", this.cellWidth < NARROW);
    document.body.style.setProperty("--header-room", `${header() + FRAME}px`);
    const name = `${columns} ${rows}`;
    if (this.element.dataset.cells !== name) {
      this.element.dataset.cells = name;
      this.element.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
      this.element.style.gridTemplateRows = `repeat(${rows}, minmax(0, 1fr))`;
    }
    this.bench.style.width = `${(width - gap * (columns - 1)) / columns - FRAME}px`;
    return { columns, rows, height: room(), step: (height + gap) / rows };
  }
}
