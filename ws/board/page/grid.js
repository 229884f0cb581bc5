// Places tickets in cells. Cells are fixed; tickets go oldest first along the reading direction, and younger ones fill the holes
// that a long one leaves. A ticket that is longer than
// a cell gets more cells beside it or below it, whichever are free, and one that is longer than a page goes on on the next: it
// never scrolls inside.

/**
 * @typedef {object} Cells
 * @property {number} columns
 * @property {number} rows
 * @property {number} height of a cell's room for rows, in pixels
 * @property {number} step what a second row of cells adds to that room
 */
/**
 * @typedef {object} Place
 * @property {string} id of the ticket
 * @property {number} page from 0
 * @property {number} column from 0
 * @property {number} row from 0
 * @property {number} columns how many cells wide
 * @property {number} rows how many cells high
 * @property {number[]} cuts where each column of the ticket begins, as indexes into its rows; the first is this part's
 * @property {number} end the first row that is not in this part
 * @property {number} part from 1
 * @property {number} parts
 */
/**
 * A ticket as it was measured.
 * @typedef {object} Measured
 * @property {string} id
 * @property {number[]} heights of its rows, in pixels
 * @property {boolean[]} [glued] which rows should stay with the row above them
 */
/**
 * Which cells are taken, of all pages.
 * @typedef {{taken: boolean[]}} Cursor
 */

/**
 * @param {Measured[]} tickets
 * @param {Cells} cells
 * @param {Cursor} [from]
 * @returns {{places: Place[], cursor: Cursor}}
 */
export function pack(tickets, cells, from = { taken: [] }) {
  /** @type {Place[]} */
  const places = [];
  const taken = new Taken(cells, from);
  for (const { id, heights, glued } of tickets) {
    const first = places.length;
    let begin = 0;
    let after = 0; // a part comes after the one before it
    do {
      const place = taken.place(after, (columns, rows) => {
        const fit = columnsFor(heights, glued, begin, cells.height + (rows - 1) * cells.step, columns);
        return fit.end < heights.length && !(columns === cells.columns && rows === cells.rows) ? null : fit;
      });
      places.push({ id, part: 0, parts: 0, ...place });
      begin = place.end;
      after = place.page * cells.columns * cells.rows + 1;
    } while (begin < heights.length);
    const parts = places.length - first;
    for (let i = first; i < places.length; i++) Object.assign(places[i] ?? {}, { part: i - first + 1, parts });
  }
  return { places, cursor: { taken: taken.cells } };
}

/** The cells of all pages, filled in reading order. */
class Taken {
  /**
   * @param {Cells} cells
   * @param {Cursor} cursor
   */
  constructor({ columns, rows }, { taken }) {
    this.columns = columns;
    this.rows = rows;
    this.cells = [...taken];
  }

  /**
   * Takes the first rectangle of free cells that a ticket fits into: as few rows as possible, then as few columns.
   * @param {number} from the first cell that may be taken
   * @param {(columns: number, rows: number) => {cuts: number[], end: number}|null} fit null where it needs more
   */
  place(from, fit) {
    const perPage = this.columns * this.rows;
    for (let i = from; ; i++) {
      if (this.cells[i]) continue;
      const page = Math.floor(i / perPage);
      const row = Math.floor((i % perPage) / this.columns);
      const column = i % this.columns;
      for (let rows = 1; row + rows <= this.rows; rows++) {
        for (let columns = 1; column + columns <= this.columns; columns++) {
          if (!this.free(i, columns, rows)) break;
          const found = fit(columns, rows);
          if (!found) continue;
          this.take(i, columns, rows);
          return { page, row, column, columns, rows, ...found };
        }
      }
    }
  }

  /**
   * @param {number} i
   * @param {number} columns
   * @param {number} rows
   */
  free(i, columns, rows) {
    return this.each(i, columns, rows).every((c) => !this.cells[c]);
  }

  /**
   * @param {number} i
   * @param {number} columns
   * @param {number} rows
   */
  take(i, columns, rows) {
    for (const c of this.each(i, columns, rows)) this.cells[c] = true;
  }

  /**
   * @param {number} i
   * @param {number} columns
   * @param {number} rows
   */
  each(i, columns, rows) {
    return Array.from({ length: columns * rows }, (_, n) => i + Math.floor(n / columns) * this.columns + (n % columns));
  }
}

/**
 * Fills up to `most` columns of this height, and at least one row into each, whatever its height. Rows that are glued go
 * together where a column has room for all of them.
 * @param {number[]} heights
 * @param {boolean[]|undefined} glued
 * @param {number} begin
 * @param {number} height
 * @param {number} most
 */
function columnsFor(heights, glued, begin, height, most) {
  const cuts = [begin];
  let used = 0;
  let i = begin;
  for (; i < heights.length; i++) {
    const h = heights[i] ?? 0;
    if (i > (cuts.at(-1) ?? 0) && used + h > height) {
      let cut = i;
      while (cut > (cuts.at(-1) ?? 0) && glued?.[cut]) cut--;
      if (cut === cuts.at(-1)) cut = i; // higher than a column: cut it after all
      i = cut;
      if (cuts.length === most) break;
      cuts.push(cut);
      used = heights[cut] ?? 0;
      continue;
    }
    used += h;
  }
  return { cuts, end: i };
}

/**
 * The ticket next to another one in a direction of the screen; the same one where there is none.
 * @param {Place[]} places of one page
 * @param {string|null} id
 * @param {"left"|"right"|"up"|"down"} way
 * @param {boolean} rtl
 * @returns {Place|undefined}
 */
export function neighbour(places, id, way, rtl) {
  const i = places.findIndex((p) => p.id === id);
  const from = places[i];
  if (!from) return places[0];
  if (way === "left" || way === "right") {
    return places[i + ((way === "right") !== rtl ? 1 : -1)] ?? from;
  }
  const row = way === "down" ? from.row + from.rows : from.row - 1;
  const there = places.filter((p) => p.row <= row && row < p.row + p.rows);
  return there.find((p) => p.column + p.columns > from.column) ?? there.at(-1) ?? from;
}
