// Getting in: takes a link or a token and leads to the board.
import { html, nothing, render } from "lit-html";
import { wordsOf } from "./i18n.js";
import { boardPath } from "./address.js";
import { knownBoards, offerPass, takeFromAddress } from "./pass.js";
import { PassForm } from "./pass_form.js";
import { Settings } from "./settings.js";

const settings = new Settings();
const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const form = new PassForm(null, ({ restaurant, token }) => {
  const kept = offerPass(restaurant, token);
  location.assign(`${boardPath(restaurant)}${kept ? "" : `#token=${token}`}`);
}, draw);

function draw() {
  const words = wordsOf(settings.values.lang);
  document.documentElement.lang = words.lang;
  document.documentElement.dir = words.dir;
  document.title = words.enterTitle;
  const boards = knownBoards();
  render(html`<div class="entry">
    <h1>${words.enterTitle}</h1>
    ${boards.length ? html`<h2>${words.known}</h2>
      <ul class="boards">${boards.map((b) => html`<li><a href=${boardPath(b.id)}><bdi>${b.label}</bdi></a></li>`)}</ul>` : nothing}
    <p>${words.enterHint}</p>
    ${form.view(words)}
  </div>`, main);
}

draw();
document.dispatchEvent(new Event("kitchen-running"));
const token = takeFromAddress();
if (token === "") {
  form.problem = "badToken";
  draw();
}
if (token) {
  form.read(token, "");
  const field = document.querySelector("textarea");
  if (field) field.value = token;
}
