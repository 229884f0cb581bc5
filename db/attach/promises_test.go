package attach_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kitchen/db/dbtest"
)

// promises is the table of what the triggers promise, for every host. Each row starts from order 1 of restaurant A, with lines 10 and 11, and
// modifier 100 of line 10; restaurant B has no order. A word in braces is what a host says for it, or what is made from its tables: see words_test.go.
// ;; ends what is sent at once.
var promises = []struct {
	name, sql string
	want      []string
	version   string // of order 1; empty where it is gone
	since     int    // the first PostgreSQL that knows this
}{
	{name: "insert, in one transaction", want: []string{"B order_created 7"}, version: "1", sql: `begin;; {order 7 B};; {line 70 7};; {line 71 7};; {modifier 700 70};; commit`},
	{name: "insert, its lines alone", want: []string{"B order_created 7"}, version: "1", sql: `begin;; {order 7 B};; {line 70 7};; {line 71 7};; commit`},
	{name: "insert, in one statement", want: []string{"B order_created 7"}, version: "1", sql: `{insert 7}`},
	{name: "insert, in savepoints", want: []string{"B order_created 7"}, version: "1", sql: `
		begin;; savepoint s;; {order 7 B};; release s;; savepoint t;; {line 70 7};; release t;; savepoint u;; {line 71 7};; rollback to u;; commit`},
	{name: "insert, in blocks that catch errors", want: []string{"B order_created 7"}, version: "1", sql: `
		begin;; {order 7 B};; do $$ begin {line 70 7}; exception when others then raise; end $$;; do $$ begin {line 71 7}; raise 'x'; exception when others then null; end $$;; commit`},
	{name: "insert, then its lines in another transaction", want: []string{"B order_created 7", "B order_updated 7"}, version: "1", sql: `{order 7 B};; {line 70 7}`},
	{name: "status", want: []string{"A status 1"}, version: "2", sql: `{status 1}`},
	{name: "status and a note", want: []string{"A order_updated 1"}, version: "2", sql: `{both 1}`},
	{name: "a note", want: []string{"A order_updated 1"}, version: "2", sql: `{note 1 a}`},
	{name: "insert a line", want: []string{"A order_updated 1"}, version: "2", sql: `{line 12 1}`},
	{name: "update a line", want: []string{"A order_updated 1"}, version: "2", sql: `{more 10}`},
	{name: "delete a line", want: []string{"A order_updated 1"}, version: "2", sql: `{remove 11}`},
	{name: "insert a modifier", want: []string{"A order_updated 1"}, version: "2", sql: `{modifier 101 10}`},
	{name: "update a modifier", want: []string{"A order_updated 1"}, version: "2", sql: `{change 100}`},
	{name: "delete a modifier", want: []string{"A order_updated 1"}, version: "2", sql: `{spare 100}`},
	{name: "order and lines in one transaction", want: []string{"A order_updated 1"}, version: "2", sql: `begin;; {note 1 a};; {more 10};; {line 12 1};; {remove 11};; commit`},
	{name: "lines one by one, in one transaction", want: []string{"A order_updated 1"}, version: "2", sql: `begin;; {line 12 1};; {more 12};; {more 12};; {line 13 1};; {remove 12};; commit`},
	{name: "order and line in one statement", want: []string{"A order_updated 1"}, version: "2", sql: `with w as ({more 10} returning 1) {note 1 a}`},
	{name: "a line moves to another order", want: []string{"A order_created 7", "A order_updated 1", "A order_updated 7"}, version: "2", sql: `{order 7 A};; {give 11 7}`},
	{name: "delete an order, as an ORM does", want: []string{"A order_deleted 1", "A order_updated 1"}, sql: `begin;; {delete 1};; commit`},
	{name: "delete an order, its lines cascaded", want: []string{"A order_deleted 1"}, sql: `{cascades};; {drop 1}`},
	{name: "delete an order, its lines cascaded, of two", want: []string{"A order_created 7", "A order_deleted 1", "A order_deleted 7", "A order_updated 7"}, sql: `{cascades};; {order 7 A};; {line 70 7};; {drop 1 7}`},
	{name: "move an order", want: []string{"A order_deleted 1", "B order_created 1"}, version: "2", sql: `{move 1 B}`},
	{name: "move, then change", want: []string{"A order_deleted 1", "B order_created 1", "B order_updated 1"}, version: "3", sql: `{move 1 B};; {more 10}`},
	{name: "move there and back", want: []string{"A order_created 1", "A order_deleted 1", "B order_created 1", "B order_deleted 1"}, version: "3", sql: `{move 1 B};; {move 1 A}`},
	{name: "update nothing", version: "1", sql: `{same 1}`},
	{name: "columns that no kitchen sees", version: "1", sql: `{unseen 1}`},
	{name: "an ORM writes back what it has read", version: "1", sql: `{save 1}`},
	{name: "an ORM writes back what it has read, and a status", want: []string{"A status 1"}, version: "2", sql: `begin;; {save 1 status};; commit`},
	{name: "rolled back", version: "1", sql: `begin;; {note 1 a};; {order 7 B};; {line 70 7};; {remove 11};; rollback`},
	{name: "rolled back to a savepoint", want: []string{"A order_updated 1"}, version: "2", sql: `begin;; savepoint s;; {note 1 a};; {order 7 B};; rollback to s;; {more 10};; commit`},
	{name: "touched again after a rollback to a savepoint", want: []string{"A order_updated 1"}, version: "2", sql: `begin;; savepoint s;; {more 10};; rollback to s;; {more 11};; commit`},
	{name: "rolled back to a savepoint, and nothing else", version: "1", sql: `begin;; savepoint s;; {more 10};; {note 1 a};; rollback to s;; commit`},
	{name: "made and deleted in one transaction", want: []string{"B order_created 7", "B order_deleted 7"}, version: "1", sql: `begin;; {order 7 B};; {delete 7};; commit`},
	{name: "made again with its old id", want: []string{"B order_created 7", "B order_created 7", "B order_deleted 7"}, version: "1", sql: `{cascades};; {order 7 B};; {drop 7};; {order 7 B}`},
	{name: "on conflict do nothing", version: "1", sql: `{again 1} on conflict (id) do nothing`},
	{name: "on conflict do update", want: []string{"A order_updated 1"}, version: "2", sql: `{again 1} on conflict (id) do update set {noted a}`},
	{name: "copy", want: []string{"B order_created 7"}, version: "1", sql: `begin;; {copy 7};; commit`},
	{name: "merge", since: 15, want: []string{"A status 1", "B order_created 7"}, version: "2", sql: `begin;; {merge 7 1};; commit`},
	{name: "merge that deletes", since: 15, want: []string{"B order_created 7", "B order_deleted 7"}, version: "1", sql: `{cascades};; {order 7 B};; {unmerge 7}`},
	{name: "50 orders", want: each("B order_created %d", 100, 149), version: "1", sql: `{orders 100 149 100}`},
	{name: "51 orders, and few of another", want: []string{"A order_created 100", "A order_created 101", "B queue_changed"}, version: "1", sql: `{orders 100 152 102}`},
	{name: "50 of each of two restaurants", want: append(each("A order_created %d", 100, 149), each("B order_created %d", 150, 199)...), version: "1", sql: `{orders 100 199 150}`},
	{name: "update and delete many", want: []string{"B queue_changed", "B queue_changed", "B queue_changed"}, version: "1", sql: `
		{cascades};; {orders 100 160 100};; {notes 100 160};; {dropall 100 160}`},
	{name: "lines of many orders", want: []string{"B queue_changed", "B queue_changed"}, version: "1", sql: `{orders 100 160 100};; {lines 100 160}`},
	{name: "60 written, of which 2 change", want: []string{"B order_updated 107", "B order_updated 108", "B queue_changed"}, version: "1", sql: `{orders 100 160 100};; {two 107 108}`},
	{name: "truncate", want: []string{"A queue_changed", "B order_created 7", "B queue_changed"}, sql: `{order 7 B};; {truncate orders}`},
	{name: "truncate the lines", want: []string{"A queue_changed", "B order_created 7", "B order_updated 7", "B queue_changed"}, sql: `{order 7 B};; {line 70 7};; {truncate lines}`},
	{name: "notify off", want: []string{"A order_updated 1"}, version: "4", sql: `set kitchen.notify = off;; {note 1 a};; {more 10};; reset kitchen.notify;; {note 1 b}`},
	{name: "as a replica", want: []string{"A order_updated 1", "B order_created 7"}, version: "2", sql: `
		set session_replication_role = replica;; {note 1 a};; {order 7 B};; reset session_replication_role`},
	{name: "a display moves it on", want: []string{"A status 1"}, version: "2", sql: `{set 1 preparing}`},
	{name: "a display says what is so", want: []string{"A status 1"}, version: "2", sql: `{set 1 preparing};; {set 1 preparing}`},
	{name: "a display calls it back", want: []string{"A status 1", "A status 1"}, version: "3", sql: `{set 1 completed};; {set 1 ready}`},
	{name: "the restaurant's name", want: []string{"A queue_changed"}, version: "1", sql: `{rename A}`},
	{name: "a user's rights", want: []string{"users user_changed 1"}, version: "1", sql: `{ban 1}`},
	{name: "the settings of a restaurant", want: []string{"A queue_changed", "A queue_changed", "A queue_changed"}, version: "1", sql: `
		insert into kitchen.settings (restaurant_id) values ({A});; update kitchen.settings set warn_after = '6 minutes';; update kitchen.settings set warn_after = '6 minutes';;
		truncate kitchen.settings`},
}

