import assert from "node:assert/strict";
import { test } from "node:test";
import { neighbour, pack } from "./grid.js";

const cells = { columns: 3, rows: 2, height: 100, step: 150 };
const rows = (n, h = 20) => Array(n).fill(h);
const at = (places) => places.map((p) => [p.id, p.page, p.row, p.column, p.columns, p.rows, p.cuts, p.end]);

test("tickets go oldest first along the rows, then to the next page", () => {
  const { places } = pack(["a", "b", "c", "d", "e", "f", "g"].map((id) => ({ id, heights: rows(2) })), cells);
  assert.deepEqual(places.map((p) => [p.id, p.page, p.row, p.column]), [
    ["a", 0, 0, 0], ["b", 0, 0, 1], ["c", 0, 0, 2], ["d", 0, 1, 0], ["e", 0, 1, 1], ["f", 0, 1, 2], ["g", 1, 0, 0],
  ]);
});

test("a long ticket gets cells beside it, and every row is in exactly one of them", () => {
  assert.deepEqual(at(pack([{ id: "a", heights: rows(12) }], cells).places), [["a", 0, 0, 0, 3, 1, [0, 5, 10], 12]]);
});

test("a ticket that does not fit into the rest of a row is in two rows of it, and the next ones beside that", () => {
  const { places } = pack([{ id: "a", heights: rows(2) }, { id: "b", heights: rows(14) }, { id: "c", heights: rows(1) }, { id: "d", heights: rows(1) }], cells);
  assert.deepEqual(at(places), [
    ["a", 0, 0, 0, 1, 1, [0], 2], ["b", 0, 0, 1, 2, 2, [0, 12], 14], ["c", 0, 1, 0, 1, 1, [0], 1], ["d", 1, 0, 0, 1, 1, [0], 1],
  ]);
});

test("a hole that a long ticket leaves is filled by a younger one", () => {
  const { places } = pack([{ id: "a", heights: rows(2) }, { id: "b", heights: rows(2) }, { id: "c", heights: rows(15) }, { id: "d", heights: rows(1) }], cells);
  assert.deepEqual(at(places), [
    ["a", 0, 0, 0, 1, 1, [0], 2], ["b", 0, 0, 1, 1, 1, [0], 2], ["c", 0, 1, 0, 3, 1, [0, 5, 10], 15], ["d", 0, 0, 2, 1, 1, [0], 1],
  ]);
});

test("a ticket longer than a row takes whole rows, and one longer than a page goes on on the next", () => {
  assert.deepEqual(at(pack([{ id: "a", heights: rows(30) }], cells).places), [["a", 0, 0, 0, 3, 2, [0, 12, 24], 30]]);
  const { places } = pack([{ id: "a", heights: rows(40) }], cells);
  assert.deepEqual(at(places), [["a", 0, 0, 0, 3, 2, [0, 12, 24], 36], ["a", 1, 0, 0, 1, 1, [36], 40]]);
  assert.deepEqual(places.map((p) => [p.part, p.parts]), [[1, 2], [2, 2]]);
});

test("no row is lost and none shown twice, whatever the heights", () => {
  for (let seed = 1; seed < 300; seed++) {
    let x = seed;
    const next = (n) => (x = (x * 1103515245 + 12345) % 2147483648) % n;
    const tickets = Array.from({ length: 1 + next(9) }, (_, i) => {
      const heights = Array.from({ length: next(60) }, () => 10 + next(150));
      return { id: `t${i}`, heights, glued: heights.map(() => next(3) > 0) };
    });
    const { places } = pack(tickets, cells);
    const taken = new Set();
    for (const p of places) {
      assert.ok(p.column + p.columns <= 3 && p.row + p.rows <= 2, "inside the wall");
      for (let r = p.row; r < p.row + p.rows; r++) {
        for (let c = p.column; c < p.column + p.columns; c++) {
          assert.ok(!taken.has(`${p.page} ${r} ${c}`), "one ticket a cell");
          taken.add(`${p.page} ${r} ${c}`);
        }
      }
    }
    for (const { id, heights } of tickets) {
      const parts = places.filter((p) => p.id === id);
      let expected = 0;
      for (const p of parts) {
        assert.equal(p.cuts[0], expected);
        assert.ok(p.cuts.every((c, i) => i === 0 || c > p.cuts[i - 1]));
        expected = p.end;
      }
      assert.equal(expected, heights.length);
    }
  }
});

test("a dish stays with its modifiers where a column has room for both", () => {
  const { places } = pack([{ id: "a", heights: rows(6), glued: [false, false, false, false, true, true] }], cells);
  assert.deepEqual(at(places), [["a", 0, 0, 0, 2, 1, [0, 3], 6]]);
  const all = pack([{ id: "a", heights: rows(12), glued: rows(12, true) }], cells);
  assert.deepEqual(all.places[0].cuts, [0, 5, 10], "one that is higher than a column is cut all the same");
});

test("a ticket that needs a whole page leaves no empty one behind", () => {
  const { places } = pack([{ id: "a", heights: rows(2) }, { id: "b", heights: rows(30) }, { id: "c", heights: rows(1) }], cells);
  assert.deepEqual(places.map((p) => [p.id, p.page, p.row, p.column]), [["a", 0, 0, 0], ["b", 1, 0, 0], ["c", 0, 0, 1]]);
});

test("new tickets are placed after those that are placed already", () => {
  const first = pack([{ id: "a", heights: rows(2) }, { id: "b", heights: rows(2) }], cells);
  const { places } = pack([{ id: "z", heights: rows(1) }], cells, first.cursor);
  assert.deepEqual(at(places), [["z", 0, 0, 2, 1, 1, [0], 1]]);
});

test("arrows move to what one sees, in both reading directions", () => {
  const { places } = pack(["a", "b", "c", "d", "e"].map((id) => ({ id, heights: rows(1) })), cells);
  const go = (id, way, rtl = false) => neighbour(places, id, way, rtl)?.id;
  assert.equal(go(null, "right"), "a");
  assert.equal(go("a", "right"), "b");
  assert.equal(go("b", "right", true), "a");
  assert.equal(go("b", "down"), "e");
  assert.equal(go("c", "down"), "e");
  assert.equal(go("e", "up"), "b");
  assert.equal(go("a", "left"), "a");
});
