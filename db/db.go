// Package db has the SQL of a node: it reads queues and orders, looks users up and moves orders on. Only this package and those below it
// have Go code with SQL. Package pool has its connections, package order what an order is. It knows nothing of sockets or of the schema's
// migrations.
//
// Every statement that reads or writes orders names their restaurant, which comes from a credential or from the name of
// a channel, never from a row: one restaurant cannot reach another's orders by knowing an id.
package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

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
	cfg.AfterConnect = setForReads
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

// Prepares reports whether the driver prepares statements under names, which it does unless the URL says otherwise: an operator who sets
// default_query_exec_mode there knows the pooler.
func Prepares(url string, cfg *pgxpool.Config) bool {
	return cfg.ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement && !strings.Contains(url, "default_query_exec_mode")
}

// OpenWith is [Open] with another configuration of the pool, which change is given.
func OpenWith(ctx context.Context, url string, change func(*pgxpool.Config)) (*DB, error) {
	return open(ctx, url, change)
}

// Pool is the pool of connections, for packages below this one.
func (db *DB) Pool() *pool.Pool { return db.pool }

// Close ends all connections, and waits for those in use.
func (db *DB) Close() { db.pool.Close() }

// setForReads makes the settings of reads once for a connection, because sent with each read they take a sixth of the time of reading an
// order. It does so only on a connection to the server itself, whose process id is the one that the client was given: a pooler makes up
// another one.
//
// A database without an encoding (SQL_ASCII) may hold bytes that are no text. As UTF8 the server would refuse to send them, and one
// such order would keep its whole restaurant from being read. Sent as they are, they become U+FFFD in the documents.
func setForReads(ctx context.Context, conn *pgx.Conn) error {
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

// Reset replaces all connections, after a fault of the network that may have left dead ones. Connections in use end when they are given
// back; every later query gets a new one.
func (db *DB) Reset() error { return db.pool.Replace() }

// Begin is the advice for a database that has nothing of what this program reads.
const Begin = "`kitchen migrate up` (or goose with the files in migrations/) makes tables of our own; where the orders are in another program's tables, " +
	"`kitchen attach template` prints a mapping to begin with"

// SchemaError says what of the schema is missing. It is [ErrNotMigrated].
type SchemaError struct {
	Missing  string // views and columns of the schema kitchen, comma separated: the first few
	Nothing  bool   // none of them is there
	Attached bool   // the views are of a mapping over another program's tables
}

func (e *SchemaError) Error() string {
	switch {
	case e.Attached:
		return fmt.Sprintf("%v for this version of the program: run `kitchen attach up FILE` with its mapping (missing in the schema kitchen: %s)", ErrNotMigrated, e.Missing)
	case e.Nothing:
		return fmt.Sprintf("%v: nothing of this program is in it. %s", ErrNotMigrated, Begin)
	}
	return fmt.Sprintf("%v to what this program reads: run `kitchen migrate up` (missing in the schema kitchen: %s)", ErrNotMigrated, e.Missing)
}

func (e *SchemaError) Unwrap() error { return ErrNotMigrated }

// CheckSchema reports with a [*SchemaError] where not all the views and columns that this program reads are there.
func (db *DB) CheckSchema(ctx context.Context) error {
	var missing []string
	var asked int
	var attached bool
	err := db.pool.QueryRow(ctx, `
		select count(*), coalesce(array_agg(c.name) filter (where not exists (
		         select from pg_catalog.pg_attribute a
		          where a.attrelid = to_regclass('kitchen.' || split_part(c.name, '.', 1))
		            and a.attname = split_part(c.name, '.', 2) and not a.attisdropped)), '{}'), to_regclass('kitchen.mapping') is not null
		  from unnest(array['restaurants.timezone', 'users.role', 'orders.open', 'orders.left_at', 'order_rows.changes', 'lines.held', 'modifiers.kind',
		                    'order_changes.gone', 'settings.recall_window', 'settings.start_before',
		                    'line_changes.everywhere', 'line_changes.reason', 'devices.revoked_at', 'pairings.code_hash', 'alarms.raised_at']) as c(name)`).
		Scan(&asked, &missing, &attached)
	if Denied(err) {
		return fmt.Errorf("this role lacks the rights of a node: `kitchen doctor` lists them, and on tables of our own `kitchen migrate role` prints the SQL that makes a role with them: %w", err)
	}
	if err != nil {
		return fmt.Errorf("check the schema: %w", err)
	}
	if len(missing) == 0 {
		return nil
	}
	e := &SchemaError{Nothing: len(missing) == asked, Attached: attached}
	if more := len(missing) - 4; more > 0 {
		missing = append(missing[:4], fmt.Sprintf("and %d more", more))
	}
	e.Missing = strings.Join(missing, ", ")
	return e
}
