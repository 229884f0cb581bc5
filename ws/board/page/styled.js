// Sets style properties of an element through the object model, which a strict Content-Security-Policy allows; lit's own
// styleMap begins with a style attribute, which it does not.
import { noChange } from "lit-html";
import { Directive, directive } from "lit-html/directive.js";

class Styled extends Directive {
  /** @param {Record<string, string>} properties */
  render(properties) {
    return properties && noChange;
  }

  /**
   * @param {import("lit-html/directive.js").ElementPart} part
   * @param {[Record<string, string>]} properties
   */
  update(part, [properties]) {
    const { style } = /** @type {HTMLElement} */ (part.element);
    for (const [name, value] of Object.entries(properties)) {
      if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
    }
    return noChange;
  }
}

export const styled = directive(Styled);
