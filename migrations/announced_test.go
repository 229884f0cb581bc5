package migrations_test

import (
	"strings"
	"testing"
)

// A transaction that has announced a new order says nothing of the lines and modifiers that it writes to it, because they are read with it.
// What it writes to another order is announced, whatever it tried to write to the new one before.
func TestOtherOrdersAreAnnouncedBesideANewOne(t *testing.T) {
	t.Parallel()
	const (
		old      = `'00000000-0000-4000-8000-000000000001'`
		oldLine  = `'00000000-0000-4000-8000-000000000011'`
		newOrder = `'00000000-0000-4000-8000-000000000002'`
		newLine  = `'00000000-0000-4000-8000-000000000022'`
		modifier = `insert into order_item_modifiers (order_item_id, name) values (` + oldLine + `, 'hot')`
		line     = `insert into order_items (id, order_id, name) values (` + oldLine + `, ` + newOrder + `, 'Tea')`
		trigger  = `create function theirs() returns trigger language plpgsql as $f$ begin `
	)
	for _, c := range []struct{ name, before, sql string }{
		{"a modifier", ``, modifier},
		{"a line", ``, `insert into order_items (order_id, name) values (` + old + `, 'Tea')`},
		{"lines of both", ``, `insert into order_items (order_id, name) values (` + newOrder + `, 'Tea'), (` + old + `, 'Tea')`},
		{"a modifier of a line that was not written again", ``, line + ` on conflict do nothing; ` + modifier},
		{"the same, with another line that was", ``,
			`insert into order_items (id, order_id, name) values (` + oldLine + `, ` + newOrder + `, 'Tea'), (` + newLine + `, ` + newOrder + `, 'Cake') on conflict do nothing; ` + modifier},
		{"modifiers of both lines", ``, line + ` on conflict do nothing; insert into order_items (id, order_id, name) values (` + newLine + `, ` + newOrder + `, 'Cake');
			insert into order_item_modifiers (order_item_id, name) values (` + newLine + `, 'hot'), (` + oldLine + `, 'hot')`},
		{"a modifier of a line that was updated without a change instead", ``, line + ` on conflict (id) do update set name = order_items.name; ` + modifier},
		{"a modifier of a line that was updated instead", ``, line + ` on conflict (id) do update set quantity = 3; ` + modifier},
		{"a modifier of a line that another program's trigger did not write", trigger + `return null; end $f$; create trigger z before insert on order_items for each row execute function theirs()`,
			line + `; ` + modifier},
		{"a line that another program's trigger gave to the order", trigger + `NEW.order_id := ` + old + `; return NEW; end $f$; create trigger z before insert on order_items for each row execute function theirs()`,
			`insert into order_items (id, order_id, name) values (` + newLine + `, ` + newOrder + `, 'Tea')`},
		{"a modifier of a line that another program's trigger gave to the order",
			trigger + `NEW.order_id := ` + old + `; return NEW; end $f$; create trigger z before update on order_items for each row execute function theirs()`,
			`insert into order_items (id, order_id, name) values (` + newLine + `, ` + newOrder + `, 'Tea'); savepoint s; update order_items set notes = 'x' where id = ` + newLine + `; ` +
				`insert into order_item_modifiers (order_item_id, name) values (` + newLine + `, 'hot')`},
		{"a modifier that another program's trigger gave to the order's line",
			trigger + `NEW.order_item_id := ` + oldLine + `; return NEW; end $f$; create trigger z before insert on order_item_modifiers for each row execute function theirs()`,
			`insert into order_items (id, order_id, name) values (` + newLine + `, ` + newOrder + `, 'Tea'); insert into order_item_modifiers (order_item_id, name) values (` + newLine + `, 'hot')`},
		{"a line that was rolled back", ``, `savepoint s; insert into order_items (id, order_id, name) values (` + newLine + `, ` + newOrder + `, 'Tea'); rollback to s;
			insert into order_items (id, order_id, name) values (` + newLine + `, ` + old + `, 'Tea'); insert into order_item_modifiers (order_item_id, name) values (` + newLine + `, 'hot')`},
		{"a line that was deleted from the new one", ``, `insert into order_items (id, order_id, name) values (` + newLine + `, ` + newOrder + `, 'Tea'); delete from order_items where id = ` + newLine + `;
			insert into order_items (id, order_id, name) values (` + newLine + `, ` + old + `, 'Tea'); insert into order_item_modifiers (order_item_id, name) values (` + newLine + `, 'hot')`},
		{"a line that moves from the new one", ``, `insert into order_items (id, order_id, name) values (` + newLine + `, ` + newOrder + `, 'Tea');
			update order_items set order_id = ` + old + ` where id = ` + newLine + `; insert into order_item_modifiers (order_item_id, name) values (` + newLine + `, 'hot')`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			if err := h.do(`insert into orders (id, restaurant_id) values (` + old + `, $A);; insert into order_items (id, order_id, name) values (` + oldLine + `, ` + old + `, 'Soup');; ` + c.before); err != nil {
				t.Fatal(err)
			}
			h.received()
			was := h.one(`select version::text from kitchen.order_versions where order_id = ` + old)
			if err := h.do(`begin; insert into orders (id, restaurant_id) values (` + newOrder + `, $A); ` + c.sql + `; commit`); err != nil {
				t.Fatal(err)
			}
			if got := h.one(`select (version - $1::int)::text from kitchen.order_versions where order_id = `+old, was); got != "1" {
				t.Errorf("its version rose by %s, want 1", got)
			}
			all := strings.Join(h.received(), ", ")
			if all != "A order_created, A order_updated" {
				t.Errorf("received %s", all)
			}
		})
	}
}
