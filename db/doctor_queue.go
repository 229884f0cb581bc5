package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Session is a connection of somebody else, as pg_stat_activity has it.
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

// QueueHolders returns, at most three, the sessions of the server that may keep its notification queue from moving on, for
// longer than atLeast: a listener reads nothing while it is in a transaction, and one whose client does not read waits for
// ClientWrite. Whether a session listens, no catalog says; but what is idle and has something to write has notifications to
// write, and comes first. Then come those that are idle in a transaction, since one that works may end by itself; and of
// each kind the oldest. A role that is no member of pg_read_all_stats sees its own sessions alone.
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

// Listeners counts the sessions that listen in this database, as far as can be told from their names and their last
// statements, and those whose statements this role may not see.
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

// LockFacts is how it stands with the one lock that every notifying commit of the cluster takes
// (src/backend/commands/async.c: an object of pg_database with id 0).
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
