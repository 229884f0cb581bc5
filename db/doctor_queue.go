package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Session is another connection to the server, as pg_stat_activity shows it.
type Session struct {
	PID         int32
	Role        string
	Database    string
	Application string
	Address     string // empty: a Unix socket
	State       string // empty where this role may not see it
	WaitEvent   string
	Age         time.Duration // of its transaction or, without one, of its state
}

// String names a session so that an operator can find it.
func (s Session) String() string {
	text := fmt.Sprintf("process %d", s.PID)
	if s.Application != "" {
		text += fmt.Sprintf(" (%q)", s.Application)
	}
	text += fmt.Sprintf(" of %s in %s", s.Role, s.Database)
	if s.Address != "" {
		text += " from " + s.Address
	}
	if s.State != "" {
		text += ", " + s.State
	}
	if s.WaitEvent != "" {
		text += ", waits for " + s.WaitEvent
	}
	return text + fmt.Sprintf(", for %s", s.Age.Round(100*time.Millisecond))
}

const selectSessions = `
	select a.pid, coalesce(a.usename::text, ''), coalesce(a.datname::text, ''), a.application_name, coalesce(host(a.client_addr), ''),
	       coalesce(a.state, ''), coalesce(a.wait_event, ''),
	       coalesce(extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.state_change)), 0)::float8
	  from pg_catalog.pg_stat_activity a `

func (db *DB) sessions(ctx context.Context, where string, args ...any) ([]Session, error) {
	rows, err := db.pool.Query(ctx, selectSessions+where, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Session, err error) {
		var age float64
		err = row.Scan(&s.PID, &s.Role, &s.Database, &s.Application, &s.Address, &s.State, &s.WaitEvent, &age)
		s.Age = time.Duration(age * float64(time.Second))
		return s, err
	})
}

// QueueHolders returns at most three sessions that may have kept the server from dropping entries of its notification queue for longer
// than atLeast. A listener reads no notifications while it is in a transaction, and one whose client does not read waits in ClientWrite.
// No catalog shows which sessions listen, but an idle session that waits to write has notifications to write, and comes first. Next come
// sessions that are idle in a transaction, since an active one may end by itself; of each kind the oldest first. A role that is no member
// of pg_read_all_stats sees only its own sessions.
func (db *DB) QueueHolders(ctx context.Context, atLeast time.Duration) ([]Session, error) {
	holders, err := db.sessions(ctx, `
		 where a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
		   and (a.xact_start < clock_timestamp() - make_interval(secs => $1)
		        or a.wait_event = 'ClientWrite' and a.state_change < clock_timestamp() - make_interval(secs => $1))
		 order by (a.state = 'idle' and a.wait_event = 'ClientWrite') is true desc, (a.state like 'idle in transaction%') is true desc,
		       coalesce(a.xact_start, a.state_change) limit 3`, atLeast.Seconds())
	if err != nil {
		return nil, fmt.Errorf("look for what holds up the notification queue: %w", err)
	}
	return holders, nil
}

// Listeners counts the sessions that listen in this database, judging by their names and last statements, and those whose statements this
// role may not see.
func (db *DB) Listeners(ctx context.Context) (nodes, others, hidden int, err error) {
	err = db.pool.QueryRow(ctx, `
		select count(*) filter (where application_name = 'kitchen-listener'),
		       count(*) filter (where application_name <> 'kitchen-listener' and query ~* '^\s*listen\M'),
		       count(*) filter (where application_name <> 'kitchen-listener' and query = '<insufficient privilege>')
		  from pg_catalog.pg_stat_activity
		 where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`).
		Scan(&nodes, &others, &hidden)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("count the listeners: %w", err)
	}
	return nodes, others, hidden, nil
}

// LockFacts describes the queue for the one lock that every notifying commit of the cluster takes (src/backend/commands/async.c: an object
// of pg_database with id 0).
type LockFacts struct {
	Waiting int
	Longest time.Duration // of those that wait
	Holders []Session
}

// NotifyLock looks at the lock of notifying commits.
func (db *DB) NotifyLock(ctx context.Context) (f LockFacts, err error) {
	const lock = `l.locktype = 'object' and l.classid = 'pg_catalog.pg_database'::regclass and l.objid = 0`
	var longest float64
	err = db.pool.QueryRow(ctx, `
		select count(*), coalesce(max(extract(epoch from clock_timestamp() - l.waitstart)), 0)::float8
		  from pg_catalog.pg_locks l where not l.granted and `+lock).Scan(&f.Waiting, &longest)
	if err != nil {
		return f, fmt.Errorf("look at the lock of notifications: %w", err)
	}
	f.Longest = time.Duration(longest * float64(time.Second))
	if f.Holders, err = db.sessions(ctx, `join pg_catalog.pg_locks l on l.pid = a.pid and l.granted and `+lock+` limit 1`); err != nil {
		return f, fmt.Errorf("look at the lock of notifications: %w", err)
	}
	return f, nil
}
