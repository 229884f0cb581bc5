// A QR code as a drawing.
import { html } from "lit-html";
import { encode } from "uqr";

/**
 * @param {string} text
 * @param {string} label
 */
export function qr(text, label) {
  const { data, size } = encode(text, { ecc: "M", border: 3 });
  const d = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return html`<svg class="qr" role="img" aria-label=${label} viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">
    <rect width=${size} height=${size} fill="#fff"></rect><path d=${d} fill="#000"></path></svg>`;
}
