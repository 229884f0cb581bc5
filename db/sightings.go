package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/order"
)

// NoteSightings stores which orders displays of a node have painted or touched, in one statement, and returns how many of these are new.
// It leaves out orders of another restaurant, and versions that an order does not have.
func (db *DB) NoteSightings(ctx context.Context, node string, seen []order.Sighting) (noted int, err error) {
	keys := db.Keys()
	seen = slices.DeleteFunc(slices.Clone(seen), func(s order.Sighting) bool {
		return !isKey(s.Restaurant, keys.Restaurant) || !isKey(s.Order, keys.Order)
	})
	if len(seen) == 0 {
		return 0, nil
	}
	n, now := len(seen), time.Now()
	restaurants, orders, versions := make([]string, n), make([]string, n), make([]int64, n)
	hows, ages, displays := make([]string, n), make([]float64, n), make([]int64, n)
	for i, s := range seen {
		restaurants[i], orders[i], versions[i] = string(s.Restaurant), string(s.Order), s.Version
		hows[i], ages[i], displays[i] = string(s.How), now.Sub(s.At).Seconds(), int64(s.Display) //nolint:gosec // counted from 1
	}
	batch := &pgx.Batch{}
	batch.Queue(`select set_config('lock_timeout', '2s', true), set_config('statement_timeout', '5s', true)`).
		Exec(func(pgconn.CommandTag) error { return nil })
	batch.Queue(`select kitchen.note_sightings($1::text[]::kitchen.restaurant_key[], $2::text[]::kitchen.order_key[], $3::bigint[], $4::text[],
		$5::float8[], $6::bigint[], $7)`, restaurants, orders, versions, hows, ages, displays, node).
		QueryRow(func(row pgx.Row) error { return row.Scan(&noted) })
	if err := db.pool.SendBatch(ctx, batch).Close(); err != nil {
		return 0, fmt.Errorf("note %d sightings: %w", len(seen), err)
	}
	return noted, nil
}

// Sighting is when a version of an order was first painted or touched, and where.
type Sighting struct {
	How     order.How
	Version int64
	At      time.Time
	Node    string
	Display uint64 // its number on that node
}

// Sightings reads when and where an order was painted or touched, the earliest first.
func (db *DB) Sightings(ctx context.Context, restaurant order.RestaurantID, id order.OrderID) ([]Sighting, error) {
	keys := db.Keys()
	if !isKey(restaurant, keys.Restaurant) || !isKey(id, keys.Order) {
		return nil, nil
	}
	seen, err := readRows(ctx, db, func(row pgx.CollectableRow) (s Sighting, err error) {
		err = row.Scan(&s.How, &s.Version, &s.At, &s.Node, &s.Display)
		return s, err
	}, `
		select s.how, s.version, s.seen_at, s.node, s.display
		  from kitchen.sightings s
		 where s.restaurant_id = $1::text::kitchen.restaurant_key and s.order_id = $2::text::kitchen.order_key
		 order by s.seen_at, s.version, s.how`, string(restaurant), string(id))
	if err != nil {
		return nil, fmt.Errorf("read who has seen an order: %w", err)
	}
	return seen, nil
}
