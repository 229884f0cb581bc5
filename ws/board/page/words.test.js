import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

test("no page has a word that it never says", () => {
  const here = new URL(".", import.meta.url);
  const files = readdirSync(here).filter((name) => name.endsWith(".js") && !name.endsWith(".test.js"));
  const text = (names) => names.map((name) => readFileSync(new URL(name, here), "utf8")).join("\n");
  const said = text(files.filter((name) => !name.startsWith("i18n")));
  const words = [...text(files.filter((name) => name.startsWith("i18n"))).matchAll(/^ {2,}(\w+):/gm)].map((m) => m[1]);
  assert.ok(words.length > 200);
  assert.deepEqual([...new Set(words)].filter((word) => !new RegExp(`\\b${word}\\b`).test(said)), []);
});
