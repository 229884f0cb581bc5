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

// question is a statement, and what takes its rows.
type question struct {
	sql  string
	args []any
	take func(pgx.Rows) error
}

func ask(take func(pgx.Rows) error, sql string, args ...any) question {
	return question{sql, args, take}
}

// read asks questions in one round trip, or, where they meet bytes that are no text, again in another.
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

// send asks questions behind what has to go ahead of them. One alone needs no batch, which takes the driver longer.
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
	err = db.read(ctx, ask(func(rows pgx.Rows) (err error) {
		all, err = pgx.CollectRows(rows, scan)
		return err
	}, sql, args...))
	return all, err
}
