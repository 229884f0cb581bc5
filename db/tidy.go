package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Tidy puts the rows together in which the triggers keep the versions of orders, of at most so many orders, and returns of how
// many it did. While another node does it, it does nothing.
func (db *DB) Tidy(ctx context.Context, most int) (done int, err error) {
	batch := &pgx.Batch{}
	batch.Queue(`select set_config('lock_timeout', '1s', true), set_config('statement_timeout', '10s', true)`).
		Exec(func(pgconn.CommandTag) error { return nil })
	batch.Queue(`select kitchen.tidy_order_changes($1::int)`, most).QueryRow(func(row pgx.Row) error { return row.Scan(&done) })
	if err := db.pool.SendBatch(ctx, batch).Close(); err != nil {
		return 0, fmt.Errorf("tidy the changes of orders: %w", err)
	}
	return done, nil
}
