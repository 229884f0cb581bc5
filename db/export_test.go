package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Pool is the pool of the moment, for tests that look at its connections.
func Pool(d *DB) *pgxpool.Pool { return d.pool.now.Load() }

// OpenTraced is Open with somebody who is told of every statement.
func OpenTraced(ctx context.Context, url string, tracer pgx.QueryTracer) (*DB, error) {
	return open(ctx, url, func(cfg *pgxpool.Config) { cfg.ConnConfig.Tracer = tracer })
}

// ReadSettings is what goes ahead of every read.
const ReadSettings = readSettings

// ReadWrongly reads orders with a statement of the test's own behind the columns, for somebody who asked about a restaurant.
func ReadWrongly(ctx context.Context, d *DB, asked RestaurantID, from string) ([]Order, error) {
	return d.readOrders(ctx, scopeOf(asked), orderColumns+from)
}

// ItsRows joins what belongs to orders o.
const ItsRows = itsRows
