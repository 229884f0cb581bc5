// Package db is the only Go of this program with SQL in it. It owns the connection pool, the order as kitchens see it,
// and the statements that read queues and orders, look users up and move orders on. It knows nothing of notifications,
// sockets or the schema's migrations, and imports no other package of this module.
//
// Every statement that reads or writes orders names their restaurant, which comes from a credential or from the name of
// a channel, never from a row: one restaurant cannot reach another's orders by knowing an id.
package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db/charset"
	"kitchen/db/order"
	"kitchen/db/pool"
)

// ErrNotMigrated says that the database lacks tables of this program's schema.
var ErrNotMigrated = errors.New("the database is not migrated")

// DB is a pool of connections to the primary. Its methods may be called from any goroutine.
type DB struct {
	pool *pool.Pool
	// Of ten connections four are for what displays ask, of which each restaurant has a share, and two for looking users up.
	// The others are for reading what changed.
	displays *shares
	users    chan struct{} // a token for each question about users
	keys     atomic.Pointer[order.Keys]

	stationed stationed
}

// NodeName is what the pool of a node is called in pg_stat_activity, unless its address says otherwise. It is the writer of
// what displays ask for, whatever the address says.
const NodeName = "kitchen"

// Open connects to the database at url, a connection URL or a keyword/value string as libpq takes them
// (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING). It tries once: its error says in one line what is wrong.
func Open(ctx context.Context, url string) (*DB, error) {
	return open(ctx, url, func(*pgxpool.Config) {})
}

func open(ctx context.Context, url string, change func(*pgxpool.Config)) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, explain(err)
	}
	setDefaults(cfg.ConnConfig, NodeName)
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.AfterConnect = settle
	if !strings.Contains(url, "pool_max_conns") {
		cfg.MaxConns = 10
	}
	change(cfg)
	connections, err := pool.New(ctx, cfg)
	if err != nil {
		return nil, explain(err)
	}
	pooled, err := connections.Pooled(ctx)
	if err == nil && pooled && Prepares(url, cfg) {
		err = connections.PrepareNothing()
	}
	var keys *order.Keys
	if err == nil {
		keys, err = readKeys(ctx, connections)
	}
	if err != nil {
		connections.Close()
		return nil, explain(err)
	}
	most := int(cfg.MaxConns)
	db := &DB{pool: connections, displays: newShares(max(most*4/10, 1)), users: make(chan struct{}, max(most*2/10, 1))}
	db.keys.Store(keys)
	return db, nil
}

// prepares reports whether the driver would prepare statements because nobody said otherwise: who names a mode in the URL
// (default_query_exec_mode) knows their pooler.
// Prepares reports whether the driver names statements, because nothing says otherwise.
func Prepares(url string, cfg *pgxpool.Config) bool {
	return cfg.ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement && !strings.Contains(url, "default_query_exec_mode")
}

// OpenWith is [Open] with another configuration of the pool, which change is given.
func OpenWith(ctx context.Context, url string, change func(*pgxpool.Config)) (*DB, error) {
	return open(ctx, url, change)
}

// Pool is that of its connections, for packages below this one.
func (db *DB) Pool() *pool.Pool { return db.pool }

// Close ends all connections, and waits for those in use.
func (db *DB) Close() { db.pool.Close() }

// readSettings hold for a read alone where $1 is true, sent ahead of it in the same implicit transaction; else for all the
// life of a connection. They are not parameters of a connection, because a pooler refuses those that it does not know, and
// in transaction mode mixes its clients' up.
//
// A read that row-level security would cut short must fail: an empty queue would not be the truth, and clear screens. And
// no read takes long; one that does is stuck behind a lock and better tried again. Compiling takes longer than any of them.
//
// Each is planned once a connection, for parameters of any kind (force_generic_plan): left to choose, PostgreSQL plans them
// anew each time, because an array of unknown length looks dearer than the one at hand, and that takes four times as long
// as reading an order does (1.3 ms of the server's CPU instead of 0.23 in all). A plan that is kept must be good for tables
// that were empty when it was made and have a million rows by now: so it walks along indexes, from row to row.
const readSettings = `
	select set_config('row_security', 'off', $1), set_config('statement_timeout', '5s', $1),
	       set_config('lock_timeout', '2s', $1), set_config('jit', 'off', $1),
	       set_config('plan_cache_mode', 'force_generic_plan', $1), set_config('enable_seqscan', 'off', $1),
	       set_config('enable_hashjoin', 'off', $1), set_config('enable_mergejoin', 'off', $1),
	       set_config('enable_bitmapscan', 'off', $1), set_config('enable_sort', 'off', $1),
	       set_config('enable_memoize', 'off', $1), set_config('enable_material', 'off', $1)`

