// What a modifier does to its dish: as the data says, and where it says nothing, guessed from the name.
import { nameOr, visible } from "./visible.js";

/** @typedef {import("../client/order.js").Modifier} Modifier */
/** @typedef {"add"|"remove"|"allergy"|"note"} Kind */

const KINDS = ["add", "remove", "allergy", "note"];

/**
 * Words before the ingredient that is left out, by language, as tills write them. A word that means something else at the
 * beginning of a dish in another language is not listed, like the Finnish "ei", which is an egg in German.
 * @type {Record<string, string[]>}
 */
const WITHOUT_BEFORE = {
  en: ["no", "without", "w/o", "hold the"],
  ar: ["بدون", "من دون", "بلا", "بغير"],
  ca: ["sense"],
  cs: ["bez"], // Polish, Slovak, Croatian and Serbian as well
  da: ["uden"],
  de: ["ohne", "kein", "keine", "keinen"],
  el: ["χωρίς", "χωρις"],
  es: ["sin"],
  fa: ["بدون"],
  fr: ["sans", "pas de"],
  he: ["בלי", "ללא"],
  hi: ["बिना"],
  id: ["tanpa"],
  it: ["senza", "niente"],
  nb: ["uten"],
  nl: ["zonder", "geen"],
  pt: ["sem"],
  ro: ["fără", "fara"],
  ru: ["без"], // Ukrainian and Bulgarian as well
  sv: ["utan"],
  vi: ["không"],
  zh: ["不要", "不加", "免", "去"],
};
/** Words after it. @type {Record<string, string[]>} */
const WITHOUT_AFTER = {
  ja: ["抜き", "なし"],
  ko: ["빼고", "없이"],
  hu: ["nélkül"],
  tr: ["olmasın", "hariç"],
};
/** Languages that write no space between words. */
const JOINED = new Set(["zh", "ja"]);

/**
 * "No" is "on the" in Portuguese: *no pão* is on bread. Its own letters, and the things on which a kitchen there serves,
 * distinguish the two. Portuguese says "sem" for what is left out.
 */
const ON_THE = /^no\s+(\S*[ãõ]\S*|prato|copo|forno|espeto|ponto|vapor|palito|lado|pote|papel|saco|tacho|bafo|capricho|balde)(\s|$)/iu;

const BEFORE = new RegExp(`^(?:${alternatives(WITHOUT_BEFORE, (word) => `${word}[\\s:]+(?=[^\\s\\d])`)})`, "iu");
const AFTER = new RegExp(`(?:${alternatives(WITHOUT_AFTER, (word) => `\\s${word}`)})$`, "iu");

/**
 * @param {Record<string, string[]>} table
 * @param {(word: string) => string} spaced the expression for a word of a language that has spaces
 */
function alternatives(table, spaced) {
  return Object.entries(table)
    .flatMap(([language, words]) => words.map((w) => w.replace(/[/.]/g, "\\$&")).map((w) => (JOINED.has(language) ? w : spaced(w))))
    .sort((a, b) => b.length - a.length)
    .join("|");
}

/**
 * Whether a name says by itself that something is left out.
 * @param {string} name
 */
export function saysWithout(name) {
  const text = name.trim();
  return (BEFORE.test(text) && !ON_THE.test(text)) || AFTER.test(text);
}

/**
 * @param {Modifier} modifier
 * @returns {Kind} the kind in the data; a guess where it has none, or one that this version does not know
 */
export function kindOf({ kind, modifier_option }) {
  if (kind && KINDS.includes(kind)) return kind;
  return saysWithout(modifier_option.name) ? "remove" : "add";
}

/**
 * The names of a dish's allergy modifiers.
 * @param {import("../client/order.js").Item} item
 */
export function allergiesOf(item) {
  return item.modifiers.filter((m) => kindOf(m) === "allergy").map((m) => nameOr(m.modifier_option.name));
}

/**
 * Whether anything in an order says allergy: its note, or a modifier.
 * @param {import("../client/order.js").Order} order
 */
export function hasAllergy(order) {
  return Boolean(visible(order.allergy_note)) || order.items.some((i) => allergiesOf(i).length > 0);
}

/**
 * A modifier as a cook reads it: what is left out, and what is dangerous, cannot be taken for an extra.
 * @param {string} name
 * @param {string} kind
 * @param {import("./i18n.js").Words} words
 */
export function labelOf(name, kind, words) {
  if (kind === "allergy") return `${words.allergy} ${name}`;
  if (kind !== "remove") return name;
  return (saysWithout(name) ? name : words.without(name)).toUpperCase();
}
