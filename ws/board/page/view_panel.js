// The dialog in which somebody chooses what the screen shows.
import { html, nothing } from "lit-html";

/**
 * What the bar calls it.
 * @param {import("./view.js").ScreenView} screen
 * @param {import("./i18n.js").Words} words
 */
export const viewName = (screen, words) => (screen.names.length ? screen.names.join(" + ") : words.everything);

/**
 * @param {import("./view.js").ScreenView} screen
 * @param {import("./i18n.js").Words} words
 */
export function viewPanel(screen, words) {
  const { screens, stations, view } = screen;
  const count = (/** @type {number} */ n) => (screens ? html`<small>${words.viewScreens(n)}</small>` : nothing);
  return html`<h2 id="panel-title">${words.viewTitle}</h2>
    <p>${words.viewHint}</p>
    <div class="views">
      <button type="button" data-act="show-all" aria-pressed=${String(view.stations === null)}><b>${words.everything}</b>${count(screens?.all ?? 0)}</button>
      ${stations.map((s) => html`<button type="button" data-act="show-station" data-id=${s.id} aria-pressed=${String(view.stations?.includes(s.id) ?? false)}>
        <b><bdi>${s.name}</bdi></b>${s.kind === "expo" ? html`<small>${words.viewPass}</small>` : nothing}${count(screens?.stations.get(s.id) ?? 0)}
      </button>`)}
    </div>`;
}