func each(format string, from, to int) (all []string) {
	for i := from; i <= to; i++ {
		all = append(all, fmt.Sprintf(format, i))
	}
	return all
}

// Every host keeps every promise of the table, but for what it cannot do, which it says.
func TestTriggersKeepTheirPromisesOnEveryHost(t *testing.T) {
	t.Parallel()
	for _, tables := range hosts() {
		t.Run(tables.name, func(t *testing.T) {
			t.Parallel()
			w := tables.attach(t)
			kept := 0
			for _, p := range promises {
				if word := tables.missing(p.sql); word != "" {
					if tables.cannot[word] == "" {
						t.Errorf("%s: the host has no word for %q, and no reason why not", p.name, word)
					}
					continue
				}
				kept++
				if w.major < p.since {
					continue // there is no such statement
				}
				w.try(t, p.name, func() {
					w.run(p.sql)
					w.expect(p.name, p.want...)
					if p.version != "" {
						w.hasVersion(p.version)
					}
				})
			}
			if kept != tables.promises {
				t.Errorf("%d of %d promises apply, want %d", kept, len(promises), tables.promises)
			}
			w.changeEachColumn(t)
			w.try(t, "two transactions on one order", w.twoTransactions)
			pool := dbtest.Pool(t, w.url+"&pool_max_conns=16")
			for isolation, rounds := range tables.isolations() {
				w.try(t, "sixteen writers, "+isolation, func() { w.writersDoNotDeadlock(pool, isolation, rounds) })
			}
		})
	}
}

