// The page that opens a board: it pairs the screen, or reads a link or a token.
import { html, nothing, render } from "lit-html";
import { wordsOf } from "./i18n.js";
import { base, boardPath, pickupPath } from "./address.js";
import { knownBoards, offerToken, tokenOf, takeFromAddress } from "./token.js";
import { TokenForm } from "./token_form.js";
import { pairWordsOf } from "./pair_words.js";
import { pairedAs, Pairing } from "./pairing.js";
import { qr } from "./qr.js";
import { keepShown } from "./view.js";
import { Settings } from "./settings.js";

const settings = new Settings();
const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const form = new TokenForm(null, ({ restaurant, token }) => {
  const kept = offerToken(restaurant, token);
  location.assign(`${boardPath(restaurant)}${kept ? "" : `#token=${token}`}`);
}, draw);
const pairing = new Pairing(draw, (token, { restaurant, role }, shown) => {
  keepShown(restaurant, shown);
  const kept = offerToken(restaurant, token);
  location.replace(`${role === "screen" ? pickupPath(restaurant) : boardPath(restaurant)}${kept ? "" : `#token=${token}`}`);
});

function draw() {
  const words = wordsOf(settings.values.lang);
  document.documentElement.lang = words.lang;
  document.documentElement.dir = words.dir;
  const own = pairWordsOf(words.lang);
  document.title = pairing.absent ? words.enterTitle : own.pairTitle;
  const boards = knownBoards();
  const lists = boards.length ? html`<h2>${words.known}</h2>
      <ul class="boards">${boards.map((b) => html`<li><a href=${boardPath(b.id)}><bdi>${b.label}</bdi></a></li>`)}</ul>` : nothing;
  render(html`<div class="entry">
    ${pairing.absent ? html`<h1>${words.enterTitle}</h1>` : html`<h1>${own.pairTitle}</h1>${code(own)}`}
    ${lists}
    ${pairing.absent ? nothing : html`<h2>${own.pairOr}</h2>`}
    <p>${words.enterHint}</p>
    ${form.view(words)}
  </div>`, main);
}

/** @param {import("./pair_words.js").PairWords} own */
function code(own) {
  const { pending, failed } = pairing;
  if (!pending) return html`<p role="status">${failed ? own.pairNoAnswer : own.pairAsking}</p>`;
  const address = `${base.host}${base.pathname}pair`;
  return html`<div class="pairing">
    ${qr(`${base.href}pair#code=${pending.code}`, own.qrLabel(address))}
    <div><p>${own.pairHow}</p>
      <p class="address" dir="ltr">${address}</p>
      <p class="code" dir="ltr" aria-label=${own.pairCode}>${pending.code}</p>
      ${failed ? html`<p role="status">${own.pairNoAnswer}</p>` : nothing}</div>
  </div>`;
}

const as = pairedAs();
const brought = takeFromAddress();
if (as && brought === null && tokenOf(as.restaurant)?.startsWith("kdp_")) {
  location.replace(as.role === "screen" ? pickupPath(as.restaurant) : boardPath(as.restaurant));
} else {
  draw();
  pairing.run();
}
document.dispatchEvent(new Event("kitchen-running"));
if (brought === "") {
  form.problem = "badToken";
  draw();
}
if (brought) {
  form.read(brought, "");
  const field = document.querySelector("textarea");
  if (field) field.value = brought;
}
