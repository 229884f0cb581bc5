package db

import "github.com/jackc/pgx/v5/pgxpool"

// Pool is the pool of the moment, for tests that look at its connections.
func Pool(d *DB) *pgxpool.Pool { return d.pool.now.Load() }
