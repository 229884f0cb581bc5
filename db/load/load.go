// Package load writes orders for a measurement, as many and as fast as asked, into restaurants that it makes, and removes what
// it made and nothing else. It owns the SQL for that. It knows nothing of notifications, displays or clocks, which belong to its
// caller. Of this module it imports only db, for ids and connections.
package load

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
	"kitchen/db/order"
)

// Lines and Modifiers are how many an order has: each line has one modifier.
const (
	Lines     = 3
	Modifiers = 3
)

// Dataset holds the restaurants of one measurement, each with a user, a table, a menu and options. All their ids, and those of their
// orders, begin with the same 24 random characters: so orders are found in a message without a map, and removed without a list.
type Dataset struct {
	Prefix      string
	Restaurants []order.RestaurantID
	Users       []order.UserID // one for each restaurant

	url    string
	schema string // of the tables that are written
	prefix []byte
}

// The last twelve digits of an id are its number; these are added to it.
const (
	restaurantIDs = (iota + 1) << 44
	userIDs
	tableIDs
	menuIDs
	optionIDs
	lineIDs
	modifierIDs
)

func (d *Dataset) id(n int) string { return fmt.Sprintf("%s%012x", d.Prefix, n) }

// OrderID is the id of the order of that number.
func (d *Dataset) OrderID(number int) order.OrderID { return order.OrderID(d.id(number)) }

// FindNumber finds the first order of this dataset in a text, from an index on, and what follows it. ok is false where there
// is none.
func (d *Dataset) FindNumber(text []byte, from int) (number, next int, ok bool) {
	for {
		at := bytes.Index(text[from:], d.prefix)
		if at < 0 || len(text) < from+at+36 {
			return 0, len(text), false
		}
		from += at + 36
		n, err := strconv.ParseUint(string(text[from-12:from]), 16, 48)
		if err == nil && n < restaurantIDs {
			return int(n), from, true
		}
	}
}

// Open returns a dataset that [Make] has made with that prefix.
func Open(url, prefix string, restaurants int) *Dataset {
	d := &Dataset{url: url, schema: "public", Prefix: prefix, prefix: []byte(prefix)}
	for i := range restaurants {
		d.Restaurants = append(d.Restaurants, order.RestaurantID(d.id(restaurantIDs+i)))
		d.Users = append(d.Users, order.UserID(d.id(userIDs+i)))
	}
	return d
}

// newPrefix is how all ids of a dataset begin: no other dataset do.
func newPrefix() string {
	var random [9]byte
	_, _ = rand.Read(random[:]) // never fails
	x := hex.EncodeToString(random[:])
	return fmt.Sprintf("%s-%s-4%s-a%s-", x[:8], x[8:12], x[12:15], x[15:18])
}

// Make makes restaurants in the migrated database at url. Where it fails, nothing is left behind.
func Make(ctx context.Context, url string, restaurants int) (*Dataset, error) {
	d := Open(url, newPrefix(), restaurants)
	conn, err := connect(ctx, url, "public")
	if err != nil {
		return nil, err
	}
	defer closeConn(conn)
	const id = `($1 || lpad(to_hex($3::bigint + n), 12, '0'))::uuid`
	const restaurant = `($1 || lpad(to_hex($4::bigint + n / $5::int), 12, '0'))::uuid`
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(`insert into restaurants (id, name) select `+id+`, 'Bench ' || n from generate_series(0, $2::int - 1) n`,
			d.Prefix, restaurants, restaurantIDs)
		for _, of := range []struct {
			into  string
			first int
			each  int
		}{
			{`users (id, restaurant_id, username) select ` + id + `, ` + restaurant + `, 'bench-' || $1 || n`, userIDs, 1},
			{`tables (id, restaurant_id, label) select ` + id + `, ` + restaurant + `, 'T' || n`, tableIDs, 1},
			{`menu_items (id, restaurant_id, name) select ` + id + `, ` + restaurant + `, 'Dish ' || n`, menuIDs, Lines},
			{`modifier_options (id, restaurant_id, name) select ` + id + `, ` + restaurant + `, 'NO onion ' || n`, optionIDs, Modifiers},
		} {
			batch.Queue(`insert into `+of.into+` from generate_series(0, $2::int - 1) n`,
				d.Prefix, restaurants*of.each, of.first, restaurantIDs, of.each)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return nil, fmt.Errorf("make %d restaurants: %w", restaurants, err)
	}
	return d, nil
}

// Remove deletes the restaurants with everything in them, without notifications: displays are gone by then.
func (d *Dataset) Remove(ctx context.Context) error {
	conn, err := connect(ctx, d.url, d.schema)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	batch := &pgx.Batch{}
	batch.Queue(`set kitchen.notify = off`)
	batch.Queue(`delete from restaurants where id = any($1::text[]::uuid[])`, d.Restaurants)
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("remove %d restaurants, whose ids begin with %s: %w", len(d.Restaurants), d.Prefix, err)
	}
	return nil
}

func connect(ctx context.Context, url, schema string) (*pgx.Conn, error) {
	conn, err := db.Connect(ctx, url, func(c *pgx.ConnConfig) {
		c.RuntimeParams["application_name"] = "kitchen-bench" // whatever url says
		c.RuntimeParams["search_path"] = schema
	})
	if err != nil {
		return nil, fmt.Errorf("connect to write orders: %w", err)
	}
	return conn, nil
}

func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}
