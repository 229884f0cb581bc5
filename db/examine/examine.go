// Package examine looks at a database for what is wrong with it. It changes nothing.
package examine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db"
)

// Examination looks for what is wrong with a database, over connections that are made as [db.Open] makes them. It changes nothing. Its
// statements are never prepared, so that it works through any pooler.
type Examination struct {
	*db.DB
	prepares bool // [db.Open] would let the driver prepare statements through a pooler, because the URL says so
}

// Open connects to the database at url. Errors are those of [db.Open]; a [*db.RefusedError] says that a server was reached.
func Open(ctx context.Context, url string) (*Examination, error) {
	e := &Examination{}
	opened, err := db.OpenWith(ctx, url, func(cfg *pgxpool.Config) {
		cfg.MaxConns = 3
		mode := cfg.ConnConfig.DefaultQueryExecMode
		e.prepares = mode == pgx.QueryExecModeCacheStatement && !db.Prepares(url, cfg)
		if mode != pgx.QueryExecModeSimpleProtocol {
			cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
		}
	})
	e.DB = opened
	return e, err
}

// ServerFacts is what a server tells about itself and about this connection.
type ServerFacts struct {
	Version             int    // as 150018 for 15.18
	VersionText         string // as its packager has it
	Standby             bool
	ReadOnly            bool // transactions are, unless they say otherwise
	Database            string
	Role                string
	MaxPreparedXacts    int
	PreparedXacts       int // that are open in this database
	OldestPreparedXact  time.Duration
	NotifyOff           string // where kitchen.notify is off by default: roles and databases
	NotifyOn            string // the statements that end that
	Difference          time.Duration
	DifferenceUncertain time.Duration // half a round trip: the difference of the clocks may be wrong by this
}

// Server asks what the server is. The difference of clocks is positive where the server's is ahead of now's.
func (e *Examination) Server(ctx context.Context, now func() time.Time) (f ServerFacts, err error) {
	if err := e.Pool().Ping(ctx); err != nil { // so that the round trip does not include connecting
		return f, fmt.Errorf("ask the server what it is: %w", err)
	}
	began := now()
	theirs, err := e.Now(ctx)
	if err != nil {
		return f, err
	}
	f.DifferenceUncertain = now().Sub(began) / 2
	f.Difference = theirs.Sub(began.Add(f.DifferenceUncertain))

	var oldest float64
	err = e.Pool().QueryRow(ctx, `
		select current_setting('server_version_num')::int, current_setting('server_version'), pg_is_in_recovery(),
		       current_setting('default_transaction_read_only')::boolean, current_database()::text, current_user::text,
		       current_setting('max_prepared_transactions')::int, p.open, p.oldest::float8, 
		       coalesce(o.off, case when o.here then 'the whole server, or this connection' end, ''),
		       coalesce(o.resets, case when o.here then 'alter system reset kitchen.notify; select pg_reload_conf()' end, '')
		  from (select count(*) as open, coalesce(max(extract(epoch from clock_timestamp() - prepared)), 0) as oldest
		          from pg_catalog.pg_prepared_xacts where database = current_database()) p,
		       (select string_agg(distinct concat_ws(' in ', 'role ' || r.rolname, 'database ' || d.datname), ', ') as off,
		               string_agg(distinct case when r.rolname is null and d.datname is null then 'alter role all'
		                                        when r.rolname is null then format('alter database %I', d.datname)
		                                        else format('alter role %I', r.rolname) || coalesce(' in database ' || quote_ident(d.datname), '') end
		                                   || ' reset kitchen.notify', '; ') as resets,
		               lower(current_setting('kitchen.notify', true)) in ('off', 'false', 'no', '0') as here
		          from pg_catalog.pg_db_role_setting s
		          left join pg_catalog.pg_roles r on r.oid = s.setrole
		          left join pg_catalog.pg_database d on d.oid = s.setdatabase
		         where (s.setdatabase = 0 or d.datname = current_database())
		           and exists (select from unnest(s.setconfig) c where lower(c) in (
		               'kitchen.notify=off', 'kitchen.notify=false', 'kitchen.notify=no', 'kitchen.notify=0'))) o`).
		Scan(&f.Version, &f.VersionText, &f.Standby, &f.ReadOnly, &f.Database, &f.Role,
			&f.MaxPreparedXacts, &f.PreparedXacts, &oldest, &f.NotifyOff, &f.NotifyOn)
	if err != nil {
		return f, fmt.Errorf("ask the server what it is: %w", err)
	}
	f.OldestPreparedXact = time.Duration(oldest * float64(time.Second))
	return f, nil
}

// Pooled reports whether the connection goes through a pooler, which gives transactions different server processes, or at least makes
// up the process id that it gives to its client.
func (e *Examination) Pooled(ctx context.Context) (pooled bool, err error) {
	err = e.Pool().AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		for range 3 { // each its own transaction
			var pid uint32
			if err := c.QueryRow(ctx, `select pg_backend_pid()`).Scan(&pid); err != nil {
				return err
			}
			pooled = pooled || pid != c.Conn().PgConn().PID()
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("look for a pooler: %w", err)
	}
	return pooled, nil
}

// PreparedStatements returns an error if statements that one transaction prepares are missing in the next, and nil if the driver prepares
// none.
func (e *Examination) PreparedStatements(ctx context.Context) error {
	if !e.prepares {
		return nil
	}
	return e.Pool().AcquireFunc(ctx, func(c *pgxpool.Conn) (err error) {
		conn, name := c.Conn(), "kitchen_doctor_"+rand.Text()
		if _, err := conn.Prepare(ctx, name, `select 1`); err != nil {
			return err
		}
		use := func() error { return conn.QueryRow(ctx, name, pgx.QueryExecModeCacheStatement).Scan(new(int)) }
		defer func() {
			if err != nil { // the pool would hand the broken connection out again
				err = errors.Join(err, conn.Close(ctx))
			}
		}()
		// A pooler that chooses the server process that was idle longest gives these another one. A pooler that chooses the one that was
		// used last does so once that process is busy with the transaction below.
		if err := errors.Join(use(), use()); err != nil {
			return err
		}
		other, err := e.Pool().Begin(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, other.Rollback(ctx)) }()
		if _, err := other.Exec(ctx, `select 1`); err != nil {
			return err
		}
		if err := use(); err != nil {
			return err
		}
		return conn.Deallocate(ctx, name)
	})
}

// AppliedMigrations returns the versions of the migrations that goose has applied, in ascending order. [db.ErrNotMigrated] where goose has
// never run.
func (e *Examination) AppliedMigrations(ctx context.Context) ([]int64, error) {
	rows, err := e.Pool().Query(ctx, `
		select version_id from (select distinct on (version_id) version_id, is_applied
		                          from kitchen.goose_db_version order by version_id, id desc) newest
		 where is_applied and version_id > 0 order by version_id`)
	if err == nil {
		var versions []int64
		if versions, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err == nil {
			return versions, nil
		}
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "42P01" || pg.Code == "3F000") { // undefined_table, invalid_schema_name
		return nil, db.ErrNotMigrated
	}
	return nil, fmt.Errorf("ask which migrations are applied: %w", err)
}
