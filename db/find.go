package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Whereabouts is where an order is, and how it stands.
type Whereabouts struct {
	Restaurant RestaurantID
	Number     int32
	Status     Status
	Version    int64
	UpdatedAt  time.Time // the start of the transaction that made this version, by the database's clock
}

// FindOrder looks for an order in all restaurants: for an operator who asks what became of it, and never for a display.
// [ErrNotFound] where there is none.
func (db *DB) FindOrder(ctx context.Context, id OrderID) (w Whereabouts, err error) {
	err = db.pool.QueryRow(ctx, `
		select restaurant_id::text, order_number, status, version, updated_at from public.orders where id = $1::text::uuid`, string(id)).
		Scan(&w.Restaurant, &w.Number, &w.Status, &w.Version, &w.UpdatedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return w, ErrNotFound
	}
	if err != nil {
		return w, fmt.Errorf("find order: %w", err)
	}
	w.UpdatedAt = w.UpdatedAt.UTC()
	return w, nil
}
