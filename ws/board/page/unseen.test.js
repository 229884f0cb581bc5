// The alarm about orders that nobody has seen, without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { withAlarm } from "../client/seen.js";
import { wordsOf } from "./i18n.js";
import { SHOWN_MS, Unseen } from "./unseen.js";

/** @param {string} id @returns {import("../client/seen.js").Alarm} */
const alarm = (id, over = {}) => ({ reason: "no_display", count: 1, oldest_order_id: id, oldest_order_number: 7, age_s: 40, ...over });

test("an alarm sounds once, is read for as long as it is on, and long enough where it is over at once", () => {
  let now = 0;
  /** @type {string[]} */
  const played = [];
  const unseen = new Unseen(() => now, { play: (chime) => played.push(chime) });
  const texts = () => unseen.texts(wordsOf("en"));
  unseen.set([alarm("a")]);
  unseen.set([alarm("a")]); // a whole queue repeats it
  assert.deepEqual(played, ["unseen"]);
  assert.deepEqual(texts(), ["#7 was on no screen for 40 s"]);
  now = 10 * SHOWN_MS;
  assert.deepEqual(texts(), ["#7 was on no screen for 5 min"]);
  unseen.set([]);
  assert.deepEqual(texts(), []);
  unseen.set([alarm("b", { oldest_order_number: null, count: 2 })]);
  unseen.set([]);
  assert.deepEqual(texts(), ["An order and 1 more were on no screen for 40 s"]);
  now += SHOWN_MS;
  assert.deepEqual(texts(), []);
  unseen.set([alarm("c", { reason: "actions" })]); // of a newer server, and one of our words
  assert.deepEqual(texts(), []);
  assert.deepEqual(played, ["unseen", "unseen"]);
});

test("an alarm is over by its reason", () => {
  const one = alarm("a");
  const on = withAlarm([], { type: "alarm", ...one });
  assert.deepEqual(on, [one]);
  assert.deepEqual(withAlarm(on, { type: "alarm_over", ...alarm("a", { reason: "not_touched" }) }), [one]);
  assert.deepEqual(withAlarm(on, { type: "alarm_over", ...one }), []);
});
