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