// settle gives the settings of reads to a connection for all its life, where it leads to the server itself, which knows its
// own process id: a pooler makes one up for its client. Sent with each read they take a sixth of the time of reading an order.
//
// A database without an encoding (SQL_ASCII) may hold bytes that are no text. As UTF8 the server would refuse to send them, and one
// such order would keep its whole restaurant from being read; as they are, they become a mark in the documents.
func settle(ctx context.Context, conn *pgx.Conn) error {
	set, err := conn.Exec(ctx, readSettings+`,
	       set_config('client_encoding', case getdatabaseencoding() when 'SQL_ASCII' then 'SQL_ASCII' else 'UTF8' end, $1)
	 where pg_backend_pid()::bigint = $2::bigint`,
		pgx.QueryExecModeSimpleProtocol, false, int64(conn.PgConn().PID()))
	if err != nil {
		return fmt.Errorf("set up a connection: %w", err)
	}
	if set.RowsAffected() == 1 {
		pool.MarkDirect(conn)
	}
	return nil
}

// read runs the statements of a batch in one round trip, or, where they meet bytes that are no text, again in another.
func (db *DB) read(ctx context.Context, queue func(*pgx.Batch)) error {
	return db.again(ctx, func() error {
		return db.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
			send := func(ahead ...string) error {
				batch := &pgx.Batch{}
				if !pool.IsDirect(conn.Conn()) {
					batch.Queue(readSettings, true).Exec(func(pgconn.CommandTag) error { return nil })
				}
				for _, statement := range ahead {
					batch.Queue(statement).Exec(func(pgconn.CommandTag) error { return nil })
				}
				queue(batch)
				return conn.SendBatch(ctx, batch).Close()
			}
			err := send()
			if charset.IsNoText(err) {
				defer charset.ReadAsStored(conn.Conn())()
				err = send(charset.AsStored)
			}
			return err
		})
	})
}

// again does what may be done twice, and does it twice where the connection was lost: one that lay idle in the pool may
// have been ended by the server (idle_session_timeout) or by something on the way to it. The others may be as dead.
func (db *DB) again(ctx context.Context, do func() error) error {
	err := do()
	if err == nil || ctx.Err() != nil || !lost(err) {
		return err
	}
	db.pool.Reset()
	return do()
}

// lost reports whether err says that a connection that had been made is gone, and not that there is none to be had.
func lost(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "57P05" || pg.Code == "57P01" // idle_session_timeout; ended by an administrator
	}
	return !Unreachable(err) &&
		(pgconn.SafeToRetry(err) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
			errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET))
}

// Unreachable reports whether an error says that no connection could be made.
func Unreachable(err error) bool {
	var connecting *pgconn.ConnectError
	return errors.As(err, &connecting)
}

// readRows is [DB.read] of one statement, collected.
func readRows[T any](ctx context.Context, db *DB, scan pgx.RowToFunc[T], sql string, args ...any) (all []T, err error) {
	err = db.read(ctx, func(b *pgx.Batch) {
		b.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
			all, err = pgx.CollectRows(rows, scan)
			return err
		})
	})
	return all, err
}

// Reset gives all connections up, those in use as soon as they are given back: after a fault of the network, which leaves
// dead ones behind. What is asked from here on goes over new ones, however many of the old have not ended yet.
func (db *DB) Reset() error { return db.pool.Replace() }

// SchemaError says what of the schema is missing. It is [ErrNotMigrated].
type SchemaError struct {
	Missing  string // views and columns of the schema kitchen, comma separated
	Attached bool   // the views are of a mapping over another program's tables
}

func (e *SchemaError) Error() string {
	if e.Attached {
		return fmt.Sprintf("%v for this version of the program: run `kitchen attach up FILE` with its mapping (missing in the schema kitchen: %s)",
			ErrNotMigrated, e.Missing)
	}
	return fmt.Sprintf("%v: run `kitchen migrate up`, or goose with the files in migrations/; where orders are in another program's tables, `kitchen attach template` "+
		"(missing in the schema kitchen: %s)", ErrNotMigrated, e.Missing)
}

func (e *SchemaError) Unwrap() error { return ErrNotMigrated }

// CheckSchema reports with a [*SchemaError] where not all the views and columns that this program reads are there.
func (db *DB) CheckSchema(ctx context.Context) error {
	var missing string
	var attached bool
	err := db.pool.QueryRow(ctx, `
		select coalesce(string_agg(c.name, ', '), ''), to_regclass('kitchen.mapping') is not null
		  from unnest(array['restaurants.timezone', 'users.role', 'orders.open', 'orders.left_at', 'lines.held', 'modifiers.kind',
		                    'order_changes.gone', 'settings.recall_window', 'settings.start_before',
		                    'line_changes.everywhere', 'line_changes.reason', 'devices.revoked_at', 'pairings.code_hash', 'alarms.raised_at']) as c(name)
		 where not exists (
		       select from pg_catalog.pg_attribute a
		        where a.attrelid = to_regclass('kitchen.' || split_part(c.name, '.', 1))
		          and a.attname = split_part(c.name, '.', 2) and not a.attisdropped)`).Scan(&missing, &attached)
	if err != nil {
		return fmt.Errorf("check the schema: %w", err)
	}
	if missing != "" {
		return &SchemaError{Missing: missing, Attached: attached}
	}
	return nil
}
