package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db/order"
)

// selectUser reads the name twice, also as the username: in another program's tables only that program knows the login name.
const selectUser = `
	select u.id::text, u.restaurant_id::text, coalesce(u.name, '')::text, coalesce(u.name, '')::text, u.role::text, coalesce(u.is_active, false)
	  from kitchen.users u `

// User looks a user up by id. [order.ErrNotFound] where there is none; an inactive user is found, and says so.
func (db *DB) User(ctx context.Context, id order.UserID) (order.User, error) {
	if !isKey(id, db.Keys().User) {
		return order.User{}, order.ErrNotFound
	}
	return db.user(ctx, selectUser+`where u.id = $1::text::kitchen.user_key limit 1`, string(id))
}

// Users looks users up by id in one query. It returns those that exist, in any order, including inactive ones. Ids that no user can have,
// which come from tokens of other systems, are not found. Like every read that decides what displays show, it fails where row-level
// security would hide a row.
func (db *DB) Users(ctx context.Context, ids []order.UserID) ([]order.User, error) {
	ids = possible(ids, db.Keys().User)
	var users []order.User
	err := db.askUsers(ctx, func() (err error) {
		users, err = readRows(ctx, db, scanUser, selectUser+`where u.id = any($1::text[]::kitchen.user_key[])`, texts(ids))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up %d users: %w", len(ids), err)
	}
	return users, nil
}

// askUsers runs a look-up of users. Some connections are reserved for these, so that displays can join, and dismissed users be
// disconnected, however much connected displays ask for.
func (db *DB) askUsers(ctx context.Context, do func() error) error {
	select {
	case db.users <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("wait for a connection: %w", ctx.Err())
	}
	defer func() { <-db.users }()
	return do()
}

// UserByName is [DB.User] by username, in our own tables; in another program's, by the name that kitchen.users shows.
func (db *DB) UserByName(ctx context.Context, username string) (order.User, error) {
	var attached bool
	err := db.askUsers(ctx, func() (err error) {
		attached, err = db.Attached(ctx)
		return err
	})
	if err != nil {
		return order.User{}, err
	}
	if attached { // where a table of that name may be, and is not ours
		return db.user(ctx, selectUser+`where u.name = $1 limit 1`, username)
	}
	return db.user(ctx, `
		select u.id::text, u.restaurant_id::text, u.username, coalesce(nullif(u.name, ''), u.username), u.role, u.is_active
		  from public.users u where u.username = $1`, username)
}

func scanUser(row pgx.CollectableRow) (u order.User, err error) {
	err = row.Scan(&u.ID, &u.Restaurant, &u.Username, &u.Name, &u.Role, &u.Active)
	return u, err
}

func (db *DB) user(ctx context.Context, query, arg string) (u order.User, err error) {
	err = db.askUsers(ctx, func() error {
		found, err := readRows(ctx, db, scanUser, query, arg)
		if err == nil && len(found) == 0 {
			return order.ErrNotFound
		}
		if err == nil {
			u = found[0]
		}
		return err
	})
	if err != nil && !errors.Is(err, order.ErrNotFound) {
		return u, fmt.Errorf("look up user: %w", err)
	}
	return u, err
}

// UseReserved runs f with one of the connections that are reserved for looking users up. It is for pages on which people change a kitchen's
// settings, which is rare. What displays ask for does not wait for it.
func (db *DB) UseReserved(ctx context.Context, f func(*pgx.Conn) error) error {
	return db.askUsers(ctx, func() error {
		return db.pool.AcquireFunc(ctx, func(conn *pgxpool.Conn) error { return f(conn.Conn()) })
	})
}
