// What a screen says for as long as it holds: that its pass ends, that it keeps nothing, that orders are left out.
import { duration } from "./time.js";
import { viewName } from "./view_panel.js";

/**
 * @param {import("./door.js").Door} door
 * @param {import("./view.js").ScreenView} view
 * @param {import("../client/client.js").KitchenClient} client
 * @param {import("./i18n.js").Words} words
 * @param {import("./ticket.js").Ticket[]} tickets on this screen
 * @returns {string[]}
 */
export function standing(door, view, client, words, tickets) {
  if (door.shut) return [];
  const left = door.endsIn();
  return [
    left !== null && words.passEnds(duration(left)),
    !door.lasting && words.passNotKept,
    client.omitted > 0 && words.omitted(client.omitted),
    client.hadQueue && view.unknown.length > 0 && words.unknownStation(view.unknown.map((name) => `“${name}”`).join(", "), viewName(view, words)),
    tickets.some(servedHere) && words.servedHere,
  ].filter((text) => text !== false);
}

/** Whether a station has a ticket for no other reason than that nobody else would serve it. @param {import("./ticket.js").Ticket} ticket */
const servedHere = ({ here, hasWork, part, shown }) =>
  here.mode === "station" && hasWork && part?.waiting.length === 0 && shown.items.some((i) => !i.held && i.stations.length > 0);