// try runs a test that starts from order 1 of A.
func (w *words) try(t *testing.T, name string, test func()) {
	t.Run(name, func(t *testing.T) {
		w.T = t
		w.reset()
		test()
		w.caughtNothing()
	})
	w.T = t
}

// changeEachColumn changes each column of the orders' table that a view reads, and checks that each change is announced to the kitchen.
func (w *words) changeEachColumn(t *testing.T) {
	t.Helper()
	read := strings.Fields(w.one(`
		select string_agg(distinct a.attname::text, ' ' order by a.attname::text)
		  from pg_depend d join pg_rewrite r on r.oid = d.objid join pg_class v on v.oid = r.ev_class join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
		 where d.classid = 'pg_rewrite'::regclass and v.relnamespace = 'kitchen'::regnamespace and v.relname in ('orders', 'order_rows') and d.refobjid = $1::text::regclass
		   and a.attname not like 'kitchen\_%'`, w.of[0].table))
	for _, column := range read {
		value, known := w.seen[column]
		if !known && !slices.Contains(w.keys, column) {
			t.Errorf("a view reads %s.%s, and no promise is made of it", w.of[0].table, column)
		}
		if !known {
			continue
		}
		w.try(t, "column "+column, func() {
			w.run(fmt.Sprintf(`update %s set %q = %s where id = {1}`, w.of[0].table, column, value))
			w.expect(column, map[bool]string{false: "A order_updated 1", true: "A status 1"}[column == w.status[0]])
			w.hasVersion("2")
		})
	}
	if len(read) != len(w.seen)+len(w.keys) {
		t.Errorf("the views read %q, and the test has %d values beside %q", read, len(w.seen), w.keys)
	}
}
