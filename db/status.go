package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/order"
)

// UpdateStatus moves an order as [order.Allowed] says, by compare-and-set on its version: of two cooks who act on the same version, one
// gets a conflict. Asking for the status that the order has already succeeds, whatever the version.
// An order for which stations still cook becomes ready or completed by force alone. Errors: [order.ErrNotFound], [order.ErrNotAllowed], a
// *[order.ConflictError], a *[order.NotReadyError], or one of the database, after which nothing is known.
//
// Another program that sets the same order's status meanwhile, or that makes the server choose this transaction to be the victim
// of a deadlock, is no failure: the order is looked at again.
//
// Its statements look an order up by its id, as [DB.Orders] does and for the same reason.
func (db *DB) UpdateStatus(ctx context.Context, u order.StatusUpdate) (order.StatusResult, error) {
	// Where the cook named no version, losing the race is no conflict: look again. Each turn means that somebody else's
	// write has succeeded, so a few are plenty.
	for range 10 {
		now, err := db.status(ctx, u.Restaurant, u.Order)
		switch {
		case err != nil:
			return order.StatusResult{}, err
		case now.Status == u.Status:
			return now.StatusResult, nil
		case u.Version != nil && *u.Version != now.Version:
			return order.StatusResult{}, &order.ConflictError{StatusResult: now.StatusResult}
		case !order.Allowed(now.Status, u.Status, now.recallable):
			return order.StatusResult{}, order.ErrNotAllowed
		}
		if now.stations && !u.Force && now.Status.Open() && (u.Status == order.Ready || u.Status == order.Completed) {
			if err := db.notReady(ctx, u.Restaurant, u.Order); err != nil {
				return order.StatusResult{}, err
			}
		}
		done := order.StatusResult{Status: u.Status}
		err = db.displays.use(ctx, u.Restaurant, func() error {
			batch := &pgx.Batch{} // an implicit transaction
			// A locked order is tried again and not waited for, because others need the connection. The transaction has the
			// node's usual name, because displays show it: a name in the node's address would look like a writer's.
			batch.Queue(asDisplay, NodeName).
				Exec(func(pgconn.CommandTag) error { return nil })
			batch.Queue(`select kitchen.change_status($1::text::kitchen.restaurant_key, $2::text::kitchen.order_key, $3::text, $4::bigint)`,
				u.Restaurant, u.Order, u.Status, now.Version).QueryRow(func(row pgx.Row) error {
				return row.Scan(&done.Version)
			})
			return db.pool.SendBatch(ctx, batch).Close()
		})
		switch code := sqlState(err); {
		case err == nil:
			return done, nil
		case code == "42883": // there is no such function
			return order.StatusResult{}, order.ErrNotAllowed
		case hostRefuses(err) != nil:
			return order.StatusResult{}, hostRefuses(err)
		case code != "40001" && code != "40P01" && code != "P0002": // serialization_failure, deadlock_detected, no_data_found
			return order.StatusResult{}, fmt.Errorf("update status: %w", err)
		}
	}
	return order.StatusResult{}, errors.New("update status: the order changes faster than it can be updated")
}

// hostRefuses returns the refusal of a change by a trigger or a constraint of the host, and nil for any other error. Trying again would
// not help.
func hostRefuses(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "P0001" || pg.Code[:2] == "23") { // raise_exception, integrity constraint violations
		return &order.RefusedError{Reason: "the program that takes the orders refuses it: " + string([]rune(pg.Message)[:min(len([]rune(pg.Message)), 200)])}
	}
	return nil
}

// asDisplay begins each transaction that a display asked for.
const asDisplay = `select set_config('lock_timeout', '2s', true), set_config('application_name', $1, true)`

// standing is the status and version of an order, and what decides which moves are allowed.
type standing struct {
	order.StatusResult
	recallable bool
	stations   bool // its restaurant has some
}

func (db *DB) status(ctx context.Context, r order.RestaurantID, id order.OrderID) (now standing, err error) {
	if !isKey(r, db.Keys().Restaurant) || !isKey(id, db.Keys().Order) {
		return now, order.ErrNotFound
	}
	var open bool
	err = db.displays.use(ctx, r, func() error {
		return db.again(ctx, func() error {
			return db.pool.QueryRow(ctx, `
				select coalesce(o.status::text, ''), o.open is true, v.version,
				       coalesce(o.status = 'completed' and o.left_at > now() - coalesce(s.recall_window, '1 hour'), false),
				       exists (select from kitchen.stations a where a.restaurant_id = o.restaurant_id)
				  from kitchen.order_rows o
				  left join kitchen.settings s on s.restaurant_id = o.restaurant_id
				  left join lateral (select o.changes + coalesce(sum(c.version), 0)::bigint as version from kitchen.order_changes c where c.order_id = o.id) v on true
				 where (o.restaurant_id = $1::text::kitchen.restaurant_key) is true and o.id = $2::text::kitchen.order_key`, r, id).
				Scan(&now.Status, &open, &now.Version, &now.recallable, &now.stations)
		})
	})
	now.Status = statusOf(string(now.Status), open)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !now.Status.Known() {
		return now, order.ErrNotFound
	}
	if err != nil {
		return now, fmt.Errorf("read status: %w", err)
	}
	return now, nil
}

// sqlState is the code of an error of the server's, or nothing.
func sqlState(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// Busy reports whether an error says that a lock was not had in time.
func Busy(err error) bool {
	code := sqlState(err)
	return code == "55P03" || code == "40001" || code == "P0002" // lock_not_available, serialization_failure, no_data_found
}
