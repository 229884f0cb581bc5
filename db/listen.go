package db

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// UsersChannel is the name of the channel on which a trigger announces changes of users.
const UsersChannel = "kitchen_users"

// ErrStandby says that a server is a standby, on which LISTEN is impossible.
var ErrStandby = errors.New("this server is a standby, where LISTEN is impossible: use the primary's address, or several hosts with target_session_attrs=read-write")

// ErrPooler says that a connection does not stay with one server process, so that what it listens to is lost.
var ErrPooler = errors.New("there is a pooler in transaction mode before this server, through which LISTEN hears nothing: give the server's own address as KITCHEN_LISTEN_DATABASE_URL")

// ConnectListener makes a connection for LISTEN, named kitchen-listener in pg_stat_activity. Errors: [ErrStandby], [ErrPooler], or why
// it could not connect.
func ConnectListener(ctx context.Context, url string) (*pgx.Conn, error) {
	cfg, err := ConnConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["application_name"] = "kitchen-listener" // whatever the address says: doctor knows listeners by it
	// Simple statements, because each is sent once and not worth preparing.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, explain(err)
	}
	if err := checkListener(ctx, conn); err != nil {
		_ = conn.Close(ctx)
		return nil, err
	}
	return conn, nil
}

func checkListener(ctx context.Context, conn *pgx.Conn) error {
	// A listener is idle most of the time, and a server that ends idle sessions must not end it. The setting is made by a statement:
	// as a connection parameter, a pooler would refuse it with an error of its own before we find that it is one. It is not made
	// through a pooler, whose other clients would get it.
	var standby bool
	var pid uint32
	err := conn.QueryRow(ctx, `
		select pg_is_in_recovery(), pg_backend_pid(),
		       case when pg_backend_pid()::bigint = $1::bigint then set_config('idle_session_timeout', '0', false) end`, conn.PgConn().PID()).
		Scan(&standby, &pid, new(*string))
	switch {
	case err != nil:
		return fmt.Errorf("ask the server what it is: %w", err)
	case standby:
		return ErrStandby
	case pid != conn.PgConn().PID():
		// A pooler makes up the process id that it gives to its client.
		return ErrPooler
	}
	return nil
}

// Listen makes conn listen to some channels and to others no more, in one round trip.
func Listen(ctx context.Context, conn *pgx.Conn, listen, unlisten []string) error {
	var sql strings.Builder
	for _, c := range unlisten {
		sql.WriteString("unlisten " + pgx.Identifier{c}.Sanitize() + ";")
	}
	for _, c := range listen {
		sql.WriteString("listen " + pgx.Identifier{c}.Sanitize() + ";")
	}
	if err := conn.PgConn().Exec(ctx, sql.String()).Close(); err != nil {
		return fmt.Errorf("listen to %d channels: %w", len(listen), err)
	}
	return nil
}

// Notify sends a notification through the pool, as a writer would. It returns when it is committed.
//
// A NOTIFY waits for one lock of the whole cluster (src/backend/commands/async.c), and while it waits it adds to the
// queue for that lock: with lock_timeout, in the same implicit transaction, it gives up after a second.
func (db *DB) Notify(ctx context.Context, channel, payload string) error {
	err := db.again(ctx, func() error {
		batch := &pgx.Batch{}
		batch.Queue(`select set_config('lock_timeout', '1s', true)`).Exec(func(pgconn.CommandTag) error { return nil })
		batch.Queue(`select pg_notify($1, $2)`, channel, payload).Exec(func(pgconn.CommandTag) error { return nil })
		return db.pool.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	return nil
}

// Blocked reports whether err of [DB.Notify] says that writes are blocked: a transaction that hangs holds the lock that every notifying
// commit takes.
func Blocked(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "55P03" // lock_not_available
}

// NotificationQueueUsage is how full the server's notification queue is, from 0 to 1. Asking also makes the server drop what all
// listeners have read: nothing else does that in a full queue, where every sender fails (src/backend/commands/async.c).
func (db *DB) NotificationQueueUsage(ctx context.Context) (usage float64, err error) {
	if err = db.pool.QueryRow(ctx, `select pg_notification_queue_usage()`).Scan(&usage); err != nil {
		return 0, fmt.Errorf("ask for the notification queue's usage: %w", err)
	}
	return usage, nil
}
