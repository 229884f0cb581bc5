package main

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db/dbtest"
	"kitchen/db/order"
	"kitchen/ws/credential"
)

// house is a restaurant of a test, with a user for its displays.
type house struct {
	pool       *pgxpool.Pool
	restaurant order.RestaurantID
	username   string
	user       order.UserID
}

func newHouse(t *testing.T, url, username string) house {
	t.Helper()
	h := house{pool: dbtest.Pool(t, url), username: username}
	h.restaurant = order.RestaurantID(h.ask(t, `insert into restaurants (name) values ('House of ' || $1) returning id::text`, username))
	h.user = order.UserID(h.ask(t, `insert into users (restaurant_id, username) values ($1::text::uuid, $2) returning id::text`,
		string(h.restaurant), username))
	return h
}

// ask runs one statement that returns one text.
func (h house) ask(t *testing.T, sql string, args ...any) (answer string) {
	t.Helper()
	if err := h.pool.QueryRow(t.Context(), sql, args...).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

func (h house) order(t *testing.T, notes string) order.OrderID {
	t.Helper()
	return order.OrderID(h.ask(t, `insert into orders (restaurant_id, notes) values ($1::text::uuid, $2) returning id::text`,
		string(h.restaurant), notes))
}

// token is signed with the secret of the tests.
func (h house) token(t *testing.T) string {
	t.Helper()
	token, err := credential.SignToken([]byte(testSecret), h.user, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return token
}
