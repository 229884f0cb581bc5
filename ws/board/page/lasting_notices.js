// Notices that stay while their cause lasts: the token ends soon, the browser stores nothing, orders are left out.
import { duration } from "./time.js";
import { viewName } from "./view_panel.js";

/**
 * @param {import("./sign_in.js").SignIn} signIn
 * @param {import("./view.js").ScreenView} view
 * @param {import("../client/client.js").KitchenClient} client
 * @param {import("./i18n.js").Words} words
 * @param {import("./ticket.js").Ticket[]} tickets on this screen
 * @returns {string[]}
 */
export function lastingNotices(signIn, view, client, words, tickets) {
  if (signIn.denied) return [];
  const left = signIn.endsIn();
  return [
    left !== null && words.tokenEnds(duration(left)),
    !signIn.stored && words.tokenNotKept,
    client.omitted > 0 && words.omitted(client.omitted),
    client.hadQueue && view.unknown.length > 0 && words.unknownStation(view.unknown.map((name) => `“${name}”`).join(", "), viewName(view, words)),
    tickets.some(servedHere) && words.servedHere,
  ].filter((text) => text !== false);
}

/** Whether a station keeps a ready ticket only because no other screen could serve it. @param {import("./ticket.js").Ticket} ticket */
const servedHere = ({ here, hasWork, part, shown }) =>
  here.mode === "station" && hasWork && part?.waiting.length === 0 && shown.items.some((i) => !i.held && i.stations.length > 0);
