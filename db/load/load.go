// Package load writes orders for a measurement, as many and as fast as asked, into restaurants that it makes for itself,
// and takes away again what it made and nothing else. It owns the SQL of that. It knows nothing of notifications, displays
// or clocks: who measures does. Of this module it imports db, for ids and connections, and nothing else.
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
)

// Lines and Modifiers are what each order holds, in all.
const (
	Lines     = 3
	Modifiers = 3
)

// Ground is restaurants of a measurement's own, each with a user, a table, a menu and options. Every id in it, and that of
// every order, begins with the same 24 characters, which are random: so orders are found again without a map, and removed
// without a list.
type Ground struct {
	Prefix      string
	Restaurants []db.RestaurantID
	Users       []db.UserID // one a restaurant

	url    string
	schema string // whose tables are written
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

func (g *Ground) id(n int) string { return fmt.Sprintf("%s%012x", g.Prefix, n) }

// OrderID is the id of the order of that number.
func (g *Ground) OrderID(number int) db.OrderID { return db.OrderID(g.id(number)) }

// Number finds the first order of this ground in a text, from an index on, and what follows it. ok is false where there
// is none.
func (g *Ground) Number(text []byte, from int) (number, next int, ok bool) {
	for {
		at := bytes.Index(text[from:], g.prefix)
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

// Open names the restaurants that [Make] has made with that prefix.
func Open(url, prefix string, restaurants int) *Ground {
	g := &Ground{url: url, schema: "public", Prefix: prefix, prefix: []byte(prefix)}
	for i := range restaurants {
		g.Restaurants = append(g.Restaurants, db.RestaurantID(g.id(restaurantIDs+i)))
		g.Users = append(g.Users, db.UserID(g.id(userIDs+i)))
	}
	return g
}

// newPrefix is how all ids of a ground begin: no other ground's do.
func newPrefix() string {
	var random [9]byte
	_, _ = rand.Read(random[:]) // never fails
	x := hex.EncodeToString(random[:])
	return fmt.Sprintf("%s-%s-4%s-a%s-", x[:8], x[8:12], x[12:15], x[15:18])
}

// Make makes restaurants in the migrated database at url. Where it fails, nothing is left behind.
func Make(ctx context.Context, url string, restaurants int) (*Ground, error) {
	g := Open(url, newPrefix(), restaurants)
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
			g.Prefix, restaurants, restaurantIDs)
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
				g.Prefix, restaurants*of.each, of.first, restaurantIDs, of.each)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return nil, fmt.Errorf("make %d restaurants: %w", restaurants, err)
	}
	return g, nil
}

// Remove removes the restaurants with everything in them, silently: displays are gone by then.
func (g *Ground) Remove(ctx context.Context) error {
	conn, err := connect(ctx, g.url, g.schema)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	batch := &pgx.Batch{}
	batch.Queue(`set kitchen.notify = off`)
	batch.Queue(`delete from restaurants where id = any($1::text[]::uuid[])`, g.Restaurants)
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("remove %d restaurants, whose ids begin with %s: %w", len(g.Restaurants), g.Prefix, err)
	}
	return nil
}

func connect(ctx context.Context, url, schema string) (*pgx.Conn, error) {
	conn, err := db.Connect(ctx, url, func(c *pgx.ConnConfig) {
		c.RuntimeParams["application_name"] = "kitchen-bench" // whatever the address says
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
