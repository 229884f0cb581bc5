package db_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// Everything that a node does to its database works with the grants of migrations/roles/serve.sql, and answers for the
// restaurant that it was asked for alone, whatever ids it was given.
func TestServeRoleDoesEverythingThatANodeDoesInsideOneRestaurant(t *testing.T) {
	t.Parallel()
	s := asServe(t)
	calls := s.calls()
	for method := range reflect.TypeFor[*db.DB]().Methods() {
		call, known := calls[method.Name]
		if !known {
			t.Errorf("DB.%s is new: add a call of it to this test, with the ids of another restaurant", method.Name)
			continue
		}
		if err := call(t.Context()); err != nil {
			t.Errorf("DB.%s: %v", method.Name, err)
		}
	}
	ear, err := db.ConnectListener(t.Context(), s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer ear.Close(context.Background())
	if err := db.Listen(t.Context(), ear, []string{s.mine.Channel()}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: s.mine, Order: s.open[s.mine], Status: order.Completed}); err != nil {
		t.Fatal(err)
	}
	if n, err := ear.WaitForNotification(t.Context()); err != nil || !strings.Contains(n.Payload, `"order_status_changed"`) {
		t.Errorf("%+v, %v", n, err)
	}
}

// Table by table and verb by verb, of all tables that the catalog knows: a new one is refused until serve.sql names it.
func TestServeRoleIsRefusedEverythingElse(t *testing.T) {
	t.Parallel()
	s := asServe(t)
	s.exec(`create table payments (id int primary key); create sequence receipt; alter table users add password text; alter table orders add price numeric`)
	conn := dbtest.Conn(t, s.url)
	allowed := map[string][]string{
		"select": {"kitchen.alarm_posts", "kitchen.alarms", "kitchen.devices",
			"kitchen.goose_db_version", "kitchen.line_changes", "kitchen.line_modifiers", "kitchen.line_states", "kitchen.lines", "kitchen.modifiers", "kitchen.order_changes", "kitchen.order_rows", "kitchen.order_versions",
			"kitchen.orders", "kitchen.pairings",
			"kitchen.restaurants", "kitchen.routes", "kitchen.screens", "kitchen.settings", "kitchen.sightings", "kitchen.stations", "kitchen.trigger_errors", "kitchen.unseen", "kitchen.users"},
		"select a column": {"kitchen.alarm_posts", "kitchen.alarms", "kitchen.devices",
			"kitchen.goose_db_version", "kitchen.line_changes", "kitchen.line_modifiers", "kitchen.line_states", "kitchen.lines", "kitchen.modifiers", "kitchen.order_changes", "kitchen.order_rows", "kitchen.order_versions",
			"kitchen.orders", "kitchen.pairings",
			"kitchen.restaurants", "kitchen.routes", "kitchen.screens", "kitchen.settings", "kitchen.sightings", "kitchen.stations", "kitchen.trigger_errors", "kitchen.unseen", "kitchen.users",
			"menu_items.category", "menu_items.id", "menu_items.name", "menu_items.restaurant_id", "order_items.course", "order_items.held", "order_items.id", "order_items.order_id", "orders.id", "users.id", "users.is_active", "users.name", "users.restaurant_id", "users.role", "users.username"},
		"insert":          {"kitchen.line_changes", "kitchen.routes", "kitchen.screens", "kitchen.stations"},
		"delete":          {"kitchen.alarm_posts", "kitchen.routes", "kitchen.screens", "kitchen.stations"},
		"update a column": {"kitchen.screens.count", "kitchen.screens.node", "kitchen.screens.restaurant_id", "kitchen.screens.seen_at", "kitchen.screens.station_id", "kitchen.stations.kind", "kitchen.stations.name", "kitchen.stations.position", "order_items.held", "orders.status"},
		"execute": {"kitchen.ask_to_pair(uuid,bytea,bytea,text,interval)",
			"kitchen.change_status(kitchen.restaurant_key,kitchen.order_key,text,bigint)",
			"kitchen.check_unseen(text,interval)",
			"kitchen.derived_status(kitchen.order_key[])",
			"kitchen.fire(kitchen.order_key,integer)",
			"kitchen.fire_course(kitchen.restaurant_key,kitchen.order_key,integer)",
			"kitchen.last_name(text,uuid,uuid)", // needed to read the view of orders, which calls it
			"kitchen.line_stations(kitchen.restaurant_key,kitchen.order_key,text,kitchen.line_key,text,text,numeric,text)",
			"kitchen.note_sightings(kitchen.restaurant_key[],kitchen.order_key[],bigint[],text[],double precision[],bigint[],text)",
			"kitchen.pair(text,kitchen.restaurant_key,text,text,kitchen.user_key,text[])",
			"kitchen.route_line(kitchen.restaurant_key,text,text,text)",
			"kitchen.see_devices(uuid[])",
			"kitchen.set_derived_status(kitchen.order_key[])",
			"kitchen.set_lines(kitchen.order_key,uuid,text,kitchen.line_key[],text,kitchen.restaurant_key,text)",
			"kitchen.set_status(kitchen.order_key,text)",
			"kitchen.tidy_line_changes(integer)", "kitchen.tidy_order_changes(integer)", "kitchen.tidy_sightings(integer)",
			"kitchen.waiting(kitchen.order_key)"},
	}
	got := map[string][]string{}
	try := func(verb, what, sql string) {
		t.Helper()
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(context.Background()) //nolint:errcheck // nothing is kept
		_, err = tx.Exec(t.Context(), sql)
		var pg *pgconn.PgError
		switch {
		case err == nil || errors.As(err, &pg) && pg.Code == "23502": // not_null_violation: allowed, and wrong
			got[verb] = append(got[verb], what)
		case !errors.As(err, &pg) || pg.Code != "42501" && !slices.Contains([]string{"42809", "55000", "0A000"}, pg.Code): // insufficient_privilege; or a view, which cannot be written
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, name := range s.list(`select oid::regclass::text from pg_class
		where relnamespace in ('public'::regnamespace, 'kitchen'::regnamespace) and relkind in ('r', 'p', 'v', 'm') order by 1`) {
		quoted := name
		try("select", name, "select * from "+quoted)
		try("insert", name, "insert into "+quoted+" default values")
		try("delete", name, "delete from "+quoted)
		try("truncate", name, "truncate "+quoted+" cascade")
		try("lock", name, "lock "+quoted+" in access exclusive mode")
		try("select for update", name, "select from "+quoted+" for update")
		try("alter", name, "alter table "+quoted+" disable trigger user")
		try("drop", name, "drop table "+quoted+" cascade")
		try("trigger", name, "create trigger mine after insert on "+quoted+" for each statement execute function kitchen.watch_truncate()")
		for _, column := range s.list(`select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by 1`, name) {
			c := pgx.Identifier{column}.Sanitize()
			if !slices.Contains(got["select"], name) {
				try("select a column", name+"."+column, "select "+c+" from "+quoted)
			} else if !slices.Contains(got["select a column"], name) {
				got["select a column"] = append(got["select a column"], name)
			}
			try("update a column", name+"."+column, "update "+quoted+" set "+c+" = null where false")
		}
	}
	for _, name := range s.list(`select oid::regclass::text from pg_class where relnamespace in ('public'::regnamespace, 'kitchen'::regnamespace) and relkind = 'S'`) {
		try("sequence", name, "select nextval('"+name+"')")
	}
	got["execute"] = append(got["execute"], s.list(`select p.oid::regprocedure::text from pg_proc p
		where p.pronamespace in ('public'::regnamespace, 'kitchen'::regnamespace)
		  and has_function_privilege($1, p.oid, 'execute') order by 1`, strings.Split(conn.Config().User, "@")[0])...)
	try("other", "become another", "set role postgres")
	try("other", "silence triggers", "set session_replication_role = replica")
	try("other", "read files", "select pg_read_file('postgresql.conf')")
	try("other", "make roles", "create role another")
	allowed["lock"] = []string{"kitchen.alarm_posts", "kitchen.routes", "kitchen.screens", "kitchen.stations"} // the right to delete includes the right to lock
	// "select for update" needs no more than the right to update some column.
	allowed["select for update"] = []string{"kitchen.screens", "kitchen.stations", "order_items", "orders"}
	for verb, names := range got {
		if !slices.Equal(names, allowed[verb]) {
			t.Errorf("%s: allowed on %q, want %q", verb, names, allowed[verb])
		}
	}
	for verb := range allowed {
		if len(got[verb]) == 0 {
			t.Errorf("%s: refused everywhere", verb)
		}
	}
}

// The file may run again, takes back what was given beside it, and refuses a role that no grant can bound.
func TestServeRoleIsMadeTwiceAndBounded(t *testing.T) {
	t.Parallel()
	owner := dbtest.New(t)
	first := dbtest.ServeRole(t, owner)
	f := fixture{T: t, pool: dbtest.Pool(t, owner)}
	cfg, err := pgx.ParseConfig(first)
	if err != nil {
		t.Fatal(err)
	}
	sql, err := os.ReadFile("../migrations/roles/serve.sql")
	if err != nil {
		t.Fatal(err)
	}
	rights := func() string {
		return f.id(`select coalesce(string_agg(relname || relacl::text, ' ' order by relnamespace, relname), '') ||
			(select coalesce(string_agg(attname || attacl::text, ' ' order by attrelid::regclass::text, attname), '') from pg_attribute where attacl is not null and attrelid > 16384)
			from pg_class where relnamespace::regnamespace::text in ('public', 'kitchen', 'till') and relacl is not null`)
	}
	f.exec(`create table payments (id int); create sequence receipt; create schema till; create table till.shifts (id int);
		grant select on payments to ` + cfg.User + `; grant usage on sequence receipt to ` + cfg.User + `; grant usage on schema till to ` + cfg.User + `; grant all on till.shifts to ` + cfg.User)
	before := rights() // with what other programs gave the role to their own tables
	f.exec(`grant all on orders, users, menu_items to ` + cfg.User + `; grant update (notes) on order_items to ` + cfg.User)
	again := func(role string) error {
		conn, err := f.pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
		_, err = conn.Conn().PgConn().Exec(t.Context(), `set kitchen.role = '`+role+`'; `+string(sql)).ReadAll()
		return err
	}
	if err := again(cfg.User); err != nil {
		t.Fatal(err)
	}
	if after := rights(); after != before {
		t.Errorf("after it ran again:\n%s\ninstead of\n%s", after, before)
	}
	if err := again(f.id(`select current_user::text`)); err == nil || !strings.Contains(err.Error(), "a role of its own") && !strings.Contains(err.Error(), "no grant can bound") {
		t.Errorf("the owner as the role of serve: %v", err)
	}
}

func (f fixture) list(sql string, args ...any) []string {
	f.Helper()
	rows, err := f.pool.Query(f.Context(), sql, args...)
	if err != nil {
		f.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		f.Fatalf("%s: %v", sql, err)
	}
	return all
}

// A role that was made and given nothing is told what makes it a node's, and not only which right it lacked first.
func TestARoleWithoutRightsIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	d, err := db.Open(t.Context(), dbtest.Role(t, url, func(string) string { return "" }))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.CheckSchema(t.Context()); err == nil || !strings.Contains(err.Error(), "kitchen doctor") || !strings.Contains(err.Error(), "kitchen migrate role") {
		t.Errorf("told: %v", err)
	}
}
