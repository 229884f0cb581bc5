import assert from "node:assert/strict";
import { test } from "node:test";
import { ClockFace, countdown, duration, urgency } from "./time.js";

test("ages know neither midnight nor summer time", () => {
  assert.equal(duration(59_999), "0:59");
  assert.equal(duration(-5000), "0:00");
  assert.equal(duration(3_600_000 + 4 * 60_000 + 7000), "1:04:07");
  assert.equal(duration(26 * 3_600_000), "1d 2h");
  const rome = new ClockFace("Europe/Rome");
  const change = Date.parse("2026-10-25T01:00:00Z"); // 03:00 becomes 02:00
  assert.equal(rome.at(change - 1000), "02:59");
  assert.equal(rome.at(change), "02:00");
  const restaurant = { warn_after_s: 300, late_after_s: 600 };
  const o = { created_at: new Date(change - 240_000).toISOString() };
  assert.deepEqual([0, 60_000, 360_000].map((ms) => urgency(o, restaurant, change + ms)), ["ok", "slow", "late"]);
  assert.match(new ClockFace("Not/AZone").at(0), /^\d\d:\d\d$/);
});

test("a time of another day says which, by the restaurant's days", () => {
  const rome = new ClockFace("Europe/Rome");
  const now = Date.parse("2026-11-28T22:30:00Z"); // 23:30 on a Saturday
  const on = (text, lang = "en") => rome.on(Date.parse(text), now, lang);
  assert.equal(on("2026-11-28T22:50:00Z"), "23:50");
  assert.equal(on("2026-11-28T00:00:00Z"), "01:00");
  assert.equal(on("2026-11-28T23:10:00Z"), "Sun 00:10");
  assert.equal(on("2026-11-29T14:15:00Z"), "Sun 15:15");
  assert.match(on("2026-11-29T14:15:00Z", "ar"), /^الأحد 15:15$/);
  assert.match(on("2026-12-12T14:15:00Z"), /^(12 Dec|Dec 12) 15:15$/);
});

test("a countdown leaves seconds out where it is hours", () => {
  const words = { hours: (t) => `${t} h` };
  assert.deepEqual([59_000, 3_599_000, 3_600_000, 71_999_000, 90_000_000].map((ms) => countdown(ms, words)), ["0:59", "59:59", "1:00 h", "19:59 h", "1d 1h"]);
});

test("a promised order counts down to its time", () => {
  const restaurant = { warn_after_s: 300, late_after_s: 600 };
  const o = { promised_at: new Date(3_600_000).toISOString() };
  assert.deepEqual([0, 3_400_000, 3_600_000].map((now) => urgency(o, restaurant, now)), ["ok", "slow", "late"]);
});
