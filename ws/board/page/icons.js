// Icons. None is used alone: a word is always beside it, or names the button.
import { svg, html } from "lit-html";

/** @param {import("lit-html").TemplateResult<2>} shape */
const icon = (shape) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shape}</svg>`;

const dineIn = icon(svg`<path d="M7 2v8M4 2v5a3 3 0 0 0 6 0V2M7 10v12M17 22v-8M17 14c-2 0-3-2-3-6s1-6 3-6z"/>`);
export const takeaway = icon(svg`<path d="M5 8h14l-1 13H6zM8.5 8V6a3.500 3.500 0 0 1 7 0v2"/>`);
export const delivery = icon(svg`<path d="M2 6h11v10H2zM13 10h5l3 3v3h-8z"/><circle cx="7" cy="18" r="2.200"/><circle cx="17" cy="18" r="2.200"/>`);
export const other = icon(svg`<circle cx="12" cy="12" r="9"/><path d="M12 7v6M12 16.500v.500"/>`);
export const warning = icon(svg`<path d="M12 3 22 20H2zM12 9v6M12 17.500v.500"/>`);
export const undo = icon(svg`<path d="M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3"/>`);
export const recall = icon(svg`<path d="M3 12a9 9 0 1 0 3-6.700L3 8M3 3v5h5M12 7v5l4 2"/>`);
export const find = icon(svg`<circle cx="10" cy="10" r="6"/><path d="M14.500 14.500 21 21"/>`);
export const sum = icon(svg`<path d="M4 6h10M4 12h10M4 18h10M18 6h2M18 12h2M18 18h2"/>`);
export const sound = icon(svg`<path d="M4 9v6h4l6 5V4L8 9zM17 8.500a5 5 0 0 1 0 7M19.500 6a9 9 0 0 1 0 12"/>`);
export const mute = icon(svg`<path d="M4 9v6h4l6 5V4L8 9zM17 9l5 6M22 9l-5 6"/>`);
export const full = icon(svg`<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"/>`);
export const gear = icon(svg`<circle cx="12" cy="12" r="3.200"/><path d="M12 2.500v4M12 17.500v4M2.500 12h4M17.500 12h4M5.300 5.300l2.800 2.800M15.900 15.900l2.800 2.800M18.700 5.300l-2.800 2.800M8.100 15.900l-2.800 2.800"/>`);
export const check = icon(svg`<path d="M5 13l5 5 9-11"/>`);
export const back = icon(svg`<path class="flips" d="M15 5l-7 7 7 7"/>`);
export const forth = icon(svg`<path class="flips" d="M9 5l7 7-7 7"/>`);
export const pan = icon(svg`<path d="M3 11h13a0 0 0 0 1 0 0 6.500 6.500 0 0 1-13 0zM16 12h6M7 8c0-2 2-2 2-4M12 8c0-2 2-2 2-4"/>`);

/** @param {string} type */
export function ofType(type) {
  return { dine_in: dineIn, takeaway, delivery }[type] ?? other;
}
