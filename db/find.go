package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/order"
)

// FoundOrder is the restaurant of an order, and its status and version.
type FoundOrder struct {
	Restaurant order.RestaurantID
	Number     int64
	Status     order.Status
	Version    int64
	CreatedAt  time.Time
	UpdatedAt  time.Time // the start of the transaction that made this version, by the database's clock
}

// FindOrder looks for an order in all restaurants: for an operator who asks what became of it, and never for a display.
// [order.ErrNotFound] where there is none.
func (db *DB) FindOrder(ctx context.Context, id order.OrderID) (w FoundOrder, err error) {
	if !isKey(id, db.Keys().Order) {
		return w, order.ErrNotFound
	}
	err = db.pool.QueryRow(ctx, `
		select o.restaurant_id::text, coalesce(o.order_number, 0)::bigint, o.status::text, v.version, o.created_at, coalesce(v.changed_at, o.created_at)
		  from kitchen.order_rows o
		  left join lateral (select o.changes + coalesce(sum(c.version), 0)::bigint as version, greatest(o.changed_at, max(c.changed_at)) as changed_at
		                       from kitchen.order_changes c where c.order_id = o.id) v on true
		 where o.id = $1::text::kitchen.order_key`, string(id)).
		Scan(&w.Restaurant, &w.Number, &w.Status, &w.Version, &w.CreatedAt, &w.UpdatedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return w, order.ErrNotFound
	}
	if err != nil {
		return w, fmt.Errorf("find order: %w", err)
	}
	w.CreatedAt, w.UpdatedAt = w.CreatedAt.UTC(), w.UpdatedAt.UTC()
	return w, nil
}
