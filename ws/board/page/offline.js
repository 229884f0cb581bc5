// Lets the device keep the page's own files (worker.js), where the browser can: over https, or on the device itself.
import { base } from "./address.js";

/** What a board is made of, beside its page. */
const FILES = ["start.js", "board.js", "board.css", "icon.svg"];

/** Begins to keep the files of this page. To be called while the server is there. */
export async function keepFiles() {
  if (!navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register(script(new URL("board/worker.js", base).href), { scope: `${base.pathname}kitchen/` });
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage({ files: [location.pathname, ...FILES.map((name) => new URL(`board/${name}`, base).href)] });
  } catch {
    // forbidden by the browser's settings, say: the board works without
  }
}

/** The one address of a script that this page hands to the browser. @param {string} address @returns {any} */
function script(address) {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  return trustedTypes ? trustedTypes.createPolicy("kitchen-worker", { createScriptURL: () => address }).createScriptURL("") : address;
}
