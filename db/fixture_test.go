package db_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

type fixture struct {
	*testing.T
	db   *db.DB
	pool *pgxpool.Pool
}

func open(t *testing.T) fixture {
	t.Helper()
	url := dbtest.New(t)
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return fixture{t, d, dbtest.Pool(t, url)}
}

func (f fixture) exec(sql string, args ...any) {
	f.Helper()
	if _, err := f.pool.Exec(context.Background(), sql, args...); err != nil {
		f.Fatalf("%s: %v", sql, err)
	}
}

func (f fixture) id(sql string, args ...any) (id string) {
	f.Helper()
	if err := f.pool.QueryRow(context.Background(), sql, args...).Scan(&id); err != nil {
		f.Fatalf("%s: %v", sql, err)
	}
	return id
}

func (f fixture) restaurant() order.RestaurantID {
	f.Helper()
	return order.RestaurantID(f.id(`insert into restaurants (name) values ('Test') returning id::text`))
}

func (f fixture) order(r order.RestaurantID) order.OrderID {
	f.Helper()
	return order.OrderID(f.id(`insert into orders (restaurant_id) values ($1) returning id::text`, r))
}

func (f fixture) queue(r order.RestaurantID) *db.Queue {
	f.Helper()
	queues, err := f.db.Queues(context.Background(), []order.RestaurantID{r})
	if err != nil {
		f.Fatal(err)
	}
	return queues[r]
}
