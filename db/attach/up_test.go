package attach_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // goose takes a database/sql driver
	"github.com/pressly/goose/v3"

	"kitchen/db/attach"
	"kitchen/db/dbtest"
)

func TestUpTwiceIsNoHarm(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	h.exec(`update orders_order set status = 'ready' where id = 1; insert into kitchen.settings (restaurant_id, warn_after) values (2, '7 minutes')`)
	before := h.dump()
	if done, err := attach.Up(t.Context(), h.conn, mapping(t, "django")); done || err != nil {
		t.Errorf("a second up: %v, %v", done, err)
	}
	if after := h.dump(); after != before {
		t.Error("a second up changed the schema")
	}

	// Another mapping takes the place of the first; versions and settings stay.
	found, err := attach.FindTemplate("django")
	if err != nil {
		t.Fatal(err)
	}
	changed := parse(t, "django.sql", strings.Replace(found.Text, `'' as allergy_note`, `'none' as allergy_note`, 1))
	if done, err := attach.Up(t.Context(), h.conn, changed); !done || err != nil {
		t.Fatalf("up with another mapping: %v, %v", done, err)
	}
	h.exec(`update orders_order set status = 'preparing' where id = 1`)
	if v := h.one(`select v.version || ' ' || s.warn_after || ' ' || o.allergy_note from kitchen.order_versions v, kitchen.settings s, kitchen.orders o where v.order_id = 1 and o.id = 1`); v != "2 00:07:00 none" {
		t.Errorf("after another mapping: %s, want version 2, 00:07:00, none", v)
	}
}

// A node's role may read what it could before, once another mapping has taken the place of the first.
// A display that is open learns of a changed view at once, not at its periodic check.
func TestUpOfAnotherMappingIsAnnounced(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	h.received()
	found, err := attach.FindTemplate("django")
	if err != nil {
		t.Fatal(err)
	}
	h.up(parse(t, "django.sql", strings.Replace(found.Text, `'' as allergy_note`, `'none' as allergy_note`, 1)))
	received := strings.Join(h.received(), "; ")
	for _, want := range []string{"1 queue_changed", "2 queue_changed", "users_changed"} {
		if !strings.Contains(received, want) {
			t.Errorf("announced was %q, want %q", received, want)
		}
	}
}

