package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Lend runs f with a connection of those that look users up, for what people do to a kitchen's settings: seldom, and a few at a time.
// What displays ask for does not wait for it.
func (db *DB) Lend(ctx context.Context, f func(*pgx.Conn) error) error {
	return db.askUsers(ctx, func() error {
		return db.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error { return f(conn.Conn()) })
	})
}
