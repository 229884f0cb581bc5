// Keeps the page's own files on the device, so that a board can be opened, or loaded again, while its server is away. A server
// that answers is always asked first: what is kept is only for one that does not. Nothing of a kitchen goes through here.
/** @type {any} */
const worker = self;
const CACHE = "kitchen-board";
/** A server that has not begun to answer after this long is away. */
const TIMEOUT_MS = 5000;

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ e) => e.waitUntil(worker.clients.claim()));

// A board that is live has a server, and files of one version: it says which they are.
worker.addEventListener("message", (/** @type {any} */ e) => e.waitUntil(keep(e.data.files)));

worker.addEventListener("fetch", (/** @type {any} */ e) => {
  const { request } = e;
  if (request.method === "GET" && new URL(request.url).origin === location.origin) e.respondWith(answer(request));
});

/** @param {string[]} files */
async function keep(files) {
  const cache = await caches.open(CACHE);
  await cache.addAll(files.map((file) => new Request(file, { cache: "no-cache" }))); // all of them, or none
}

/** @param {Request} request */
async function answer(request) {
  const kept = async () => (await caches.open(CACHE)).match(request, { ignoreSearch: true });
  const late = new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS));
  const network = fetch(request);
  try {
    const response = await Promise.race([network, late.then(kept)]);
    // A proxy answers with these where its server is away.
    if (response && response.status < 500) return response;
    return (await kept()) ?? (await network);
  } catch (e) {
    const response = await kept();
    if (response) return response;
    throw e;
  }
}
