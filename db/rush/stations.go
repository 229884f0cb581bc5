package rush

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Stations of the demo restaurant, as its boards are addressed by.
const (
	Grill = "Grill"
	Bar   = "Bar"
	Pass  = "Pass"
)

// unrouted is the category of the demo restaurant that no route leads anywhere: its lines are on every screen.
const unrouted = "Bread"

// category is the menu category of a dish.
func (m demoItem) category() string {
	if m.name == "Focaccia" {
		return unrouted
	}
	return categories()[m.course]
}

// categories are those of the courses, and after them the one without a route.
func categories() []string {
	return []string{"Other", "Starters", "Pizza", "Pasta", "Grill", "Sides", "Desserts", "Coffee", "Drinks", unrouted}
}

// courseNumber is when a dish comes to the table; nil: whenever it is ready.
func (c course) number() *int32 {
	n := map[course]int32{starter: 1, pizza: 2, pasta: 2, grill: 2, side: 2, dessert: 3}[c]
	if n == 0 {
		return nil
	}
	return &n
}

// UseStations has the simulated cooks work at the restaurant's stations. The demo restaurant gets a grill, a bar and a pass, and routes
// to them, if it has none. [Open] calls it; on another program's tables the kitchen's own tables have to be there first.
func (r *Rush) UseStations(ctx context.Context) error {
	if r.restaurant.ID == r.sql.demo {
		if err := makeStations(ctx, r.conn, string(r.restaurant.ID)); err != nil {
			return fmt.Errorf("make the demo restaurant's stations: %w", err)
		}
	}
	rows, _ := r.conn.Query(ctx, `select s.name from kitchen.stations s where s.restaurant_id = $1::text::kitchen.restaurant_key
		order by s.position, s.name`, string(r.restaurant.ID)) // the error is the rows'
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("read the stations: %w", err)
	}
	r.restaurant.Stations = names
	return nil
}

// queueStations reads at which stations the lines of an order are cooked; nil means no station.
func queueStations(batch *pgx.Batch, o *placed) {
	batch.Queue(`
		select distinct s.station_id::text
		  from kitchen.orders o cross join lateral (select l.* from kitchen.lines l where l.order_id = o.id offset 0) l
		 cross join lateral kitchen.line_stations(o.restaurant_id, o.id, o.order_type::text, l.id, l.menu_item_id::text, l.category::text,
		                                          l.quantity::numeric, l.notes::text) s
		 where o.id = $1::text::kitchen.order_key`, o.id).Query(func(rows pgx.Rows) (err error) {
		o.stations, err = pgx.CollectRows(rows, pgx.RowTo[*string])
		return err
	})
}

func makeStations(ctx context.Context, conn *pgx.Conn, restaurant string) error {
	batch := &pgx.Batch{}
	batch.Queue(`
		insert into kitchen.stations (restaurant_id, name, kind, position)
		select $1::text::kitchen.restaurant_key, v.name, v.kind, v.position
		  from unnest($2::text[], array['prep', 'prep', 'expo'], array[1, 2, 3]) v (name, kind, position)
		 where not exists (select from kitchen.stations s where s.restaurant_id = $1::text::kitchen.restaurant_key)`, restaurant, []string{Grill, Bar, Pass})
	batch.Queue(`
		insert into kitchen.routes (restaurant_id, station_id, category)
		select s.restaurant_id, s.id, c.name
		  from kitchen.stations s cross join unnest($2::text[]) c (name)
		 where s.restaurant_id = $1::text::kitchen.restaurant_key and s.name = case when c.name in ('Coffee', 'Drinks') then $4 else $3 end and c.name <> $5
		   and not exists (select from kitchen.routes r where r.restaurant_id = s.restaurant_id)`, restaurant, categories(), Grill, Bar, unrouted)
	return conn.SendBatch(ctx, batch).Close()
}

// cook moves the lines of an order at one station to preparing or ready.
func (r *Rush) cook(station *string, to string) func(context.Context, *placed) error {
	return func(ctx context.Context, o *placed) error { return r.setLines(ctx, o, false, station, to) }
}

// cookRest makes all lines ready that are not yet.
func (r *Rush) cookRest(ctx context.Context, o *placed) error {
	return r.setLines(ctx, o, true, nil, "ready")
}

func (r *Rush) setLines(ctx context.Context, o *placed, everywhere bool, station *string, to string) error {
	return r.kitchenSays(ctx, o, `
		with w as materialized (
		  select w.station_id from kitchen.orders o cross join lateral kitchen.waiting(o.id) w
		   where o.id = @order::text::kitchen.order_key and o.open and (@everywhere::boolean or w.station_id is not distinct from @station::text::uuid))
		select s.version from w cross join lateral kitchen.set_lines(@order::text::kitchen.order_key, w.station_id, @to::text) s`,
		pgx.NamedArgs{"everywhere": everywhere, "station": station, "to": to})
}

// fire fires the next course, as the pass does.
func (r *Rush) fire(course int32) func(context.Context, *placed) error {
	return func(ctx context.Context, o *placed) error {
		return r.kitchenSays(ctx, o, `
			with h as materialized (
			  select o.restaurant_id from kitchen.orders o
			   where o.id = @order::text::kitchen.order_key and o.open
			     and exists (select from kitchen.lines l where l.order_id = o.id and l.held and l.course = @course::int))
			select f.version from h cross join lateral kitchen.fire_course(h.restaurant_id, @order::text::kitchen.order_key, @course::int) f`,
			pgx.NamedArgs{"course": course})
	}
}

// kitchenSays runs a statement that a node runs for a display. It is no error that a cook at a real display was faster.
func (r *Rush) kitchenSays(ctx context.Context, o *placed, sql string, args pgx.NamedArgs) error {
	_, err := r.update(ctx, o, sql, args)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "55000" || pg.Code == "22023" || pg.Code == "P0002" || pg.ConstraintName == "kitchen_set_lines") {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cook at a station: %w", err)
	}
	return nil
}

// planStations plans what cooks at stations do with a new order until it is served: each begins and ends its part by itself, the
// pass fires what is held, and checks at the end that all is ready.
func (r *Rush) planStations(order *placed, about func(share float64) time.Time, served time.Time) (steps []step) {
	wave := func(from, until float64) {
		for _, station := range order.stations {
			begun, ready := about(from), about(until)
			if ready.Before(begun) {
				ready = begun
			}
			steps = append(steps, step{begun, order, r.cook(station, "preparing")}, step{ready, order, r.cook(station, "ready")})
		}
	}
	wave(0.15, 0.4)
	at := 0.4
	for _, course := range order.held {
		steps = append(steps, step{about(at), order, r.fire(course)})
		wave(at+0.05, at+0.2)
		at += 0.25
	}
	for _, course := range order.held {
		steps = append(steps, step{served, order, r.fire(course)})
	}
	return append(steps, step{served, order, r.cookRest})
}
