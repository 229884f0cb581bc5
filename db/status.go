package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/order"
)

// UpdateStatus moves an order as [order.Allowed] says, by compare-and-set on its version: of two cooks who act on the same
// version, one is told of the other. Asking for the status that the order has already succeeds, whatever the version.
// Errors: [ErrNotFound], [ErrNotAllowed], a *[ConflictError], or one of the database, after which nothing is known.
//
// Its statements look an order up by its id, as [DB.Orders] does and for the same reason.
func (db *DB) UpdateStatus(ctx context.Context, u StatusUpdate) (StatusResult, error) {
	// Where the cook named no version, losing the race is no conflict: look again. Each turn means that somebody else's
	// write has succeeded, so a few are plenty.
	for range 10 {
		now, recallable, err := db.status(ctx, u.Restaurant, u.Order)
		switch {
		case err != nil:
			return StatusResult{}, err
		case now.Status == u.Status:
			return now, nil
		case u.Version != nil && *u.Version != now.Version:
			return StatusResult{}, &ConflictError{StatusResult: now}
		case !order.Allowed(now.Status, u.Status, recallable):
			return StatusResult{}, ErrNotAllowed
		}
		done := StatusResult{Status: u.Status}
		err = db.displays.use(ctx, u.Restaurant, func() error {
			batch := &pgx.Batch{}
			// An order that somebody holds locked is better tried again than waited for, on a connection that others need. The
			// name keeps the one that the node's address may give it off screens, where it would stand for a cook's tap.
			batch.Queue(`select set_config('lock_timeout', '2s', true), set_config('application_name', $1, true)`, NodeName).Exec(func(pgconn.CommandTag) error { return nil })
			batch.Queue(`
				update public.orders set status = $1
				 where (restaurant_id = $2) is true and id = $3 and version = $4
				 returning version`, u.Status, u.Restaurant, u.Order, now.Version).QueryRow(func(row pgx.Row) error {
				return row.Scan(&done.Version)
			})
			return db.pool.SendBatch(ctx, batch).Close()
		})
		if err == nil {
			return done, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return StatusResult{}, fmt.Errorf("update status: %w", err)
		}
	}
	return StatusResult{}, errors.New("update status: the order changes faster than it can be updated")
}

func (db *DB) status(ctx context.Context, r RestaurantID, id OrderID) (now StatusResult, recallable bool, err error) {
	err = db.displays.use(ctx, r, func() error {
		return db.again(ctx, func() error {
			return db.pool.QueryRow(ctx, `
				select o.status, o.version, 
				       coalesce(o.status = 'completed' and o.completed_at > now() - r.recall_window, false)
				  from public.orders o join public.restaurants r on r.id = o.restaurant_id
				 where (o.restaurant_id = $1) is true and o.id = $2`, r, id).Scan(&now.Status, &now.Version, &recallable)
		})
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return now, false, ErrNotFound
	}
	if err != nil {
		return now, false, fmt.Errorf("read status: %w", err)
	}
	return now, recallable, nil
}
