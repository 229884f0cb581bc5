// What of an order a screen shows, and what is done there: of a kitchen with stations. Pure functions of what the server says.

/** @typedef {import("../client/order.js").At} At */
/** @typedef {import("../client/order.js").Item} Item */
/** @typedef {import("../client/order.js").Order} Order */
/** @typedef {import("../client/order.js").Station} Station */
/** @typedef {At["status"]} Step */
/** What this screen shows. stations null: everything. pass: one of them is of the kind expo, so whole tickets.
 * @typedef {{stations: string[]|null, pass: boolean}} View */
/** How many connected displays show each station, on all nodes, and how many show everything; null until the server has said so.
 * @typedef {{stations: Map<string, number>, all: number}|null} Screens */
/**
 * A line, as one screen shows it.
 * @typedef {object} Line
 * @property {boolean} own large, and worked on here
 * @property {boolean} noStation no route leads it anywhere, so that every screen shows it
 * @property {string[]} noScreen the names of its stations that no connected screen shows
 * @property {Step} status at the stations in `at`; of a line that is not its own: at all its stations; ready where nothing is cooked
 * @property {At[]} at its stations that this screen works at
 */
/** Lines of one station; null: of none. @typedef {{station: string|null, lines: string[]}} Move */
/**
 * An order, as one screen shows it. Held lines are in `own` or `others`, and count for nothing.
 * @typedef {object} Part
 * @property {Item[]} own
 * @property {Item[]} others
 * @property {Step} status of its own lines: preparing as soon as one of them is
 * @property {"preparing"|"ready"|"completed"|null} next what the one button asks for; null where there is nothing to do here
 * @property {Move[]} moves the lines that it asks this for; none where it asks for the order's own status
 * @property {{station: string|null, name: string, lines: number}[]} waiting who still cooks, here and elsewhere; the name of no station is empty
 */

/** @type {View} */
export const EVERYTHING = { stations: null, pass: false };

/**
 * A view of these stations, without those that there are not (any more); of everything where none is left.
 * @param {string[]|null} ids
 * @param {Station[]} stations
 * @returns {View}
 */
export function viewOf(ids, stations) {
  const known = stations.filter((s) => ids?.includes(s.id));
  return known.length ? { stations: known.map((s) => s.id), pass: known.some((s) => s.kind === "expo") } : EVERYTHING;
}

/**
 * @param {Item} item
 * @param {View} view
 * @param {Screens} screens
 * @param {Station[]} stations of the restaurant
 * @returns {Line}
 */
export function lineOf(item, view, screens, stations) {
  const whole = view.stations === null || view.pass;
  const unknown = (/** @type {At} */ at) => at.id === null || !stations.some((s) => s.id === at.id);
  const unseen = item.stations.filter((at) => !unknown(at) && isUnseen(at.id, view, screens));
  const at = whole ? item.stations : item.stations.filter((a) => unknown(a) || inView(a.id, view) || unseen.includes(a));
  return {
    own: whole || at.length > 0,
    noStation: item.stations.some(unknown),
    noScreen: unseen.map((a) => stations.find((s) => s.id === a.id)?.name ?? ""),
    status: slowest(at.length ? at : item.stations),
    at,
  };
}

/**
 * @param {Order} order
 * @param {View} view
 * @param {Screens} screens
 * @param {Station[]} stations of the restaurant
 * @returns {Part}
 */
export function partOf(order, view, screens, stations) {
  const seen = order.items.map((item) => ({ item, ...lineOf(item, view, screens, stations) }));
  const live = seen.filter((l) => l.own && !l.item.held && l.at.length > 0);
  return {
    own: seen.filter((l) => l.own).map((l) => l.item),
    others: seen.filter((l) => !l.own).map((l) => l.item),
    status: live.length ? furthest(live.map((l) => l.status)) : asStep(order.status),
    ...nextStep(order, view, screens, stations),
    waiting: waiting(order, stations),
  };
}

/**
 * Whether a screen shows the ticket of an order.
 * @param {Order} order
 * @param {View} view
 * @param {Screens} screens
 * @param {Station[]} stations of the restaurant
 */
