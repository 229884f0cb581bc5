package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
	"kitchen/db/local"
)

const strongSecret = "Zm9vYmFyIGJheiBxdXV4IGFiY2RlZmdoaWprbG0wMTIz"

// clinic is a server of the test's own, because much of what the doctor looks at is the whole server's.
type clinic struct {
	*local.Server
	admin *pgx.Conn // to the database "postgres"
	rooms int
}

func newClinic(t *testing.T, settings map[string]string) *clinic {
	t.Helper()
	c := &clinic{Server: dbtest.Cluster(t, settings)}
	c.admin = dial(t, c.DatabaseURL("postgres"))
	c.do(t, `create role kitchen_node login; create role stranger login`)
	return c
}

// patient is a migrated database, and the connection of its owner.
type patient struct {
	name  string
	url   string // of the owner
	owner *pgx.Conn
}

func (c *clinic) patient(t *testing.T) *patient {
	t.Helper()
	c.rooms++
	p := &patient{name: fmt.Sprintf("patient%d", c.rooms)}
	c.do(t, "create database "+p.name+" template kitchen")
	p.url = c.DatabaseURL(p.name)
	p.owner = dial(t, p.url)
	grants, err := os.ReadFile("../../migrations/roles/serve.sql") // what the doctor itself would have the role be given
	if err != nil {
		t.Fatal(err)
	}
	p.do(t, string(grants))
	return p
}

// as is the address of a patient for another role.
func (p *patient) as(role string) string {
	return strings.Replace(p.url, "user=postgres", "user="+role, 1)
}

