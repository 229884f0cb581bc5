package migrations_test

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
)

// A dump carries the transaction ids of an older cluster into a younger one, which comes by the same ids again. Each change there
// is made in the very transaction id in which its order was counted last.
func TestRestoredDumpKeepsAnnouncingChanges(t *testing.T) {
	t.Parallel()
	changes := []struct {
		name, sql string // of the order $1
		want      []string
		version   string
	}{
		{"status", `update orders set status = 'ready' where id = $1`, []string{"A order_status_changed ready"}, "2"},
		{"content", `update orders set notes = 'x' where id = $1`, []string{"A order_updated"}, "2"},
		{"line inserted", `insert into order_items (order_id, name) values ($1, 'Tea')`, []string{"A order_updated"}, "2"},
		{"line updated", `update order_items set quantity = 3 where order_id = $1`, []string{"A order_updated"}, "2"},
		{"modifier inserted", `insert into order_item_modifiers (order_item_id, name) select i.id, 'hot' from order_items i where i.order_id = $1`, []string{"A order_updated"}, "2"},
		{"moved", `update orders set restaurant_id = '%[2]s' where id = $1`, []string{"A order_deleted", "B order_created"}, "2"},
		{"deleted", `delete from orders where id = $1`, []string{"A order_deleted"}, "2"},
	}
	alone := map[string]string{"autovacuum": "off"} // nobody else takes transaction ids
	older := &house{T: t, url: dbtest.Cluster(t, alone).URL()}
	older.fill()
	old := older.session()
	old.exec(`do $$ begin for i in 1..5000 loop perform pg_current_xact_id(); commit; end loop; end $$`)
	for i := range changes {
		id := fmt.Sprintf("00000000-0000-4000-8000-%012d", i)
		old.exec(`do $$ begin for i in 1..10 loop perform pg_current_xact_id(); commit; end loop; end $$`) // room for what the test itself does
		if err := older.do(`begin; insert into orders (id, restaurant_id) values ('` + id + `', $A); insert into order_items (order_id, name) values ('` + id + `', 'Soup'); commit`); err != nil {
			t.Fatal(err)
		}
	}

	restored := *older
	restored.url = restore(t, older.url, dbtest.Cluster(t, alone).URL())
	restored.pool = dbtest.Pool(t, restored.url)
	restored.listen()
	writer := restored.session()
	for i, c := range changes {
		id := fmt.Sprintf("00000000-0000-4000-8000-%012d", i)
		var xact int64
		if err := writer.conn.QueryRow(t.Context(), `select kitchen_xact from orders where id = $1`, id).Scan(&xact); err != nil {
			t.Fatal(err)
		}
		writer.exec(fmt.Sprintf(`do $$ begin while pg_current_xact_id()::text::bigint < %d loop commit; end loop; end $$`, xact-1))
		tx, err := writer.conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), fmt.Sprintf(c.sql+`/* %[1]s %[2]s */`, id, restored.b), id); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var same bool
		if err := tx.QueryRow(t.Context(), `select pg_current_xact_id()::text::bigint = $1`, xact).Scan(&same); err != nil || !same {
			t.Fatalf("%s: the change has another transaction id than %d (%v)", c.name, xact, err)
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := restored.received()
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: received %q, want %q", c.name, got, c.want)
		}
		if got := restored.one(`select version::text from kitchen.order_versions where order_id = $1`, id); got != c.version {
			t.Errorf("%s: version %s, want %s", c.name, got, c.version)
		}
	}
	if got := restored.one(`insert into orders (restaurant_id) values ($1) returning order_number::text`, restored.a); got != fmt.Sprint(len(changes)+1) {
		t.Errorf("the next number is %s", got)
	}
}