export function shows(order, view, screens, stations) {
  if (view.stations === null || view.pass) return true;
  const lines = order.items.map((item) => ({ item, ...lineOf(item, view, screens, stations) }));
  if (lines.some((l) => l.own && !l.item.held && l.status !== "ready")) return true;
  if (!isUnattended(screens, stations)) return false;
  // Nobody else would fire a course, serve what nothing is cooked of, or serve what is ready.
  if (lines.some((l) => l.own && l.item.held) || lines.every((l) => l.item.stations.length === 0)) return true;
  return lines.some((l) => l.own) && !waiting(order, stations).length;
}

/**
 * The stations that cook and that no connected screen shows.
 * @param {View} view
 * @param {Screens} screens
 * @param {Station[]} stations
 */
export const withoutScreen = (view, screens, stations) => stations.filter((s) => s.kind !== "expo" && isUnseen(s.id, view, screens));

/**
 * What the one button does. The pass cooks nothing, but for what no other screen shows, and for stations that are shown beside it.
 * @param {Order} order
 * @param {View} view
 * @param {Screens} screens
 * @param {Station[]} stations
 * @returns {Pick<Part, "next"|"moves">}
 */
function nextStep(order, view, screens, stations) {
  const cooks = view.pass ? { ...view, pass: false } : view;
  const here = order.items.filter((i) => !i.held).flatMap((item) => lineOf(item, cooks, screens, stations).at.map((at) => ({ item, at })));
  const left = here.filter(({ at }) => at.status !== "ready");
  const whole = view.stations === null || view.pass;
  if (left.length && !(whole && order.status === "ready")) {
    const next = here.some(({ at }) => at.status === "preparing") ? "ready" : "preparing";
    return { next, moves: movesOf(left) };
  }
  if (!whole) return { next: null, moves: [] };
  if (order.status === "ready") return { next: "completed", moves: [] };
  if (view.pass) {
    if (waiting(order, stations).length) return { next: null, moves: [] };
    return { next: order.items.some((i) => i.stations.length) ? "ready" : "completed", moves: [] };
  }
  return { next: order.status === "pending" && !here.length ? "preparing" : "ready", moves: [] };
}

/**
 * @param {{item: Item, at: At}[]} left
 * @returns {Move[]}
 */
function movesOf(left) {
  /** @type {Map<string|null, string[]>} */
  const by = new Map();
  for (const { item, at } of left) by.set(at.id, [...(by.get(at.id) ?? []), item.id]);
  return [...by].map(([station, lines]) => ({ station, lines }));
}

/**
 * @param {Order} order
 * @param {Station[]} stations
 * @returns {Part["waiting"]}
 */
function waiting(order, stations) {
  const left = order.items.filter((i) => !i.held).flatMap((i) => i.stations.filter((at) => at.status !== "ready"));
  const ids = [...stations.map((s) => s.id), null];
  return ids.flatMap((station) => {
    const lines = left.filter((at) => (ids.includes(at.id) ? at.id : null) === station).length;
    return lines ? [{ station, name: stations.find((s) => s.id === station)?.name ?? "", lines }] : [];
  });
}

/**
 * A pass does not cook, so that it is no screen of a station; a screen that shows everything is one of all.
 * @param {string|null} id
 * @param {View} view
 * @param {Screens} screens
 */
function isUnseen(id, view, screens) {
  return id !== null && screens !== null && screens.all === 0 && !(screens.stations.get(id) ?? 0) && !inView(id, view);
}

/** Neither a pass nor everything is on any screen. @param {Screens} screens @param {Station[]} stations */
function isUnattended(screens, stations) {
  return screens !== null && screens.all === 0 && !stations.some((s) => s.kind === "expo" && (screens.stations.get(s.id) ?? 0) > 0);
}

/** @param {string|null} id @param {View} view */
const inView = (id, view) => view.stations === null || (id !== null && view.stations.includes(id));

/** @param {At[]} at @returns {Step} */
const slowest = (at) => (at.some((a) => a.status === "pending") ? "pending" : at.some((a) => a.status === "preparing") ? "preparing" : "ready");

/** @param {Step[]} steps @returns {Step} */
const furthest = (steps) => (steps.every((s) => s === "ready") ? "ready" : steps.includes("preparing") ? "preparing" : "pending");

/** @param {Order["status"]} status @returns {Step} */
const asStep = (status) => (status === "pending" || status === "preparing" ? status : "ready");