func dial(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

func (c *clinic) do(t *testing.T, sql string) { t.Helper(); do(t, c.admin, sql) }

func (p *patient) do(t *testing.T, sql string) { t.Helper(); do(t, p.owner, sql) }

func do(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// diagnosis is what the doctor said.
type diagnosis struct {
	text   string
	code   int
	Checks []struct{ Check, Mark, Means, Mend string }
}

func diagnose(t *testing.T, env ...string) diagnosis {
	t.Helper()
	if !slices.ContainsFunc(env, func(e string) bool { return strings.HasPrefix(e, "KITCHEN_JWT_SECRET=") }) {
		env = append(env, "KITCHEN_JWT_SECRET="+strongSecret)
	}
	out, errs, code := kitchen(t, env, "doctor", "--json")
	d := diagnosis{text: out, code: code}
	if err := json.Unmarshal([]byte(out), &d); err != nil || errs != "" {
		t.Fatalf("%v: %s%s", err, out, errs)
	}
	return d
}

// expect is the one finding of a check: its mark, and what its words contain. It returns how to mend it.
func (d diagnosis) expect(t *testing.T, check, mark string, words ...string) (mend string) {
	t.Helper()
	found := false
	for _, f := range d.Checks {
		if f.Check != check {
			continue
		}
		found = true
		if f.Mark != mark {
			t.Errorf("%s is %s, want %s: %s", check, f.Mark, mark, f.Means)
		}
		for _, w := range words {
			if !strings.Contains(f.Means+" → "+f.Mend, w) {
				t.Errorf("%s does not say %q: %s → %s", check, w, f.Means, f.Mend)
			}
		}
		if f.Mark != "ok" && f.Mend == "" {
			t.Errorf("%s does not say what to do: %s", check, f.Means)
		}
		mend = f.Mend
	}
	if !found {
		t.Errorf("nothing is said of %s:\n%s", check, d.text)
	}
	if want := map[string]int{"ok": 0, "warning": 1, "wrong": 2}[mark]; d.code < want {
		t.Errorf("exit code %d, with a finding that is %s", d.code, mark)
	}
	return mend
}

// healthy expects that all is well.
func (d diagnosis) healthy(t *testing.T) {
	t.Helper()
	if d.code != 0 {
		t.Errorf("exit code %d:\n%s", d.code, d.text)
	}
}

// Each illness is found, by a name, with its mark; and where the cure is a statement, it cures.
func TestDoctorFindsWhatIsWrongWithADatabase(t *testing.T) {
	c := newClinic(t, nil)
	well := c.patient(t)
	d := diagnose(t, "DATABASE_URL="+well.as("kitchen_node"))
	d.healthy(t)
	for _, check := range []string{"database", "version", "primary", "pooler", "migrations", "triggers", "rights", "index",
		"two-phase commit", "clock", "listeners", "encoding", "numbers", "time zones", "announcements", "writes", "queue", "round trip", "key", "open files"} {
		d.expect(t, check, "ok")
	}
	d.expect(t, "round trip", "ok", "were not tried")
	var left int
	if err := well.owner.QueryRow(t.Context(), `select count(*) from orders`).Scan(&left); err != nil || left != 0 {
		t.Errorf("the doctor left %d orders behind (%v)", left, err)
	}

	const slow = "show up half a minute late"
	for name, illness := range map[string]struct {
		cause string
		check string
		mark  string
		words []string
		cured bool // by the statements or the command that the doctor names
	}{
		"trigger disabled": {`alter table orders disable trigger kitchen_watch_insert`,
			"triggers", "wrong", []string{"orders.kitchen_watch_insert is disabled", slow}, true},
		"trigger not always": {`alter table order_items enable trigger kitchen_watch_update`,
			"triggers", "wrong", []string{"order_items.kitchen_watch_update is not enabled always"}, true},
		"all triggers disabled": {`alter table orders disable trigger user`,
			"triggers", "wrong", []string{"orders_complete_update is disabled", "orders.kitchen_watch_truncate is disabled"}, true},
		"trigger missing": {`drop trigger kitchen_watch_update on orders`,
			"triggers", "wrong", []string{"orders.kitchen_watch_update is missing", "kitchen migrate repair"}, true},
		"trigger of something else": {`drop trigger order_items_complete on order_items;
			create trigger order_items_complete before insert on order_items for each row execute function suppress_redundant_updates_trigger();
			alter table order_items enable always trigger order_items_complete; alter table kitchen.settings disable trigger kitchen_watch_update`,
			"triggers", "wrong", []string{"order_items.order_items_complete is another one", "kitchen.settings.kitchen_watch_update is disabled"}, true},
		"settings' trigger disabled": {`alter table kitchen.settings disable trigger kitchen_watch_update`,
			"triggers", "wrong", []string{"alter table kitchen.settings enable always trigger kitchen_watch_update"}, true},
		"numbering missing": {`drop function kitchen.next_order_number(uuid, date)`,
			"triggers", "wrong", []string{"function kitchen.next_order_number is missing"}, true},
		"numbering replaced": {`create or replace function kitchen.next_order_number(restaurant uuid, day date) returns integer language sql as 'select 1'`,
			"triggers", "wrong", []string{"function kitchen.next_order_number is another one"}, true},
		"no right to read": {`revoke select on kitchen.restaurants, kitchen.lines from kitchen_node`,
			"rights", "wrong", []string{"lacks rights", "grant select on kitchen.restaurants, kitchen.lines to kitchen_node"}, true},
		"no right to update": {`revoke update (status) on orders from kitchen_node`,
			"rights", "wrong", []string{"grant select (id), update (status) on orders"}, true},
		"owner": {`alter table orders owner to kitchen_node`,
			"rights", "warning", []string{"owns the tables", "roles/serve.sql"}, false},
		"function replaced": {`create or replace function kitchen.watch_new_orders() returns trigger language plpgsql as 'begin return null; end'`,
			"triggers", "wrong", []string{"function kitchen.watch_new_orders is another one"}, true},
		"no right to users": {`revoke select on kitchen.users from kitchen_node`,
			"rights", "wrong", []string{"grant select on kitchen.users to kitchen_node"}, true},
		"migration pending": {`delete from kitchen.goose_db_version where version_id = 6`,
			"migrations", "wrong", []string{"00006_announce_orders", "kitchen migrate up"}, false},
		"migration unknown": {`insert into kitchen.goose_db_version (version_id, is_applied) values (99999, true)`,
			"migrations", "warning", []string{"99999", "newer"}, false},
		"list of migrations gone": {`drop table kitchen.goose_db_version`,
			"migrations", "warning", []string{"goose_db_version"}, false},
		"list of migrations hidden": {`revoke select on kitchen.goose_db_version from kitchen_node`,
			"migrations", "warning", []string{"may not see"}, true},
		"not migrated": {`drop table order_item_modifiers cascade`,
			"migrations", "wrong", []string{"modifiers.kind", "kitchen migrate up"}, false},
		"index missing": {`drop index orders_queue`,
			"index", "warning", []string{"is missing"}, true},
		"index invalid": {`update pg_index set indisvalid = false where indexrelid = 'orders_queue'::regclass`,
			"index", "warning", []string{"not valid"}, true},
		"index of something else": {`drop index orders_queue; create index orders_queue on orders (notes)`,
			"index", "warning", []string{"does not read open orders by it"}, false},
		"notifications off": {`alter role kitchen_node set kitchen.notify = off`,
			"kitchen.notify", "wrong", []string{"role kitchen_node", "half a minute late"}, true},
		"notifications off in the database": {`do $$ begin execute format('alter role kitchen_node in database %I set kitchen.notify = off', current_database()); end $$`,
			"kitchen.notify", "wrong", []string{"reset kitchen.notify", "in database"}, true},
		"notifications off for all": {`do $$ begin execute format('alter database %I set kitchen.notify = off', current_database()); end $$`,
			"kitchen.notify", "wrong", []string{"alter database", "reset kitchen.notify"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := c.patient(t)
			p.do(t, illness.cause)
			defer p.do(t, `alter role kitchen_node reset all; alter role kitchen_node nobypassrls`)
			env := "DATABASE_URL=" + p.as("kitchen_node")
			mend := diagnose(t, env).expect(t, illness.check, illness.mark, illness.words...)
			if !illness.cured {
				return
			}
			p.carryOut(t, mend)
			diagnose(t, env).healthy(t)
		})
	}
}

// carryOut does as its owner what the doctor advised: a command of this program, or statements.
func (p *patient) carryOut(t *testing.T, mend string) {
	t.Helper()
	if strings.HasPrefix(mend, "run kitchen migrate repair") {
		if out, errs, code := kitchen(t, []string{"DATABASE_URL=" + p.url}, "migrate", "repair"); code != 0 {
			t.Fatalf("exit code %d: %s%s", code, out, errs)
		}
		return
	}
	for statement := range strings.SplitSeq(mend, ";") {
		p.do(t, statement)
	}
}

// A role that may insert orders lets the doctor try the triggers themselves, on an order that never was.
func TestDoctorTriesTheTriggersWhereItMay(t *testing.T) {
	c := newClinic(t, nil)
	p := c.patient(t)
	d := diagnose(t, "DATABASE_URL="+p.url)
	d.expect(t, "rights", "warning", "superuser")
	d.expect(t, "round trip", "ok", "rolled back", "not announced")
	if d.code != 1 {
		t.Errorf("exit code %d for warnings alone", d.code)
	}
	// A restaurant and its order stay as they are.
	p.do(t, `insert into restaurants (id, name) values ('0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10', 'Vesuvio');
	         insert into orders (restaurant_id) values ('0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10')`)
	diagnose(t, "DATABASE_URL="+p.url).expect(t, "round trip", "ok", "rolled back")
	var orders, numbers string
	if err := p.owner.QueryRow(t.Context(), `select string_agg(order_number::text, ','), count(*)::text from orders`).
		Scan(&numbers, &orders); err != nil || orders != "1" {
		t.Errorf("%s orders, with the numbers %s (%v)", orders, numbers, err)
	}

	p.do(t, `create or replace function kitchen.watch_new_orders() returns trigger language plpgsql as $$
	         begin return null; end $$`)
	diagnose(t, "DATABASE_URL="+p.url).expect(t, "round trip", "wrong", "did not get its number and its version")
	p.do(t, `create or replace function complete_new_order() returns trigger language plpgsql as $$
	         begin raise exception 'closed today'; end $$`)
	diagnose(t, "DATABASE_URL="+p.url).expect(t, "round trip", "warning", "closed today")
}

func TestDoctorSaysWhyItCannotConnect(t *testing.T) {
	hba := filepath.Join(t.TempDir(), "hba")
	c := newClinic(t, nil)
	rules := "local all postgres trust\nlocal all stranger reject\nlocal all all scram-sha-256\n"
	if err := os.WriteFile(hba, []byte(rules), 0o644); err != nil { //nolint:gosec // the server's user reads it
		t.Fatal(err)
	}
	text, err := os.ReadFile(hba)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.DataDir(), "postgres", "pg_hba.conf"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	c.do(t, `alter role kitchen_node password 'right'`)
	c.do(t, `select pg_reload_conf()`)
	p := c.patient(t)
	plain := noTLS(t)
	for name, ill := range map[string]struct {
		url   string
		words []string
	}{
		"nobody there":   {"postgres://kitchen:hunter2@127.0.0.1:1/kitchen", []string{"cannot be reached", "host and port"}},
		"no such host":   {"postgres://kitchen:hunter2@no-such-host.invalid/kitchen", []string{"host and port"}},
		"unreadable":     {"::::hunter2", []string{"cannot be read", "correct DATABASE_URL"}},
		"no number":      {p.url + "&pool_max_conns=many", []string{"correct DATABASE_URL"}},
		"refused TLS":    {"postgres://postgres:hunter2@" + plain + "/kitchen?sslmode=require", []string{"TLS", "ssl = on"}},
		"setting":        {p.url + "&enable_hashjoin=perhaps", []string{"enable_hashjoin", "take the setting"}},
		"no setting":     {p.url + "&enable_cashjoin=on", []string{"enable_cashjoin", "take the setting"}},
		"wrong password": {p.as("kitchen_node") + "&password=hunter2", []string{"password authentication failed", "correct the password"}},
		"not let in":     {p.as("stranger"), []string{"pg_hba.conf"}},
		"no such role":   {p.as("nobody") + "&password=hunter2", []string{"password authentication failed"}},
		"no database":    {c.DatabaseURL("nowhere"), []string{"nowhere", "create database"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := diagnose(t, "DATABASE_URL="+ill.url)
			d.expect(t, "database", "wrong", ill.words...)
			if d.code != 2 || strings.Contains(d.text, "hunter2") {
				t.Errorf("exit code %d, want 2, and no password:\n%s", d.code, d.text)
			}
			d.expect(t, "key", "ok") // what can be looked at is
		})
	}
	d := diagnose(t, "DATABASE_URL="+p.url, "KITCHEN_LISTEN_DATABASE_URL="+p.as("kitchen_node")+"&password=hunter2")
	d.expect(t, "listener", "wrong", "KITCHEN_LISTEN_DATABASE_URL", "password authentication failed")
	if strings.Contains(d.text, "hunter2") {
		t.Errorf("a password is printed:\n%s", d.text)
	}
}

// noTLS is the address of a server that answers the request for TLS as PostgreSQL does that has none.
func noTLS(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.ReadFull(conn, make([]byte, 8)) // SSLRequest
			_, _ = conn.Write([]byte("N"))
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

func TestDoctorKnowsAStandby(t *testing.T) {
	c := newClinic(t, nil)
	p := c.patient(t)
	url := p.as("kitchen_node")
	if err := c.Halt(local.Fast); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.DataDir(), "postgres", "standby.signal"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Restart(t.Context(), local.Fast); err != nil {
		t.Fatal(err)
	}
	d := diagnose(t, "DATABASE_URL="+url)
	d.expect(t, "primary", "wrong", "standby", "target_session_attrs=read-write")
	if d.code != 2 {
		t.Errorf("exit code %d", d.code)
	}
}

func TestDoctorKnowsAReadOnlyRole(t *testing.T) {
	c := newClinic(t, nil)
	p := c.patient(t)
	c.do(t, `alter role kitchen_node set default_transaction_read_only = on`)
	diagnose(t, "DATABASE_URL="+p.as("kitchen_node")).expect(t, "primary", "wrong", "read-only", "default_transaction_read_only")
}

// LISTEN and writers must meet in one database; a pooler that is not seen is heard, or rather not.
func TestDoctorHearsThatNothingIsHeard(t *testing.T) {
	c := newClinic(t, nil)
	one, other := c.patient(t), c.patient(t)
	d := diagnose(t, "DATABASE_URL="+one.as("kitchen_node"), "KITCHEN_LISTEN_DATABASE_URL="+other.as("kitchen_node"))
	d.expect(t, "round trip", "wrong", "did not arrive", "two databases")
}

func TestDoctorNamesWhatHoldsUpNotifications(t *testing.T) {
	c := newClinic(t, map[string]string{"max_prepared_transactions": "2", "synchronous_commit": "on", "wal_level": "replica", "max_wal_senders": "2"})
	p := c.patient(t)
	env := "DATABASE_URL=" + p.as("kitchen_node")

	// Two-phase commit: possible, and in use.
	diagnose(t, env).expect(t, "two-phase commit", "ok", "max_prepared_transactions is 2")
	p.do(t, `begin; create table other (id int); prepare transaction 'hangs'`)
	diagnose(t, env).expect(t, "two-phase commit", "warning", "1 prepared", "pg_prepared_xacts")
	p.do(t, `commit prepared 'hangs'`)

	// A listener that is idle in a transaction, and enough that it does not read.
	idle := dial(t, p.as("stranger")+"&application_name=sleepy")
	do(t, idle, `listen noise`)
	do(t, idle, `begin; select 1`)
	p.do(t, `do $$ begin for i in 1..1200 loop perform pg_notify('noise', i || repeat('x', 7900)); end loop; end $$`)
	c.do(t, `grant pg_monitor to kitchen_node`)
	until(t, "the session that holds the queue up", func() bool {
		d := diagnose(t, env)
		return strings.Contains(d.text, "sleepy") && strings.Contains(d.text, "idle in transaction")
	})
	d := diagnose(t, env)
	d.expect(t, "queue", "warning", "sleepy", fmt.Sprintf("pg_terminate_backend(%d)", idle.PgConn().PID()))
	do(t, idle, `rollback; unlisten *`)

	// Listeners by the dozen.
	for range 21 {
		do(t, dial(t, p.url), `listen noise`)
	}
	diagnose(t, env).expect(t, "listeners", "warning", "21 others")

	// A commit that hangs holds the lock of all notifying commits.
	c.do(t, `alter system set synchronous_standby_names = 'nobody'`)
	c.do(t, `select pg_reload_conf()`)
	// Whoever commits before the server's processes have all read it does not hang.
	var hanging sync.WaitGroup
	unblocked, stop := context.WithCancel(t.Context())
	defer stop()
	for range 2 {
		writer := dial(t, p.url)
		hanging.Go(func() {
			for unblocked.Err() == nil {
				_, _ = writer.Exec(t.Context(), `with w as (insert into restaurants (name) values ('x')) select pg_notify('noise', '')`)
			}
		})
	}
	until(t, "blocked writes", func() bool {
		d := diagnose(t, env)
		return strings.Contains(d.text, "writes are blocked") && strings.Contains(d.text, "SyncRep")
	})
	stop()
	d = diagnose(t, env)
	d.expect(t, "writes", "wrong", "synchronous standby")
	d.expect(t, "round trip", "wrong", "writes are blocked")
	c.do(t, `alter system reset synchronous_standby_names`)
	c.do(t, `select pg_reload_conf()`)
	hanging.Wait()
}

// until asks again and again: what the doctor looks at, nothing signals.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

func TestDoctorWithoutADatabaseMakesNone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	d := diagnose(t, "KITCHEN_DATA_DIR="+dir)
	d.expect(t, "database", "warning", "DATABASE_URL is not set", dir)
	if _, err := os.Stat(dir); err == nil {
		t.Error("the doctor made a data directory")
	}
}

func TestDoctorLooksAtAPrivateDatabaseThatServeUses(t *testing.T) {
	dir := dataDir(t)
	startServe(t, "KITCHEN_DATA_DIR="+dir)
	out, errs, code := kitchen(t, []string{"KITCHEN_DATA_DIR=" + dir}, "doctor")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	last := len(lines) - 1
	if code != 0 || errs != "" || last < 16 || lines[last] != fmt.Sprintf("all %d ok", last) {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
	for _, line := range lines[:last] {
		if !strings.HasPrefix(line, "✓ ok  ") {
			t.Errorf("not one line a check, with its mark: %q", line)
		}
	}
}

func TestDoctorSaysHowManyFilesMayBeOpen(t *testing.T) {
	limited := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -n 256 && exec "$0" doctor`, os.Args[0]) //nolint:gosec // this test
	limited.Env = []string{asProgram + "=1", "KITCHEN_DATA_DIR=" + t.TempDir()}
	out, _ := limited.Output()
	if limited.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "may open 256 files") || !strings.Contains(string(out), "LimitNOFILE") {
		t.Errorf("exit code %d: %s", limited.ProcessState.ExitCode(), out)
	}
}
