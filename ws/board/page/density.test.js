import assert from "node:assert/strict";
import { test } from "node:test";
import { STEPS, chosenDensity, nextDensity, smallest } from "./density.js";

test("a large evening makes tickets smaller, as far as they can be read, and a calm one larger, without going to and fro", () => {
  const most = smallest(16);
  assert.deepEqual([most, smallest(13), smallest(32)], [2, 0, 3]);
  /** What a wall ends at, whose tickets take that many pages at the first step. */
  const densityOf = (full, step) => {
    for (let i = 0; i < 10; i++) {
      const load = full * (STEPS[step] / STEPS[0]) ** 2;
      const next = nextDensity(step, { pages: Math.ceil(load), load, most });
      if (next === step) return step;
      step = next;
    }
    assert.fail("the wall never comes to rest");
  };
  assert.deepEqual([0.5, 2, 2.5, 3, 9].map((full) => densityOf(full, 0)), [0, 0, 1, 2, 2]);
  for (let full = 0; full < 12; full += 0.05) {
    const dense = densityOf(full, 0);
    assert.ok(densityOf(full, dense) === dense); // what made it smaller does not make it larger again
  }
  assert.deepEqual([3, 1.4, 1, 0.8].map((full) => densityOf(full, 2)), [2, 2, 1, 0]);
  assert.equal(nextDensity(3, { pages: 9, load: 9, most: 0 }), 0); // somebody moved it to a small screen
});

test("a density that somebody chose has the text that fits into its cells", () => {
  assert.deepEqual([1.3, 0.95, 0.8, 0.7, 0.3].map((share) => chosenDensity(share, 3)), [0, 0, 1, 2, 3]);
  assert.equal(chosenDensity(0.3, 1), 1);
});