// The counter has the id of the transaction that wrote it last, and a dump has that, too. Another transaction that happens to have this id
// does not hold the counter, and others must not wait for it.
func TestHolderOfACounterIsNotKnownByItsTransactionIDAlone(t *testing.T) {
	t.Parallel()
	h := open(t)
	holder, writer := h.session(), h.session()
	holder.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	tx, err := writer.conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `select pg_current_xact_id()`); err != nil {
		t.Fatal(err)
	}
	var xact string
	if err := tx.QueryRow(t.Context(), `select pg_current_xact_id()::text`).Scan(&xact); err != nil {
		t.Fatal(err)
	}
	holder.exec(`update kitchen.order_numbers set held_by = $1`, xact)
	holder.exec(`begin; insert into orders (restaurant_id) values ('` + h.a + `')`)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := tx.Exec(ctx, `insert into orders (restaurant_id) values ($1)`, h.a); err != nil {
		t.Fatalf("waits for the counter: %v", err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	holder.exec(`commit`)
	if got := h.one(`select string_agg(order_number::text, ' ' order by order_number) from orders`); got != "1 2 9000" {
		t.Errorf("numbers are %s", got)
	}
}

// restore dumps a database into a new one of another cluster, and returns its address.
func restore(t *testing.T, from, into string) string {
	t.Helper()
	program := dbtest.Dumper(t)
	if program == "" {
		copyRows(t, from, into)
		return into
	}
	conn := dbtest.Conn(t, into)
	if _, err := conn.Exec(t.Context(), `create database restored template template0`); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(into)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/restored"
	dump := exec.CommandContext(t.Context(), program, "--dbname", from)
	load := exec.CommandContext(t.Context(), dbtest.Client(t, "psql"), "--dbname", u.String(), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1")
	var said strings.Builder
	dump.Stderr = &said
	pipe, err := dump.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	load.Stdin = pipe
	if err := dump.Start(); err != nil {
		t.Fatal(err)
	}
	if out, err := load.CombinedOutput(); err != nil {
		t.Fatalf("restore: %v: %s", err, out)
	}
	if err := dump.Wait(); err != nil {
		t.Fatalf("dump: %v: %s", err, said.String())
	}
	return u.String()
}

// copyRows does what a dump of the rows alone does, of a server of which there is no pg_dump: it copies them into tables that the
// migrations have made, while no trigger fires, and sets the sequences.
func copyRows(t *testing.T, from, into string) {
	t.Helper()
	connect := func(url string) *pgx.Conn {
		conn := dbtest.Conn(t, url)
		return conn
	}
	list := func(conn *pgx.Conn, sql string) []string {
		rows, _ := conn.Query(t.Context(), sql)
		all, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return all
	}
	older, younger := connect(from), connect(into)
	run := func(sql string) {
		if _, err := younger.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	const tables = ` from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'kitchen') and c.relkind = 'r' and c.relname not like 'goose%'`
	asBefore := list(younger, `select format('alter table %s enable %s trigger %I', t.tgrelid::regclass, case t.tgenabled when 'A' then 'always' end, t.tgname)
		from pg_trigger t where not t.tgisinternal and t.tgrelid in (select c.oid `+tables+`)`)
	for _, table := range list(younger, `select format('%I.%I', n.nspname, c.relname)`+tables) {
		run(`alter table ` + table + ` disable trigger all; delete from ` + table)
	}
	for _, copied := range list(older, `select format('%I.%I (%s)', n.nspname, c.relname,
		(select string_agg(quote_ident(a.attname), ', ') from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''))`+tables) {
		var rows bytes.Buffer
		if _, err := older.PgConn().CopyTo(t.Context(), &rows, `copy `+copied+` to stdout`); err != nil {
			t.Fatal(err)
		}
		if _, err := younger.PgConn().CopyFrom(t.Context(), &rows, `copy `+copied+` from stdin`); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range list(younger, `select format('%I.%I', n.nspname, c.relname)`+tables) {
		run(`alter table ` + table + ` enable trigger all`)
	}
	for _, sql := range append(asBefore, list(older, `select format('select setval(%L, %s)', format('%I.%I', schemaname, sequencename), last_value)
		from pg_sequences where last_value is not null and schemaname in ('public', 'kitchen') and sequencename not like 'goose%'`)...) {
		run(sql)
	}
}
