package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// CounterHolders returns the sessions that have numbered orders, or given them numbers of their own, in a transaction that has been open
// for longer than atLeast. Meanwhile another order of the same restaurant and day waits a moment, and gets a number from 9000 on. The
// catalog does not show locks on rows, but a session that has written to the table of counters holds a lock on the table until its
// transaction ends. Sessions that gave numbers of their own hold the lock of kitchen.note_own_number.
//
// A role that is no member of pg_read_all_stats does not see the age of others' transactions, so it looks twice for the same ones.
func (db *DB) CounterHolders(ctx context.Context, atLeast time.Duration) ([]Session, error) {
	type transaction struct {
		pid     int32
		virtual string
	}
	look := func(where string, args ...any) (open []transaction, err error) {
		rows, err := db.pool.Query(ctx, `
			select distinct l.pid, l.virtualtransaction
			  from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
			 where l.granted and l.pid <> pg_backend_pid()
			   and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
			   and (l.locktype = 'relation' and l.mode = 'RowExclusiveLock'
			        and l.relation = (select c.oid from pg_catalog.pg_class c
			                           where c.relnamespace = to_regnamespace('kitchen') and c.relname = 'order_numbers')
			        or l.locktype = 'advisory' and l.objsubid = 2
			           and l.classid::bigint = hashtext('kitchen.own_numbers')::bigint & x'ffffffff'::bigint) and `+where, args...)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t transaction, err error) {
			return t, row.Scan(&t.pid, &t.virtual)
		})
	}
	const hidden = `a.xact_start is null`
	old, err := look(`a.xact_start < clock_timestamp() - make_interval(secs => $1)`, atLeast.Seconds())
	if err != nil {
		return nil, fmt.Errorf("look for who holds a counter of order numbers: %w", err)
	}
	unknown, err := look(hidden)
	if err != nil {
		return nil, fmt.Errorf("look for who holds a counter of order numbers: %w", err)
	}
	if len(unknown) > 0 {
		pause := time.NewTimer(atLeast)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		again, err := look(hidden)
		if err != nil {
			return nil, fmt.Errorf("look for who holds a counter of order numbers: %w", err)
		}
		for _, t := range again {
			if slices.Contains(unknown, t) {
				old = append(old, t)
			}
		}
	}
	pids := make([]int32, len(old))
	for i, t := range old {
		pids[i] = t.pid
	}
	holders, err := db.sessions(ctx, `where a.pid = any($1::int[]) order by a.xact_start, a.pid limit 3`, pids)
	if err != nil {
		return nil, fmt.Errorf("look for who holds a counter of order numbers: %w", err)
	}
	return holders, nil
}

// LostTimezones returns the restaurants whose time zone this server does not know, as "name (zone)". Their business days are in UTC.
func (db *DB) LostTimezones(ctx context.Context) (lost []string, err error) {
	err = db.pool.QueryRow(ctx, `
		select coalesce(array_agg(r.name || ' (' || r.timezone || ')' order by r.name), '{}')
		  from kitchen.restaurants r
		 where not exists (select from pg_catalog.pg_timezone_names z where z.name = r.timezone)`).Scan(&lost)
	if err != nil {
		return nil, fmt.Errorf("look at the time zones: %w", err)
	}
	return lost, nil
}

// Encoding returns the encoding of the database.
func (db *DB) Encoding(ctx context.Context) (encoding string, err error) {
	if err = db.pool.QueryRow(ctx, `select getdatabaseencoding()`).Scan(&encoding); err != nil {
		return "", fmt.Errorf("ask for the encoding: %w", err)
	}
	return encoding, nil
}
