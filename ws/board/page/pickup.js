// The pick-up screen: numbers that are cooked and numbers that are ready, for guests, across a room. Nobody touches it for months.
import { KitchenClient } from "../client/index.js";
import { base, pickupIn } from "./address.js";
import { Awake } from "./awake.js";
import { deleteToken, offeredToken, offerToken, onOtherTab, tokenOf, tokenAccepted, takeFromAddress } from "./token.js";
import { pairWordsOf } from "./pair_words.js";
import { PickupView } from "./pickup_view.js";
import { newlyReady } from "./pickup_orders.js";
import { Settings } from "./settings.js";
import { Sound } from "./sound.js";
import { wordsOf } from "./i18n.js";

/** A screen that is not live says so after this long: replacing a node takes less. */
const DOUBT_MS = 4000;
/** After this long without the server no numbers are shown: they would send guests to the counter in vain. */
const WORTHLESS_MS = 15 * 60_000;
/** A page this old loads itself again while it shows no orders: the server may have a newer page. */
const OLD_MS = 24 * 3_600_000;

const restaurant = pickupIn(location.pathname);
const settings = new Settings();
const asked = new URLSearchParams(location.search);
const lang = asked.get("lang") ?? settings.values.lang;
const words = { ...wordsOf(lang), ...pairWordsOf(lang) };
const theme = asked.get("theme");
if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
document.documentElement.lang = words.lang;
document.documentElement.dir = words.dir;
document.title = words.pickupTitle;

const view = new PickupView(/** @type {HTMLElement} */ (document.querySelector("main")), words);
const sound = new Sound({ values: { sound: true, volume: settings.values.volume } }, () => {});
sound.gesture("start"); // nobody touches a television: its browser must allow sound without a touch
const awake = new Awake(() => {});

const fresh = takeFromAddress();
if (fresh) offerToken(restaurant, fresh);
onOtherTab(restaurant, (token) => client.renew(token).catch(() => {}));

const client = new KitchenClient({
  restaurant, pickup: true, url: base.href,
  token: (reason, current) => {
    const tokens = [offeredToken(restaurant), tokenOf(restaurant)];
    return (reason === "refused" ? tokens.find((token) => token && token !== current) : tokens.find(Boolean)) ?? null;
  },
});

/** @type {any} */
let queue = null;
let staleSince = performance.now();
let stale = false;

client.addEventListener("pickup", (e) => {
  const { detail } = /** @type {CustomEvent} */ (e);
  const current = client.link.credential.current?.text;
  if (current && current !== tokenOf(restaurant)) tokenAccepted(restaurant, current);
  const ready = queue ? newlyReady(queue.orders, detail.orders) : [];
  queue = detail;
  view.highlight(ready);
  if (ready.length) {
    sound.play("ready");
    const said = document.querySelector("#said");
    if (said) said.textContent = words.pickupNowReady(ready.map((o) => o.number).join(", "));
  }
  draw();
});
client.addEventListener("state", () => {
  if (client.state.name !== "live" && !stale) staleSince = performance.now();
  stale = client.state.name !== "live";
  draw();
});
// A screen without a token leaves for the page that shows a pairing code.
client.addEventListener("refused", () => {
  const refused = client.link.credential.current?.text ?? tokenOf(restaurant);
  if (refused) deleteToken(restaurant, refused);
  if (tokenOf(restaurant) && tokenOf(restaurant) !== refused) location.reload();
  else location.replace(base.href);
});

function draw() {
  const since = stale || !queue ? performance.now() - staleSince : 0;
  view.draw(queue && since < WORTHLESS_MS ? queue : null, since >= DOUBT_MS);
  document.dispatchEvent(new Event("kitchen-running"));
}

setInterval(() => {
  draw();
  awake.request();
  if (performance.now() > OLD_MS && client.state.name === "live" && queue?.orders.length === 0) location.reload();
}, 1000);
addEventListener("resize", draw);

if (!offeredToken(restaurant) && !tokenOf(restaurant)) location.replace(base.href);
else {
  draw();
  client.start();
}