func TestUpKeepsWhatRolesMayDo(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	node, err := pgx.Connect(t.Context(), dbtest.Role(t, h.url, func(role string) string {
		return strings.ReplaceAll(`grant usage on schema kitchen to "node"; grant select on all tables in schema kitchen to "node"; grant insert on kitchen.line_changes to "node";
			revoke execute on function kitchen.change_status(kitchen.restaurant_key, kitchen.order_key, text, bigint) from public;
			grant execute on function kitchen.change_status(kitchen.restaurant_key, kitchen.order_key, text, bigint) to "node"`, "node", role)
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close(context.Background()) //nolint:errcheck // of a test
	found, err := attach.FindTemplate("django")
	if err != nil {
		t.Fatal(err)
	}
	if done, err := attach.Up(t.Context(), h.conn, parse(t, "django.sql", strings.Replace(found.Text, `'' as allergy_note`, `'none' as allergy_note`, 1))); !done || err != nil {
		t.Fatalf("up with another mapping: %v, %v", done, err)
	}
	var may string
	if err := node.QueryRow(t.Context(), `select (select allergy_note from kitchen.orders where id = 1) || ' ' || has_table_privilege('kitchen.line_changes', 'insert')
		|| ' ' || has_function_privilege('kitchen.change_status(kitchen.restaurant_key, kitchen.order_key, text, bigint)', 'execute') || ' ' || has_table_privilege('kitchen.settings', 'update')`).Scan(&may); err != nil || may != "none true true false" {
		t.Errorf("the role may %s, %v", may, err)
	}
}

func TestAnInterruptedUpLeavesNothing(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	before := h.dump()
	blocker := h.connect()
	if _, err := blocker.Exec(t.Context(), `begin; lock table menu_menuitem in row exclusive mode`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	conn := h.connect()
	result := make(chan error, 1)
	go func() {
		_, err := attach.Up(ctx, conn, mapping(t, "django"))
		result <- err
	}()
	for h.one(`select count(*)::text from pg_locks where not granted and relation = 'menu_menuitem'::regclass`) == "0" { //nolint:revive // until it waits
	}
	cancel()
	if err := <-result; err == nil {
		t.Fatal("the interrupted up says that it is done")
	}
	if _, err := blocker.Exec(t.Context(), `rollback`); err != nil {
		t.Fatal(err)
	}
	if after := h.dump(); after != before {
		t.Error("an interrupted up left something behind")
	}
	h.up(mapping(t, "django"))
}

func TestMigrationRunsWithGoose(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	before := h.dump()
	text, err := attach.Migration(t.Context(), h.conn, mapping(t, "django"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := attach.Migration(t.Context(), h.conn, mapping(t, "django")); err != nil || again != text {
		t.Errorf("printed twice, the migration differs: %v", err)
	}
	pool, err := sql.Open("pgx", h.url)
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, pool, fstest.MapFS{"00018_attach_kitchen.sql": {Data: []byte(text)}}, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	byGoose := h.one(`select fingerprint from kitchen.mapping`)
	h.exec(`listen "kitchen_1"; update orders_order set status = 'ready' where id = 1`)
	if v := h.one(`select version::text from kitchen.order_versions where order_id = 1`); v != "1" {
		t.Errorf("version %s after goose has attached", v)
	}
	if _, err := p.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.exec(`drop table goose_db_version`)
	if after := h.dump(); after != before {
		t.Error("the schema differs after goose's down")
	}
	h.up(mapping(t, "django"))
	if direct := h.one(`select fingerprint from kitchen.mapping`); direct != byGoose {
		t.Error("attach up does something else than the migration that it prints")
	}
}

func TestUpSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	refused := func(what, want string, conn *pgx.Conn) {
		t.Helper()
		_, err := attach.Up(t.Context(), conn, mapping(t, "django"))
		var r *attach.RefusedError
		if !errors.As(err, &r) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	}
	h.exec(`create schema kitchen; create table kitchen.recipes (id int)`)
	refused("a schema kitchen of the host", "a schema kitchen that is not of this program", h.conn)
	h.exec(`drop schema kitchen cascade`)

	role := "clerk_" + h.one(`select pg_backend_pid()::text`)
	h.exec(`create role ` + role + ` login; grant select on all tables in schema public to ` + role + `; grant usage on schema public to ` + role)
	defer h.exec(`drop owned by ` + role + `; drop role ` + role)
	u, err := url.Parse(h.url)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("user", role)
	u.RawQuery = q.Encode()
	clerk, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer clerk.Close(context.Background())
	refused("a role that may not create schemas", "create schema kitchen authorization \""+role+"\"", clerk)
	h.exec(`create schema kitchen authorization ` + role)
	refused("a role that does not own the tables", "attach as the owner of the tables", clerk)
	h.exec(`drop schema kitchen`)

	// A schema that an administrator made stays when the mapping goes.
	h.exec(`create schema kitchen`)
	before := h.dump()
	h.up(mapping(t, "django"))
	h.down()
	if h.dump() != before {
		t.Error("down does not leave the administrator's schema as it was")
	}
}

func TestPrintQueueIsThatOfTheUser(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	var out bytes.Buffer
	if err := attach.PrintQueue(t.Context(), h.conn, mapping(t, "django"), "2", &out); err != nil {
		t.Fatal(err)
	}
	want := "user 2 (eleni), owner of restaurant 2 (Taverna), may open displays\n  #1 preparing takeaway for Nikos (order 2)\n      1 x Souvlaki; no onion\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
	if err := attach.PrintQueue(t.Context(), h.conn, mapping(t, "django"), "3", &out); err == nil || !strings.Contains(err.Error(), "no user") {
		t.Errorf("a user without a restaurant: %v", err)
	}
}
