import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { keep, kept } from "./storage.js";
import { ScreenView, readWanted } from "./view.js";

const kitchen = [{ id: "g1", name: "Grill", kind: "prep" }, { id: "b1", name: "Bar", kind: "prep" }, { id: "p1", name: "Pass", kind: "expo" }];
/** A screen at an address, and what it sent to the server and to the address bar. */
function screen(search) {
  const shown = [];
  const place = { search };
  const view = new ScreenView("r", { show: (stations) => shown.push(stations) }, place, (to) => (place.search = to));
  return { view, shown, place };
}
const ofDevice = () => kept("kitchen:shows:r", (v) => v);

beforeEach(() => keep("kitchen:shows:r", undefined));

test("an address names stations by id or by name, in any case, and as many as one likes", () => {
  for (const [search, names] of [["?station=GRILL", ["Grill"]], ["?station=b1&station=%20grill%20", ["Grill", "Bar"]], ["?station=pass", ["Pass"]], ["", []], ["?station=", []]]) {
    const { view, shown } = screen(search);
    view.setStations(kitchen);
    assert.deepEqual([view.names, view.unknown], [names, []], search);
    assert.deepEqual(shown, names.length ? [kitchen.filter((s) => names.includes(s.name)).map((s) => s.id)] : []);
  }
  const { view } = screen("?station=pass&station=bar");
  view.setStations(kitchen);
  assert.deepEqual(view.view, { stations: ["b1", "p1"], pass: true });
});

test("an unknown name shows everything, or what else is named, and is known to be unknown", () => {
  const alone = screen("?station=Fryer").view;
  alone.setStations(kitchen);
  assert.deepEqual([alone.view.stations, alone.unknown], [null, ["Fryer"]]);
  const beside = screen("?station=Fryer&station=Bar").view;
  beside.setStations(kitchen);
  assert.deepEqual([beside.names, beside.unknown], [["Bar"], ["Fryer"]]);
});

test("a choice is sent, kept by the device, and written into the address; everything is forgotten again", () => {
  const { view, shown, place } = screen("?lang=ar");
  view.setStations(kitchen);
  view.toggle("b1");
  view.toggle("g1");
  assert.deepEqual([view.names, place.search, ofDevice().map((w) => w.name)], [["Grill", "Bar"], "?lang=ar&station=Grill&station=Bar", ["Grill", "Bar"]]);
  const later = screen("");
  later.view.setStations(kitchen);
  assert.deepEqual([later.view.names, later.place.search], [["Grill", "Bar"], "?station=Grill&station=Bar"]);
  const other = screen("?station=Pass");
  other.view.setStations(kitchen);
  assert.deepEqual([other.view.names, ofDevice().length], [["Pass"], 2]); // an address wins, and is kept by nobody
  view.choose([]);
  assert.deepEqual([view.view.stations, place.search, ofDevice()], [null, "?lang=ar", undefined]);
  assert.deepEqual(shown, [["b1"], ["g1", "b1"], null]);
});

test("stations may be renamed, deleted and made while the page is open", () => {
  const { view, shown, place } = screen("?station=Grill");
  view.setStations(kitchen);
  view.setStations([{ id: "g1", name: "Barbecue", kind: "prep" }, kitchen[1]]);
  assert.deepEqual([view.names, place.search], [["Barbecue"], "?station=Barbecue"]);
  view.setStations([kitchen[1]]);
  assert.deepEqual([view.view.stations, view.unknown], [null, ["Barbecue"]]);
  view.setStations([kitchen[1], { id: "g2", name: "BARBECUE", kind: "expo" }]);
  assert.deepEqual([view.view, view.unknown], [{ stations: ["g2"], pass: true }, []]);
  view.setStations([]);
  assert.deepEqual([view.view.stations, view.unknown], [null, ["BARBECUE"]]);
  assert.deepEqual(shown, [["g1"], null, ["g2"], null]);
});

test("a restaurant without stations, and a screen of everything, send the server nothing", () => {
  const { view, shown } = screen("");
  view.setStations([]);
  view.setStations(kitchen);
  assert.deepEqual(shown, []);
});

test("which stations have no screen is known once the server has said so, and while it is away", () => {
  const { view } = screen("?station=Grill");
  view.setStations(kitchen);
  assert.deepEqual(view.withoutScreen, []);
  view.setScreens({ stations: [{ id: "g1", screens: 1 }, { id: "b1", screens: 0 }, { id: "p1", screens: 0 }], all: 0 });
  assert.deepEqual(view.withoutScreen, ["Bar"]);
  view.setScreens({ stations: [{ id: "g1", screens: 1 }, { id: "b1", screens: 0 }], all: 1 });
  assert.deepEqual(view.withoutScreen, []);
});

test("rubbish on the device is as if nothing were there", () => {
  for (const bad of [undefined, "x", {}, [1, null, {}, { id: 1, name: "x" }, { id: "x", name: " " }]]) assert.deepEqual(readWanted(bad), []);
  assert.equal(readWanted(Array(99).fill({ id: "x", name: "x" })).length, 50);
});
