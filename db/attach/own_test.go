package attach_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
)

// shared says what the schema kitchen of a database consists of, besides the views of its mapping and what announces changes. The versions
// of our own orders are partly in their rows, so that kitchen.order_versions has the same columns, and reads others.
const shared = `
	select 'domain ' || t.typname, '' from pg_type t where t.typnamespace = 'kitchen'::regnamespace and t.typtype = 'd'
	union all
	select 'column ' || c.relname || '.' || a.attname,
	       concat_ws(' ', case when d.typtype = 'd' then d.typname else format_type(a.atttypid, a.atttypmod) end, a.attnotnull, a.attidentity, pg_get_expr(f.adbin, f.adrelid))
	  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped join pg_type d on d.oid = a.atttypid
	  left join pg_attrdef f on f.adrelid = c.oid and f.adnum = a.attnum
	 where c.relnamespace = 'kitchen'::regnamespace and c.relkind in ('r', 'v') and c.relname not in ('restaurants', 'users', 'orders', 'order_rows', 'lines', 'modifiers', 'watch', 'line_modifiers', 'goose_db_version')
	union all
	select 'column ' || c.relname || '.' || a.attname, ''
	  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
	 where c.relnamespace = 'kitchen'::regnamespace and c.relname in ('restaurants', 'users', 'orders', 'order_rows', 'lines', 'modifiers', 'watch', 'line_modifiers')
	union all
	select 'constraint ' || o.conname, pg_get_constraintdef(o.oid) from pg_constraint o where o.connamespace = 'kitchen'::regnamespace and o.contype not in ('f', 'n') and o.conname not like 'goose%'
	union all
	select 'index ' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid
	 where c.relnamespace = 'kitchen'::regnamespace and c.relname not like 'goose%'
	union all
	select format('function %s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), concat_ws(' ', p.prosecdef, p.proconfig, p.provolatile, p.prosrc)
	  from pg_proc p where p.pronamespace = 'kitchen'::regnamespace`

func (h *host) shared() map[string]string {
	h.Helper()
	rows, err := h.conn.Query(h.Context(), shared)
	if err != nil {
		h.Fatal(err)
	}
	all := map[string]string{}
	var name, is string
	if _, err := pgx.ForEachRow(rows, []any{&name, &is}, func() error { all[name] = is; return nil }); err != nil {
		h.Fatal(err)
	}
	return all
}

// The migrations of our own tables and the generator make the same schema kitchen: the same tables, views, domains and functions, but
// for what is listed here.
func TestTheMigrationsMakeWhatTheGeneratorMakes(t *testing.T) {
	t.Parallel()
	own := &host{T: t, url: dbtest.New(t)}
	own.conn = own.connect()
	attached := attachedDjango(t)
	a, b := own.shared(), attached.shared()

	// Of our own tables: what values may be, numbers that count each day, names of what is gone, and routes with the key of the menu.
	onlyOurs := []string{"index kitchen.routes_", "column routes.menu_item_id", "column order_numbers.", "constraint order_numbers_", "index kitchen.order_numbers_", "column spare_numbers.", "constraint spare_numbers_", "index kitchen.spare_numbers_",
		"column last_names.", "constraint last_names_", "index kitchen.last_names_",
		"domain order_type", "domain order_status", "domain order_number", "domain order_time", "domain quantity", "domain modifier_kind",
		"constraint orders_", "constraint quantity_sensible", "constraint modifier_kind_known"}
	// Of a mapping: what was installed, and the version from which the next change counts on, which an order of ours has in its own row.
	onlyAttached := []string{"column order_changes.made", "column mapping.", "column watched.", "constraint watched_", "index kitchen.watched_"}
	begins := func(name string, with []string) bool {
		return slices.ContainsFunc(with, func(p string) bool { return strings.HasPrefix(name, p) })
	}
	for name, is := range a {
		other, both := b[name]
		switch {
		case strings.HasPrefix(name, "function ") && (!both || ownAnnouncing[name]):
		case begins(name, onlyOurs):
		case !both:
			t.Errorf("the migrations alone make %s %s", name, is)
		case plainSource(is) != plainSource(other):
			t.Errorf("%s differs: the migrations make\n%s\nand the generator\n%s", name, is, other)
		}
	}
	for name, is := range b {
		if _, both := a[name]; !both && !strings.HasPrefix(name, "function ") && !begins(name, onlyAttached) && !begins(name, onlyOurs) {
			t.Errorf("the generator alone makes %s %s", name, is)
		}
	}
	for _, name := range []string{"function change_status(restaurant kitchen.restaurant_key, id kitchen.order_key, status text, seen bigint)", "function tidy_order_changes(most integer)"} {
		if _, both := b[name]; !both || a[name] == "" {
			t.Errorf("%s is not in both", name)
		}
	}
}

// ownAnnouncing are functions of both that differ, because our own tables have triggers of their own: see migrations/TRIGGERS.md.
var ownAnnouncing = map[string]bool{
	"function set_status(id kitchen.order_key, status text)":          true, // in the host's words
	"function check_route()":                                          true, // there, a menu whose keys are known
	"function watch_line_changes()":                                   true, // announced by touch_orders, which is called otherwise
	"function watch_stations()":                                       true,
	"function set_derived_status_for_writer(ids kitchen.order_key[])": true, // the search_path with which triggers of the host fire
	"function watch_truncate()":                                       true, // there, users and orders have tables of their own
	"function watch_settings()":                                       true, // there, with the other tables that orders share
}

// plainSource leaves out of a function what is about numbers and names, which are of our own tables, and that an error of a mapping may
// name orders.
func plainSource(s string) string {
	var lines []string
	for l := range strings.SplitSeq(s, "\n") {
		if !strings.Contains(l, "kitchen.spare_numbers") && !strings.Contains(l, "kitchen.last_names") {
			lines = append(lines, strings.Replace(l, "SQLERRM, null)", "SQLERRM)", 1))
		}
	}
	return strings.Join(lines, "\n")
}
