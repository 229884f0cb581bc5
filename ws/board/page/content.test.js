import assert from "node:assert/strict";
import { test } from "node:test";
import { moreToCook, sameContent } from "./content.js";
import { rowsOf } from "./rows.js";
import { totals } from "./totals.js";
import { chimes, kitchen, line, modifier, order } from "../testdata/tickets.mjs";

const marked = (now, seen) => rowsOf(now, seen, "").filter((r) => r.mark).map((r) => [r.kind, r.what || r.text, r.was, r.text, r.mark]);

test("only what a cook must act on is a change", () => {
  const full = order(1, {
    table: { id: "t1", label: "7" }, created_by: { id: "u1", name: "Anna" }, customer_name: "Bob", promised_at: "2026-11-28T18:00:00Z",
    notes: "n", allergy_note: "a", items: [line("a", 2, "Soup", modifier("Salt", "add")), line("b", 1, "Fish")],
  });
  const items = full.items;
  const nothing = {
    "a waiter's corrected name": { created_by: { id: "u1", name: "Anna-Maria" } },
    "another waiter": { created_by: null },
    "the id of a table": { table: { id: "t9", label: "7" } },
    "the same moment in another zone": { promised_at: "2026-11-28T20:00:00+02:00" },
    "lines in another order": { items: [items[1], items[0]] },
    "lines written anew": { items: items.map((i) => ({ ...i, id: `${i.id}2`, modifiers: i.modifiers.map((m) => ({ ...m, id: `${m.id}2` })) })) },
    "a field of a later version": { colour: "red" },
    "a space after a note": { notes: "n " },
  };
  for (const [name, more] of Object.entries(nothing)) assert.equal(sameContent(full, { ...full, ...more }), true, name);
  const something = {
    table: { table: { id: "t1", label: "8" } }, "no table": { table: null }, guest: { customer_name: "Rob" }, type: { order_type: "takeaway" },
    due: { promised_at: "2026-11-28T18:05:00Z" }, "not due": { promised_at: null }, rush: { priority: 1 }, notes: { notes: "m" }, allergy: { allergy_note: "b" },
    "line gone": { items: [items[0]] }, "line new": { items: [...items, line("c", 1, "Fish")] }, quantity: { items: [{ ...items[0], quantity: 3 }, items[1]] },
    half: { items: [{ ...items[0], quantity: 2.5 }, items[1]] }, "line's note": { items: [{ ...items[0], notes: "x" }, items[1]] },
    modifier: { items: [{ ...items[0], modifiers: [modifier("Pepper", "add")] }, items[1]] },
    "what a modifier does": { items: [{ ...items[0], modifiers: [modifier("Salt", "remove")] }, items[1]] },
  };
  for (const [name, more] of Object.entries(something)) assert.equal(sameContent(full, { ...full, ...more }), false, name);
  const { write } = kitchen(full);
  assert.deepEqual(chimes(write(full, nothing["a waiter's corrected name"])), []);
  assert.deepEqual(chimes(write(full, something.table)), ["changed"]);
});

test("a change says what was and what is", () => {
  const before = order(1, { table: { id: "t", label: "7" }, items: [line("a", 2, "Soup", modifier("Salt", "add")), line("b", 1, "Fish")], notes: "soon" });
  const after = order(1, {
    table: { id: "t2", label: "9" }, order_type: "takeaway", customer_name: "Bob", promised_at: "2026-11-28T18:00:00Z", priority: 2, notes: "now",
    items: [line("a", 6, "Soup", modifier("Salt", "add", 2)), line("b", 1, "Fish fillet")],
  });
  assert.deepEqual(marked(after, before), [
    ["turn", "type", "dine_in", "takeaway", "changed"], ["turn", "table", "7", "9", "changed"], ["turn", "customer", "", "Bob", "added"],
    ["turn", "due", "", "2026-11-28T18:00:00Z", "added"], ["banner", "rush", "", "", "added"],
    ["note", "soon", "", "soon", "removed"], ["note", "now", "", "now", "changed"],
    ["item", "Soup", 2, "Soup", "changed"], ["modifier", "add", 1, "Salt", "changed"],
    ["item", "Fish", "", "Fish", "removed"], ["item", "Fish fillet", "", "Fish fillet", "changed"],
  ]);
  assert.deepEqual(marked(before, after).filter(([kind]) => kind === "turn" || kind === "banner"), [
    ["turn", "type", "takeaway", "dine_in", "changed"], ["turn", "table", "9", "7", "changed"], ["turn", "customer", "Bob", "", "removed"],
    ["turn", "due", "2026-11-28T18:00:00Z", "", "removed"], ["banner", "rush", "", "", "removed"],
  ]);
});

test("food that is added to a ready ticket is to be cooked", () => {
  const ready = order(1, { status: "ready", items: [line("a", 2, "Soup"), line("b", 1, "Fish")] });
  const { tickets, write } = kitchen(ready);
  const ticket = tickets.get("o1");
  assert.deepEqual([ticket.stage, totals(tickets.list())], ["ready", []]);
  const more = { version: 2, items: [line("a", 6, "Soup"), line("b", 1, "Fish"), line("c", 1.5, "Steak")] };
  assert.deepEqual(chimes(write(ready, more)), ["changed"]);
  assert.equal(ticket.stage, "reopened");
  assert.deepEqual(totals(tickets.list()).map((t) => [t.name, t.quantity]), [["Soup", 4], ["Steak", 1.5]]);
  tickets.touch("o1"); // having looked at it, nobody has cooked it yet
  assert.equal(ticket.stage, "reopened");
  assert.deepEqual(marked(ticket.order, ticket.before).map((m) => m[3]), ["Soup", "Steak"]);
  const now = ticket.order;
  write(now, { status: "preparing" });
  assert.equal(ticket.stage, "preparing");
  assert.deepEqual(totals(tickets.list()).map((t) => [t.name, t.quantity]), [["Soup", 4], ["Steak", 1.5]]);
  write(ticket.order, { status: "ready" });
  assert.deepEqual([ticket.stage, totals(tickets.list()), ticket.before], ["ready", [], null]);
  write(ticket.order, { items: [line("a", 6, "Soup")] }); // less is nothing to cook
  assert.equal(ticket.stage, "ready");
});

test("a dish that is to be made differently is to be cooked again, one that is written anew is not", () => {
  const old = order(1, { items: [line("a", 2, "Soup", modifier("Salt", "add"))] });
  const quantities = (items) => moreToCook(old, order(1, { items })).map((x) => x.quantity);
  assert.deepEqual(quantities([line("a", 2, "Soup", modifier("Salt", "remove"))]), [2]);
  assert.deepEqual(quantities([{ ...old.items[0], notes: "hot" }]), [2]);
  assert.deepEqual(quantities([{ ...old.items[0], id: "z" }]), []);
  assert.deepEqual(quantities([{ ...old.items[0], id: "z", quantity: 3 }]), [1]);
});
