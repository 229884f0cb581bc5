package database

import (
	"context"
	"errors"
	"log/slog"

	"kitchen/db"
	"kitchen/db/order"
)

// FindUser looks a user up by id or by name in the database that cfg means. It returns [db.ErrNotFound] where there is none.
func FindUser(ctx context.Context, cfg Config, what string) (user db.User, err error) {
	opened, err := OpenMigrated(ctx, cfg, true, slog.New(slog.DiscardHandler))
	if err != nil {
		return user, err
	}
	defer func() { err = errors.Join(err, opened.Stop()) }()
	pool, err := opened.Pool(ctx)
	if err != nil {
		return user, err
	}
	defer pool.Close()
	if id, wrong := pool.Keys().User.Parse(what); wrong == nil {
		if user, err = pool.User(ctx, db.UserID(id)); !errors.Is(err, db.ErrNotFound) || pool.Keys().User == order.UUID {
			return user, err // where ids are texts, it may be a name
		}
	}
	return pool.UserByName(ctx, what)
}
