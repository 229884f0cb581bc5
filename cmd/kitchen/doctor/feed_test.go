package doctor

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"kitchen/cmd/kitchen/database"
	"kitchen/db/dbtest"
)

// LISTEN and writers must use one database. A pooler that cannot be recognised shows because no notification arrives.
func TestDoctorHearsThatNothingIsHeard(t *testing.T) {
	t.Parallel()
	c := newServer(t, nil)
	one, other := c.newDatabase(t), c.newDatabase(t)
	d := diagnose(t, database.Config{URL: one.node(), ListenURL: other.node()})
	d.expect(t, "round trip", "wrong", "did not arrive", "two databases")
}

func TestDoctorNamesWhatHoldsUpNotifications(t *testing.T) {
	t.Parallel()
	c := newServer(t, map[string]string{"max_prepared_transactions": "2", "synchronous_commit": "on", "wal_level": "replica", "max_wal_senders": "2"})
	p := c.newDatabase(t)
	at := database.Config{URL: p.node()}

	// Two-phase commit: possible, and in use.
	diagnose(t, at).expect(t, "two-phase commit", "ok", "max_prepared_transactions is 2")
	p.do(t, `begin; create table other (id int); prepare transaction 'hangs'`)
	diagnose(t, at).expect(t, "two-phase commit", "warning", "1 prepared", "pg_prepared_xacts")
	p.do(t, `commit prepared 'hangs'`)

	// A listener that is idle in a transaction, and enough that it does not read.
	idle := dbtest.Conn(t, p.as("stranger")+"&application_name=sleepy")
	do(t, idle, `listen noise`)
	do(t, idle, `begin; select 1`)
	p.do(t, `do $$ begin for i in 1..1200 loop perform pg_notify('noise', i || repeat('x', 7900)); end loop; end $$`)
	c.do(t, `grant pg_monitor to `+p.role)
	until(t, "the session that holds the queue up", func() bool {
		d := diagnose(t, at)
		return strings.Contains(d.text, "sleepy") && strings.Contains(d.text, "idle in transaction")
	})
	d := diagnose(t, at)
	d.expect(t, "queue", "warning", "sleepy", fmt.Sprintf("pg_terminate_backend(%d)", idle.PgConn().PID()))
	do(t, idle, `rollback; unlisten *`)

	// Listeners by the dozen.
	for range 21 {
		do(t, dbtest.Conn(t, p.url), `listen noise`)
	}
	diagnose(t, at).expect(t, "listeners", "warning", "21 others")

	// A commit that hangs holds the lock of all notifying commits.
	c.do(t, `alter system set synchronous_standby_names = 'nobody'`)
	c.do(t, `select pg_reload_conf()`)
	// A commit before all of the server's processes have read the setting does not hang.
	var hanging sync.WaitGroup
	unblocked, stop := context.WithCancel(t.Context())
	defer stop()
	for range 2 {
		writer := dbtest.Conn(t, p.url)
		hanging.Go(func() {
			for unblocked.Err() == nil {
				_, _ = writer.Exec(t.Context(), `with w as (insert into restaurants (name) values ('x')) select pg_notify('noise', '')`)
			}
		})
	}
	until(t, "blocked writes", func() bool {
		d := diagnose(t, at)
		return strings.Contains(d.text, "writes are blocked") && strings.Contains(d.text, "SyncRep")
	})
	stop()
	d = diagnose(t, at)
	d.expect(t, "writes", "wrong", "synchronous standby")
	d.expect(t, "round trip", "wrong", "writes are blocked")
	c.do(t, `alter system reset synchronous_standby_names`)
	c.do(t, `select pg_reload_conf()`)
	hanging.Wait()
}
