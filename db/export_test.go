package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db/order"
)

// Pool is the pool of the moment, for tests that look at its connections.
func Pool(d *DB) *pgxpool.Pool { return d.pool.Now() }

// OpenTraced is Open with somebody who is told of every statement.
func OpenTraced(ctx context.Context, url string, tracer pgx.QueryTracer) (*DB, error) {
	return open(ctx, url, func(cfg *pgxpool.Config) { cfg.ConnConfig.Tracer = tracer })
}

// OpenPooled is Open for connections of which it is not known that they lead to the server itself.
func OpenPooled(ctx context.Context, url string) (*DB, error) {
	return open(ctx, url, func(cfg *pgxpool.Config) { cfg.AfterConnect = nil })
}

// ReadSettings is what goes ahead of every read.
const ReadSettings = readSettings

// ReadWrongly reads orders with a statement of the test's own behind the columns, for somebody who asked about a restaurant.
func ReadWrongly(ctx context.Context, d *DB, asked order.RestaurantID, from string) ([]order.Order, error) {
	return d.readOrders(ctx, about(scopeOf(asked), orderColumns+from))
}

// ItsRows joins what belongs to orders o.
const ItsRows = itsRows

// NewShares, Use and Known let a test divide connections that do not exist.
func NewShares(connections int) *shares { return newShares(connections) }

func (s *shares) Use(ctx context.Context, id order.RestaurantID, do func() error) error {
	return s.use(ctx, id, do)
}

// Known is how many restaurants are remembered.
func (s *shares) Known() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.of)
}
