import assert from "node:assert/strict";
import { test } from "node:test";
import { viewOf } from "./stations.js";
import { stationTotals } from "./totals.js";
import { kitchen, line, modifier, order } from "../testdata/tickets.mjs";

const stations = [{ id: "g", name: "Grill", kind: "prep" }, { id: "b", name: "Bar", kind: "prep" }, { id: "p", name: "Pass", kind: "expo" }];
const dish = (quantity, name, at, more = {}) =>
  ({ ...line(`${name}${quantity}`, quantity, name, ...(more.modifiers ?? [])), held: more.held ?? false, stations: at.map(([id, status]) => ({ id, status })) });
const inWords = (all) => all.map(({ name, totals }) => [name, ...totals.map((t) => `${t.quantity} ${t.name}, ${t.cooking ?? 0} cooking`)]);

test("all-day counts what the screen works at, per station, by status, without what is held or ready there", () => {
  const { tickets } = kitchen(
    order(1, { items: [dish(2, "Steak", [["g", "pending"]], { modifiers: [modifier("rare", "note")] }), dish(1, "Steak", [["g", "preparing"]]), dish(3, "Beer", [["b", "pending"]])] }),
    order(2, { status: "preparing", items: [dish(1.5, "Steak", [["g", "preparing"]]), dish(4, "Burger", [["g", "ready"], ["b", "pending"]]), dish(5, "Ribs", [["g", "pending"]], { held: true })] }),
    order(3, { items: [dish(1, "Candle", [[null, "pending"]]), dish(9, "Water", [])] }),
    order(4, { status: "ready", items: [dish(7, "Steak", [["g", "ready"]])] }),
  );
  const counts = (ids, screens = null) => inWords(stationTotals(tickets.list(), { view: viewOf(ids, stations), screens, stations }));
  const grill = ["Grill", "4.5 Steak, 2.5 cooking"];
  const bar = ["Bar", "4 Burger, 0 cooking", "3 Beer, 0 cooking"];
  const none = ["", "1 Candle, 0 cooking"];
  assert.deepEqual(counts(["g"]), [grill, none]);
  assert.deepEqual(counts(["p"]), [grill, bar, none]);
  assert.deepEqual(counts(null), [grill, bar, none]);
  assert.deepEqual(counts(["g"], { stations: new Map([["g", 1]]), all: 0 }), [grill, bar, none]); // the bar has no screen
  assert.deepEqual(stationTotals(tickets.list(), { view: viewOf(["g"], stations), screens: null, stations })[0].totals[0].ways, [{ name: "rare", kind: "note", quantity: 2 }]);
});
