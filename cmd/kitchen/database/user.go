package database

import (
	"context"
	"errors"
	"log/slog"

	"kitchen/db"
	"kitchen/db/order"
)

// FindUser looks a user up by id or by name in the database that cfg means. It returns [order.ErrNotFound] where there is none.
func FindUser(ctx context.Context, cfg Config, what string) (user order.User, err error) {
	err = UsePool(ctx, cfg, slog.New(slog.DiscardHandler), func(_ *Database, pool *db.DB) (err error) {
		if id, wrong := pool.Keys().User.Parse(what); wrong == nil {
			if user, err = pool.User(ctx, order.UserID(id)); !errors.Is(err, order.ErrNotFound) || pool.Keys().User == order.UUID {
				return err // where ids are texts, it may be a name
			}
		}
		user, err = pool.UserByName(ctx, what)
		return err
	})
	return user, err
}
