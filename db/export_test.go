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
