// Package rush plays a busy evening in a restaurant: orders come in, are changed, cooked, served, cancelled and now and
// then called back, all written as plain SQL in ordinary transactions over a connection of its own, as the programs of a
// real restaurant would. It owns the demo restaurant with its menu and the SQL of the simulation. It knows nothing of
// notifications, displays or this program's other ways to the database: displays must learn of its orders from the database alone. Of this module it imports db, for the ids and the statuses, and nothing else.
package rush

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
	"kitchen/db/order"
)

// Change is something that the rush has committed and that a kitchen sees.
type Change struct {
	Order   order.OrderID
	Number  int64
	Version int64     // the version of the order that this change has made
	At      time.Time // when COMMIT returned
	Created bool      // the order is new
}

// Totals counts what a rush has written.
type Totals struct {
	Orders    int // new orders
	Changes   int // everything that a kitchen sees, new orders included
	Completed int
	Cancelled int
}

// Rush writes the orders of one restaurant. Its methods are for one goroutine.
type Rush struct {
	url        string
	sql        *statements
	conn       *pgx.Conn
	restaurant Restaurant
	carte      carte
	rand       *rand.Rand
	run        string // begins the external_id of every order of this run
	totals     Totals
	committed  func(Change)
}

// prefix begins the external_id of every order that a rush has written, so that it touches no other.
const prefix = "rush-"

// Open connects to the migrated database at url and prepares a rush in the restaurant of that id, or, where id is empty,
// in the demo restaurant, which it makes or completes. [order.ErrNotFound] where there is no restaurant of that id.
func Open(ctx context.Context, url string, id order.RestaurantID) (*Rush, error) {
	if id == "" {
		id = DemoID
	}
	r, err := openOn(ctx, url, ownTables(), id)
	if err != nil {
		return nil, err
	}
	if err := r.UseStations(ctx); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func openOn(ctx context.Context, url string, sql *statements, id order.RestaurantID) (*Rush, error) {
	seed := uint64(time.Now().UnixNano())
	r := &Rush{
		url:  url,
		sql:  sql,
		rand: rand.New(rand.NewPCG(seed, seed>>32)), //nolint:gosec // a play, not a secret
		run:  prefix + strconv.FormatUint(seed, 36) + "-",
	}
	if err := r.connect(ctx); err != nil {
		return nil, err
	}
	if err := r.prepare(ctx, id); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Rush) prepare(ctx context.Context, id order.RestaurantID) (err error) {
	if id == r.sql.demo {
		if err := r.sql.make(ctx, r.conn); err != nil {
			return fmt.Errorf("make the demo restaurant: %w", err)
		}
	}
	if r.restaurant, err = readRestaurant(ctx, r.conn, r.sql, id); err != nil {
		return err
	}
	r.carte, err = readCarte(ctx, r.conn, r.sql, id)
	return err
}

// Restaurant is where the orders go.
func (r *Rush) Restaurant() Restaurant { return r.restaurant }

// Close ends the connection.
func (r *Rush) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = r.conn.Close(ctx)
}

// connect makes the one connection of the rush. Nothing is prepared on the server: the rush works through any pooler.
func (r *Rush) connect(ctx context.Context) error {
	conn, err := db.Connect(ctx, r.url, func(c *pgx.ConnConfig) {
		c.RuntimeParams["application_name"] = "kitchen-rush" // whatever the address says
		c.RuntimeParams["search_path"] = "public"
		c.DefaultQueryExecMode = pgx.QueryExecModeExec
	})
	if err != nil {
		return fmt.Errorf("connect the rush: %w", err)
	}
	r.conn = conn
	return nil
}
