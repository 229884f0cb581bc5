package attach

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// takeAtMost bounds how long the locks of the host's tables are waited for, all together. A transaction of the host that waits for one of them and
// holds another is a deadlock. PostgreSQL looks for one when somebody has waited for a second (deadlock_timeout), and ends whoever looks: it would
// be the host's, which began to wait first.
const takeAtMost = 500 * time.Millisecond

// errNotTaken says that the tables could not be locked in that time.
var errNotTaken = errors.New("the host's tables are in use")

// take locks tables of the host, before anything is done to one of them: all, or none, because the transaction fails with it.
func take(ctx context.Context, tx pgx.Tx, mode string, tables []string) error {
	if len(tables) == 0 {
		return nil
	}
	tables = slices.Sorted(slices.Values(tables))
	var was string
	if err := tx.QueryRow(ctx, `select current_setting('statement_timeout')`).Scan(&was); err != nil {
		return fmt.Errorf("read statement_timeout: %w", err)
	}
	const bound = `select set_config('statement_timeout', $1, true)`
	if _, err := tx.Exec(ctx, bound, fmt.Sprint(takeAtMost.Milliseconds())); err != nil {
		return fmt.Errorf("bound the wait for tables: %w", err)
	}
	err := run(ctx, tx, "lock table "+strings.Join(tables, ", ")+" in "+mode+" mode")
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "57014" { // query_canceled, by that bound
		return errNotTaken
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, bound, was); err != nil {
		return fmt.Errorf("set statement_timeout back: %w", err)
	}
	return nil
}

// takeWatched locks the tables that have triggers of an installed mapping, as dropping these does.
func takeWatched(ctx context.Context, tx pgx.Tx) error {
	var tables []string
	err := tx.QueryRow(ctx, `
		select coalesce(array_agg(distinct t.tgrelid::regclass::text), '{}')
		  from pg_catalog.pg_trigger t join pg_catalog.pg_proc p on p.oid = t.tgfoid join pg_catalog.pg_class c on c.oid = t.tgrelid
		 where p.pronamespace = to_regnamespace('kitchen') and not t.tgisinternal and c.relnamespace <> p.pronamespace and c.relkind in ('r', 'p')`).Scan(&tables)
	if err != nil {
		return fmt.Errorf("look for tables with triggers: %w", err)
	}
	return take(ctx, tx, "access exclusive", tables)
}

// takeSources locks the tables behind the views, as making triggers does.
func takeSources(ctx context.Context, tx pgx.Tx, d *model) error {
	var tables []string
	for _, s := range d.sources {
		if s.schema != "kitchen" {
			tables = append(tables, s.table())
		}
	}
	return take(ctx, tx, "share row exclusive", tables)
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
