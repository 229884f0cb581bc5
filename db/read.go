package db

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db/charset"
	"kitchen/db/pool"
)

// readSettings are settings of reads. With $1 true they hold for one transaction, and are sent before the read in the same implicit
// transaction; else for the life of the connection. They are not connection parameters, because a pooler refuses unknown ones, and in
// transaction mode mixes those of its clients.
//
// A read from which row-level security would remove rows must fail: an empty queue would clear screens. No read takes long, so one that
// does waits for a lock and is better tried again. JIT compiling would take longer than any read.
//
// Each statement is planned once a connection, for any parameters (force_generic_plan). By default PostgreSQL would plan each read anew,
// because it estimates an array of unknown length as dearer, and that takes four times as long as reading an order (1.3 ms of the
// server's CPU instead of 0.23 in all). A plan that is kept must also be good when the tables have grown from nothing to a million
// rows, so only index scans and nested loops are allowed.
const readSettings = `
	select set_config('row_security', 'off', $1), set_config('statement_timeout', '5s', $1),
	       set_config('lock_timeout', '2s', $1), set_config('jit', 'off', $1),
	       set_config('plan_cache_mode', 'force_generic_plan', $1), set_config('enable_seqscan', 'off', $1),
	       set_config('enable_hashjoin', 'off', $1), set_config('enable_mergejoin', 'off', $1),
	       set_config('enable_bitmapscan', 'off', $1), set_config('enable_sort', 'off', $1),
	       set_config('enable_memoize', 'off', $1), set_config('enable_material', 'off', $1)`

// question is a statement, and the function that takes its rows.
type question struct {
	sql  string
	args []any
	take func(pgx.Rows) error
}

func ask(take func(pgx.Rows) error, sql string, args ...any) question {
	return question{sql, args, take}
}

// read asks questions in one round trip. Where the server refuses because of bytes that are no text, it asks again for the stored bytes.
func (db *DB) read(ctx context.Context, questions ...question) error {
	ctx = pool.WithoutPing(ctx) // a dead connection is noticed by the read itself, which is made again
	return db.again(ctx, func() error {
		return db.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
			err := send(ctx, conn.Conn(), questions)
			if charset.IsNoText(err) {
				defer charset.ReadAsStored(conn.Conn())()
				err = send(ctx, conn.Conn(), questions, charset.AsStored)
			}
			return err
		})
	})
}

// send sends statements and then questions in one batch. A single question goes without a batch, which takes the driver longer.
func send(ctx context.Context, conn *pgx.Conn, questions []question, ahead ...string) error {
	direct := pool.IsDirect(conn)
	if direct && len(questions) == 1 && len(ahead) == 0 {
		q := questions[0]
		rows, err := conn.Query(ctx, q.sql, q.args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		if err := q.take(rows); err != nil {
			return err
		}
		rows.Close()
		return rows.Err()
	}
	batch := &pgx.Batch{}
	if !direct {
		batch.Queue(readSettings, true).Exec(func(pgconn.CommandTag) error { return nil })
	}
	for _, statement := range ahead {
		batch.Queue(statement).Exec(func(pgconn.CommandTag) error { return nil })
	}
	for _, q := range questions {
		batch.Queue(q.sql, q.args...).Query(q.take)
	}
	return conn.SendBatch(ctx, batch).Close()
}

// again calls do, and once more on a new connection if the first one was lost. do must be safe to repeat. A connection that was idle in
// the pool may have been ended by the server (idle_session_timeout) or by something on the way, and the others as well.
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
	err = db.read(ctx, ask(func(rows pgx.Rows) (err error) {
		all, err = pgx.CollectRows(rows, scan)
		return err
	}, sql, args...))
	return all, err
}
