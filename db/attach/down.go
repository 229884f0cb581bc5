package attach

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func remove(ctx context.Context, tx pgx.Tx, keepGoose bool) error {
	if err := takeWatched(ctx, tx); err != nil {
		return err
	}
	sql := generator{}.render("remove.sql", struct{ KeepGoose bool }{keepGoose})
	if err := run(ctx, tx, sql); err != nil {
		return fmt.Errorf("take the schema kitchen away: %w", err)
	}
	return nil
}

// Down removes a mapping, and leaves the host as it was. done is false where none is installed.
func Down(ctx context.Context, conn *pgx.Conn) (done bool, err error) {
	err = patiently(ctx, conn, func() error {
		tx, err := begin(ctx, conn)
		if err != nil {
			return err
		}
		defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after a commit there is nothing to roll back
		if err := alone(ctx, tx); err != nil {
			return err
		}
		s, err := look(ctx, tx)
		if err != nil || s == nothing || s == empty {
			return err
		}
		if s != attached {
			return &RefusedError{"", "no mapping is installed in this database's schema kitchen", "kitchen migrate down takes the program's own tables away"}
		}
		if err := remove(ctx, tx, false); err != nil {
			return err
		}
		done = true
		return tx.Commit(ctx)
	})
	return done, err
}

// alone waits until no other session attaches or detaches in this database.
func alone(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('kitchen attach'))`); err != nil {
		return fmt.Errorf("wait for another kitchen attach to end: %w", err)
	}
	return nil
}

// patiently repeats do while a table is locked, so that writers of the host do not wait for us. In the end it says who is in the way.
func patiently(ctx context.Context, conn *pgx.Conn, do func() error) (err error) {
	for try := range 10 {
		if err = do(); !lockedOut(err) {
			return err
		}
		pause := time.NewTimer(time.Duration(try+1) * 100 * time.Millisecond)
		select {
		case <-ctx.Done():
			pause.Stop()
			return errors.Join(ctx.Err(), err)
		case <-pause.C:
		}
	}
	var who *string
	if said := conn.QueryRow(ctx, `
		select string_agg(distinct concat('process ', a.pid, nullif(concat(' (', a.application_name, ')'), ' ()'), ' of ', a.usename), ', ')
		  from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
		 where l.relation >= 16384 and l.granted and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
		   and a.xact_start < now() - interval '5 seconds' and a.pid <> pg_backend_pid()`).Scan(&who); said != nil || who == nil {
		return errLocked("try again when it is quiet")
	}
	return errLocked("let it end, and try again: transactions that are open for long are of " + *who)
}

func errLocked(mend string) error {
	return &RefusedError{"", "a table could not be locked: somebody works with it in a transaction that goes on", mend}
}

func lockedOut(err error) bool {
	var pg *pgconn.PgError
	return errors.Is(err, errNotTaken) || errors.As(err, &pg) && (pg.Code == "55P03" || pg.Code == "40P01") // lock_not_available, deadlock_detected
}
