package examine

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/order"
)

// ErrNoTap says that displays cannot move orders on in this database at all.
var ErrNoTap = errors.New("there is no kitchen.set_status")

// RolledBackTap moves an open order on as a cook's tap does, and rolls back. Triggers of other programs then run with the rights of this
// connection's role. Errors: [ErrNotFound] where no order is open, [ErrNoTap], or why orders cannot be moved on ([db.Denied] for a missing
// right, [db.Busy] for a lock). tried is false where the error came before the move.
func (e *Examination) RolledBackTap(ctx context.Context) (tried bool, err error) {
	err = e.rolledBack(ctx, func(tx pgx.Tx) error {
		tried, err = tap(ctx, tx)
		return err
	})
	return tried, err
}

func tap(ctx context.Context, tx pgx.Tx) (tried bool, err error) {
	var settable bool
	var restaurant, id, next string
	var version int64
	if err := tx.QueryRow(ctx, `select to_regproc('kitchen.set_status') is not null`).Scan(&settable); err != nil {
		return false, err
	}
	if !settable {
		return false, ErrNoTap
	}
	err = tx.QueryRow(ctx, `
		select o.restaurant_id::text, o.id::text, case o.status when 'pending' then 'preparing' when 'preparing' then 'ready' else 'completed' end,
		       o.changes + coalesce((select sum(c.version) from kitchen.order_changes c where c.order_id = o.id), 0)::bigint
		  from (select id from kitchen.restaurants limit 1000) r
		 cross join lateral (select * from kitchen.order_rows o where o.restaurant_id = r.id and o.open limit 1) o
		 limit 1`).Scan(&restaurant, &id, &next, &version)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, order.ErrNotFound
	}
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `select kitchen.change_status($1::text::kitchen.restaurant_key, $2::text::kitchen.order_key, $3::text, $4::bigint)`,
		restaurant, id, next, version)
	return true, withFunction(err)
}

// ErrNoStations says that no restaurant has stations.
var ErrNoStations = errors.New("no restaurant has stations")

// RolledBackCooking does what a cook does at a station, and rolls back: it moves the lines of an open order, and fires a course. Errors:
// [ErrNoStations], [ErrNotFound] where nothing is to be cooked, and those of [Examination.RolledBackTap].
func (e *Examination) RolledBackCooking(ctx context.Context) (tried bool, err error) {
	err = e.rolledBack(ctx, func(tx pgx.Tx) error {
		tried, err = cook(ctx, tx)
		return err
	})
	return tried, err
}

func cook(ctx context.Context, tx pgx.Tx) (tried bool, err error) {
	var cooks, fires bool
	err = tx.QueryRow(ctx, `
		select to_regclass('kitchen.stations') is not null and to_regproc('kitchen.set_lines') is not null, to_regproc('kitchen.fire') is not null`).Scan(&cooks, &fires)
	if err == nil && cooks {
		err = tx.QueryRow(ctx, `select exists (select from kitchen.stations)`).Scan(&cooks)
	}
	if err != nil {
		return false, err
	}
	if !cooks {
		return false, ErrNoStations
	}
	var restaurant, id string
	var station *string
	err = tx.QueryRow(ctx, `
		select o.restaurant_id::text, o.id::text, s.station_id::text
		  from (select distinct t.restaurant_id from kitchen.stations t limit 1000) r
		 cross join lateral (select * from kitchen.orders o where o.restaurant_id = r.restaurant_id and o.open limit 50) o
		 cross join lateral (select l.* from kitchen.lines l where l.order_id = o.id and l.held is not true offset 0) l
		 cross join lateral kitchen.line_stations(o.restaurant_id, o.id, o.order_type::text, l.id, l.menu_item_id::text, l.category::text,
		                                          l.quantity::numeric, l.notes::text) s
		 where s.status <> 'ready'
		 limit 1`).Scan(&restaurant, &id, &station)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, order.ErrNotFound
	}
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `select kitchen.set_lines($2::text::kitchen.order_key, $3::text::uuid, 'ready', restaurant => $1::text::kitchen.restaurant_key)`,
		restaurant, id, station)
	if err == nil && fires {
		_, err = tx.Exec(ctx, `select kitchen.fire_course($1::text::kitchen.restaurant_key, $2::text::kitchen.order_key, 1)`, restaurant, id)
	}
	return true, withFunction(err)
}

// rolledBack calls do in a transaction that waits for little and is rolled back.
func (e *Examination) rolledBack(ctx context.Context, do func(pgx.Tx) error) error {
	tx, err := e.Pool().Begin(ctx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `set local lock_timeout = '1s'; set local statement_timeout = '5s'`, pgx.QueryExecModeSimpleProtocol)
	if err == nil {
		err = do(tx)
	}
	return errors.Join(err, tx.Rollback(ctx))
}

// withFunction adds to an error the name of the function that raised it, unless that is the one that moves orders on.
func withFunction(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		if in := inFunction.FindStringSubmatch(pg.Where); in != nil && in[1] != "kitchen.set_status" {
			return fmt.Errorf("%w in the function %s", err, in[1])
		}
	}
	return err
}

// inFunction finds the innermost function in the context that the server gives for an error.
var inFunction = regexp.MustCompile(`function (?:"?)([\w.]+)`)

// OtherTriggers returns the triggers of other programs that may run when a cook moves an order on, as "trigger on table".
func (e *Examination) OtherTriggers(ctx context.Context) (names []string, err error) {
	err = e.Pool().QueryRow(ctx, `
		select coalesce(array_agg(t.tgname || ' on ' || t.tgrelid::regclass order by t.tgname), '{}')
		  from pg_catalog.pg_trigger t join pg_catalog.pg_proc p on p.oid = t.tgfoid
		 where not t.tgisinternal and t.tgenabled in ('O', 'A') and t.tgtype & 16 > 0
		   and p.pronamespace <> to_regnamespace('kitchen') and p.proname not like 'complete\_%'
		   and case when to_regclass('kitchen.mapping') is null then t.tgrelid = to_regclass('public.orders')
		            else t.tgrelid in (select w.tgrelid from pg_catalog.pg_trigger w where w.tgname like 'kitchen\_watch\_%') end`).Scan(&names)
	if err != nil {
		return nil, fmt.Errorf("look for triggers of other programs: %w", err)
	}
	return names, nil
}
