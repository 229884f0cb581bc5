import assert from "node:assert/strict";
import { test } from "node:test";
import { allergiesOf, hasAllergy, kindOf, labelOf, saysWithout } from "./modifiers.js";
import { wordsOf } from "./i18n.js";
import { rowsOf } from "./rows.js";
import { nameOr, visible } from "./visible.js";
import { line, modifier, order } from "../testdata/tickets.mjs";

const marked = (now, seen) => rowsOf(now, seen, "").filter((r) => r.mark).map((r) => [r.kind, r.what || r.text, r.was, r.text, r.mark]);

test("the data says what a modifier does; words are looked at only where it is silent", () => {
  assert.equal(kindOf(modifier("Onion", "remove")), "remove");
  assert.equal(kindOf(modifier("no onion", "add")), "add");
  assert.equal(kindOf(modifier("Nuts", "allergy")), "allergy");
  assert.equal(kindOf(modifier("well done", "note")), "note");
  for (const silent of [null, undefined, "a word of a later version"]) {
    assert.equal(kindOf(modifier("no onion", silent)), "remove");
    assert.equal(kindOf(modifier("extra cheese", silent)), "add");
  }
});

test("what is left out is guessed in the languages of the table", () => {
  const without = [
    "no onion", "NO ONION", "No: onion", "without nuts", "w/o mayo", "hold the pickles", "ohne Zwiebeln", "kein Salz", "keine Nüsse",
    "zonder ui", "geen kaas", "sin gluten", "sem cebola", "sans sel", "pas de sucre", "senza glutine", "بدون بصل", "من دون ملح",
    "bez cukru", "uden løg", "uten løk", "utan lök", "χωρίς κρεμμύδι", "без лука", "בלי בצל", "fără ceapă", "tanpa bawang",
    "không hành", "不要葱", "玉ねぎ抜き", "양파 빼고", "hagyma nélkül", "soğan olmasın",
  ];
  for (const name of without) assert.equal(saysWithout(name), true, name);
  const not = [
    "no pão", "No prato", "no forno", "no ponto", "extra onion", "Nougat", "note", "no. 5 sauce", "No 5 sauce", "Singapore noodles", "Sincronizada",
    "keinplatz", "Ei extra", "Bezel", "on the side", "hold", "hold for guest", "no", "Nopal", "ohnegleichen",
  ];
  for (const name of not) assert.equal(saysWithout(name), false, name);
});

test("what is left out is written so, once, in the language of the screen", () => {
  const [en, ar] = [wordsOf("en"), wordsOf("ar")];
  assert.equal(labelOf("Onion", "remove", en), "NO ONION");
  assert.equal(labelOf("no onion", "remove", en), "NO ONION");
  assert.equal(labelOf("بصل", "remove", ar), "بدون بصل");
  assert.equal(labelOf("بدون بصل", "remove", ar), "بدون بصل");
  assert.equal(labelOf("Nuts", "allergy", en), "ALLERGY Nuts");
  assert.equal(labelOf("Cheese", "add", en), "Cheese");
});

test("an allergy that the menu marks is at the top, like the note, and at its dish", () => {
  const o = order(1, { allergy_note: "sesame", items: [line("a", 1, "Salad", modifier("Nuts", "allergy"), modifier("Feta", "add"))] });
  assert.deepEqual(rowsOf(o, null, "").map((r) => [r.kind, r.what, r.text]), [
    ["banner", "allergy", "sesame"], ["banner", "allergy", "Nuts: Salad"], ["item", "", "Salad"],
    ["modifier", "allergy", "Nuts"], ["modifier", "add", "Feta"],
  ]);
  assert.deepEqual(allergiesOf(o.items[0]), ["Nuts"]);
  assert.equal(hasAllergy(order(1, { items: o.items })), true);
  assert.equal(hasAllergy(order(1, { items: [line("a", 1, "Salad", modifier("Feta", "add"))] })), false);
  const without = order(1, { allergy_note: "sesame", items: [line("a", 1, "Salad", modifier("Feta", "add"))] });
  assert.deepEqual(marked(o, without), [["banner", "allergy", "", "Nuts: Salad", "added"], ["modifier", "allergy", "", "Nuts", "added"]]);
});

test("modifiers keep the till's order", () => {
  const o = order(1, { items: [line("a", 1, "Burger", modifier("rare"), modifier("no onion"), modifier("bacon"))] });
  assert.deepEqual(rowsOf(o, null, "").filter((r) => r.kind === "modifier").map((r) => r.text), ["rare", "no onion", "bacon"]);
});

test("a name that shows nothing is a question mark, a note that shows nothing is none", () => {
  for (const blank of ["", "  ", "\u200b\u200d", "\u2800", "\u3164", "\u00a0\u2060\ufeff", "\u00ad", "\ufe0f"]) {
    assert.equal(nameOr(blank), "?", JSON.stringify(blank));
    assert.equal(visible(blank), "");
    const o = order(1, { notes: blank, allergy_note: blank, customer_name: blank, table: { id: "t", label: "7" }, items: [line("a", 2, blank, modifier(blank))] });
    assert.deepEqual(rowsOf(o, null, "").map((r) => [r.kind, r.text]), [["item", "?"], ["modifier", "?"]]);
  }
  assert.equal(nameOr(" 🍕 "), "🍕");
  assert.equal(nameOr("👩‍🍳"), "👩‍🍳");
});
