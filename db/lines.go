package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/order"
)

// UpdateLines moves lines of an order on, or back, at a station, and the order with them. Stations at one order never conflict.
// Errors: [order.ErrNotFound], [order.ErrNotAllowed], a *[order.RefusedError] that says why, a *[order.ConflictError] where the lines are not what the
// cook saw, or one of the database, after which nothing is known.
func (db *DB) UpdateLines(ctx context.Context, u order.LinesUpdate) (order.StatusResult, error) {
	keys := db.Keys()
	for _, line := range u.Lines {
		if !isKey(line, keys.Line) {
			return order.StatusResult{}, &order.RefusedError{Reason: fmt.Sprintf("%.40q is no line of an order", line)}
		}
	}
	return db.moveLines(ctx, u.Restaurant, u.Order, `
		select l.order_status, l.version
		  from kitchen.set_lines($2::text::kitchen.order_key, $3::text::uuid, $4::text, $5::text[]::kitchen.line_key[], $6::text,
		                         $1::text::kitchen.restaurant_key, $7::text) l`,
		u.Station, string(u.Status), u.Lines, u.From, u.Reason)
}

// Fire has the held lines of a course cooked. Its errors are those of [DB.UpdateLines].
func (db *DB) Fire(ctx context.Context, restaurant order.RestaurantID, id order.OrderID, course int32) (order.StatusResult, error) {
	return db.moveLines(ctx, restaurant, id, `
		select f.order_status, f.version
		  from kitchen.fire_course($1::text::kitchen.restaurant_key, $2::text::kitchen.order_key, $3::int) f`, course)
}

// moveLines runs a statement that takes a restaurant, an order and more arguments, and returns the order's status and version.
func (db *DB) moveLines(ctx context.Context, restaurant order.RestaurantID, id order.OrderID, sql string, more ...any) (now order.StatusResult, err error) {
	if !isKey(restaurant, db.Keys().Restaurant) || !isKey(id, db.Keys().Order) {
		return now, order.ErrNotFound
	}
	for range 10 { // as in UpdateStatus: each conflict means that another write has succeeded
		err = db.displays.use(ctx, restaurant, func() error {
			batch := &pgx.Batch{}
			batch.Queue(asDisplay, NodeName).Exec(func(pgconn.CommandTag) error { return nil })
			batch.Queue(sql, append([]any{string(restaurant), string(id)}, more...)...).QueryRow(func(row pgx.Row) error {
				return row.Scan(&now.Status, &now.Version)
			})
			return db.pool.SendBatch(ctx, batch).Close()
		})
		var pg *pgconn.PgError
		if !errors.As(err, &pg) {
			if err != nil {
				return now, fmt.Errorf("update lines: %w", err)
			}
			return now, nil
		}
		switch {
		case pg.ConstraintName == "kitchen_set_lines": // the lines have moved, or are gone
			moved, err := db.status(ctx, restaurant, id)
			if err != nil {
				return now, err
			}
			return now, &order.ConflictError{StatusResult: moved.StatusResult}
		case pg.Code == "42883": // there is no such function
			return now, order.ErrNotAllowed
		case pg.Code == "P0002": // no_data_found
			return now, order.ErrNotFound
		case hostRefuses(err) != nil:
			return now, hostRefuses(err)
		case pg.Code == "22023" || pg.Code == "55000": // invalid_parameter_value, object_not_in_prerequisite_state
			return now, &order.RefusedError{Reason: pg.Message}
		case pg.Code != "40001" && pg.Code != "40P01": // serialization_failure, deadlock_detected
			return now, fmt.Errorf("update lines: %w", err)
		}
	}
	return now, errors.New("update lines: the order changes faster than it can be updated")
}

// SetDerivedStatus sets an order to the status that follows from its lines: see [order.Order.StatusIsStale].
func (db *DB) SetDerivedStatus(ctx context.Context, restaurant order.RestaurantID, id order.OrderID) error {
	batch := &pgx.Batch{}
	batch.Queue(asDisplay, NodeName).Exec(func(pgconn.CommandTag) error { return nil })
	batch.Queue(`
		select kitchen.set_derived_status(array(
		       select o.id from kitchen.orders o
		        where (o.restaurant_id = $1::text::kitchen.restaurant_key) is true and o.id = $2::text::kitchen.order_key)::kitchen.order_key[])`, restaurant, id).Exec(func(pgconn.CommandTag) error { return nil })
	if err := db.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("set the derived status: %w", err)
	}
	return nil
}

// notReady returns a *[order.NotReadyError] where stations still cook for an order.
func (db *DB) notReady(ctx context.Context, restaurant order.RestaurantID, id order.OrderID) error {
	var waiting []order.Waiting
	err := db.displays.use(ctx, restaurant, func() (err error) {
		waiting, err = readRows(ctx, db, pgx.RowToStructByPos[order.Waiting], `
			select w.station_id::text, coalesce(w.name, '')::text, w.lines::int from kitchen.waiting($1::text::kitchen.order_key) w`, string(id))
		return err
	})
	if err != nil {
		return fmt.Errorf("ask who still cooks: %w", err)
	}
	if len(waiting) > 0 {
		return &order.NotReadyError{Waiting: waiting}
	}
	return nil
}
