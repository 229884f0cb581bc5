// Words about what a screen shows of a kitchen with stations, in English.

export const english = {
  everything: "Everything",
  viewName: (/** @type {string} */ what) => `This screen shows: ${what}. Change`,
  viewTitle: "What this screen shows",
  viewHint: "A station shows what is cooked there, a pass whole orders. Touch several to show them together.",
  viewPass: "whole orders",
  viewScreens: (/** @type {number} */ n) => (n === 0 ? "no screen" : n === 1 ? "1 screen" : `${n} screens`),
  noScreenFor: (/** @type {string} */ names) => `no screen for ${names}`,
  unknownStation: (/** @type {string} */ names, /** @type {string} */ what) => `There is no station ${names}: this screen shows ${what}. Choose again at the top of the screen.`,
  servedHere: "No screen shows the pass or everything: what is ready stays at the stations that cooked it. SERVE takes it away.",
  alldayNoStation: "No station",
  alldayStatus: (/** @type {number} */ toStart, /** @type {number} */ cooking) => [toStart && `${toStart} to start`, cooking && `${cooking} cooking`].filter(Boolean).join(", "),
  notHere: (/** @type {number} */ n) => `${n} open on other screens`,
  emptyHere: (/** @type {string} */ what) => `Nothing to do at ${what}`,
};
