// Connects the board to the events of the client and of the page.
import { ClockFace } from "./time.js";

/** @param {import("./board.js").Board} board */
export function listen(board) {
  const { client } = board;
  client.addEventListener("change", (e) => board.changed(/** @type {CustomEvent} */ (e).detail));
  client.addEventListener("state", (e) => {
    board.absence.note(/** @type {CustomEvent} */ (e).detail);
    if (board.client.state.name === "live") board.keepFiles();
    board.lastQueue.note();
    board.redraw();
  });
  client.addEventListener("restaurant", (e) => {
    const { timezone, name, stations } = /** @type {CustomEvent} */ (e).detail;
    board.clock = new ClockFace(timezone);
    board.signIn.restaurantNamed(name);
    board.screenView.setStations(stations ?? []); // a queue that an older board kept has none
    board.look();
  });
  client.addEventListener("screens", (e) => {
    board.screenView.setScreens(/** @type {CustomEvent} */ (e).detail);
    board.look();
    board.redraw();
  });
  client.addEventListener("alarms", (e) => {
    board.unseen.set(/** @type {CustomEvent} */ (e).detail.alarms);
    board.screen.say(board.unseen.texts(board.words).join(" "));
    board.redraw();
  });
  client.addEventListener("refused", (e) => {
    board.signIn.refused(/** @type {CustomEvent} */ (e).detail);
    if (!board.signIn.showsTickets) board.clear();
    board.redraw();
  });
  client.addEventListener("authenticated", () => board.signIn.authenticated());
  client.addEventListener("problem", (e) => {
    const error = /** @type {import("../client/requests.js").KitchenError} */ (/** @type {CustomEvent} */ (e).detail);
    console.warn("the server reports", error.code, error.message);
  });
  board.settings.addEventListener("change", () => board.redraw());
  addEventListener("focusin", (e) => board.focused(e));
  addEventListener("resize", () => board.redraw());
  addEventListener("beforeprint", () => board.print(true));
  addEventListener("afterprint", () => board.print(false));
  document.addEventListener("visibilitychange", () => board.redraw());
  addEventListener("pageshow", (e) => e.persisted && board.signIn.forgottenMeanwhile() && board.forget());
  document.addEventListener("contextmenu", (e) => e.preventDefault());
}
