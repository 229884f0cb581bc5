package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Tidy merges the rows in which the triggers keep the versions of orders, for at most this many orders. It also deletes the states of
// lines of orders that ended a day ago, and sightings after two days. It returns how many orders it tidied, and does nothing while another
// node tidies.
func (db *DB) Tidy(ctx context.Context, most int) (done int, err error) {
	batch := &pgx.Batch{}
	batch.Queue(`select set_config('lock_timeout', '1s', true), set_config('statement_timeout', '1min', true)`).
		Exec(func(pgconn.CommandTag) error { return nil })
	batch.Queue(`select kitchen.tidy_order_changes($1::int)`, most).QueryRow(func(row pgx.Row) error { return row.Scan(&done) })
	var forgotten int
	batch.Queue(`select kitchen.tidy_line_changes($1::int)`, most).QueryRow(func(row pgx.Row) error { return row.Scan(&forgotten) })
	var unneeded int
	batch.Queue(`select kitchen.tidy_sightings($1::int)`, most).QueryRow(func(row pgx.Row) error { return row.Scan(&unneeded) })
	if err := db.pool.SendBatch(ctx, batch).Close(); err != nil {
		return 0, fmt.Errorf("tidy the changes of orders: %w", err)
	}
	return max(done, forgotten, unneeded), nil
}
