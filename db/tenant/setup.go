package tenant

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/order"
)

// SetUp shows and changes the stations and routes of one restaurant, whose tables may be another program's. It returns a
// *[order.RefusedError] where a person can correct the mistake.
type SetUp struct {
	conn       *pgx.Conn
	restaurant order.RestaurantID
}

// NewSetUp uses a connection of the caller's, who closes it.
func NewSetUp(conn *pgx.Conn, restaurant order.RestaurantID) SetUp { return SetUp{conn, restaurant} }

// Went is the result of [SetUp.Test]: the stations that would cook a line, none where it need not be cooked, and the routes that
// decide it, the most specific first.
type Went struct {
	Stations []string `json:"stations"`
	Unrouted bool     `json:"unrouted"` // no route matches: it has no station, and every screen shows it
	Deciding []string `json:"deciding"`
	Others   []string `json:"others"`
}

// Test finds out which stations would cook a line, whose item is named by its id.
func (s SetUp) Test(ctx context.Context, line Match) (w Went, err error) {
	err = s.conn.QueryRow(ctx, `
		with `+matching+`,
		went as (select r.station_id from kitchen.route_line($1::text::kitchen.restaurant_key, $2::text, $3::text, $4::text) r)
		select array(select w.station_id::text from went w join kitchen.stations s on s.id = w.station_id order by s.position, s.name),
		       exists (select from went w where w.station_id is null),
		       array(select m.id::text from match m where m.place = (select max(place) from match) order by 1),
		       array(select m.id::text from match m where m.place < (select max(place) from match) order by m.place desc, 1)`,
		string(s.restaurant), line.Item, line.Category, line.OrderType).Scan(&w.Stations, &w.Unrouted, &w.Deciding, &w.Others)
	if err != nil {
		return w, fmt.Errorf("look at the routes: %w", err)
	}
	return w, nil
}

// AddStation adds a station after the others.
func (s SetUp) AddStation(ctx context.Context, name, kind string) (id string, err error) {
	if name = strings.TrimSpace(name); isReserved(name) {
		return "", refuse("give the station a name, such as Grill")
	}
	err = s.conn.QueryRow(ctx, addStation, string(s.restaurant), name, kind).Scan(&id)
	return id, s.refused("add the station", err, name)
}

// ChangeStation gives a station another name and kind.
func (s SetUp) ChangeStation(ctx context.Context, id, name, kind string) error {
	if name = strings.TrimSpace(name); isReserved(name) {
		return refuse("give the station a name, such as Grill")
	}
	return s.change(ctx, "change the station", name, `
		update kitchen.stations s set name = $3, kind = $4 where s.restaurant_id = $1::text::kitchen.restaurant_key and s.id::text = $2`, id, name, kind)
}

// OrderStations sets the order of the stations. Those that are not named come last.
func (s SetUp) OrderStations(ctx context.Context, ids []string) error {
	return s.change(ctx, "order the stations", "", `
		update kitchen.stations s set position = n.position
		  from (select t.id, row_number() over (order by array_position($2::text[], t.id::text), t.position, t.name)::int as position
		          from kitchen.stations t where t.restaurant_id = $1::text::kitchen.restaurant_key) n
		 where s.id = n.id and s.position <> n.position`, ids)
}

// DeleteStation deletes a station and the routes to it. Its lines then have no station, and are on every screen.
func (s SetUp) DeleteStation(ctx context.Context, id string) error {
	return s.change(ctx, "delete the station", "", `
		delete from kitchen.stations s where s.restaurant_id = $1::text::kitchen.restaurant_key and s.id::text = $2`, id)
}

// AddRoute sends lines that match to a station. Where it is nil, they do not have to be cooked.
func (s SetUp) AddRoute(ctx context.Context, station *string, m Match) error {
	return s.change(ctx, "add the route", "", addRoute, station, m.Item, m.Category, m.OrderType)
}

// DeleteRoute deletes a route.
func (s SetUp) DeleteRoute(ctx context.Context, id string) error {
	return s.change(ctx, "delete the route", "", `
		delete from kitchen.routes r where r.restaurant_id = $1::text::kitchen.restaurant_key and r.id::text = $2`, id)
}

func (s SetUp) change(ctx context.Context, what, name, sql string, args ...any) error {
	_, err := s.conn.Exec(ctx, sql, append([]any{string(s.restaurant)}, args...)...)
	return s.refused(what, err, name)
}

// refused turns a refusal by the database into words that say what to do.
func (s SetUp) refused(what string, err error, name string) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return nil
	}
	switch {
	case pg.ConstraintName == "stations_name_key":
		return refuse(fmt.Sprintf("there is a station %q already: choose another name", name))
	case pg.ConstraintName == "stations_kind_known":
		return refuse("a station is a prep, which cooks, or an expo, which is a pass")
	case pg.ConstraintName == "stations_name_not_blank":
		return refuse("give the station a name, such as Grill")
	case pg.ConstraintName == "routes_once":
		return refuse("there is this route already")
	case pg.ConstraintName == "routes_station_fkey", pg.ConstraintName == "routes_menu_item_id_fkey", pg.Code == "22P02": // invalid_text_representation
		return refuse("it is not there any more: somebody else has changed the stations or the menu. Look again")
	case pg.Code == "22021", pg.Code == "22P05": // character_not_in_repertoire, untranslatable_character
		return refuse("the name has characters that the database cannot keep: give another one")
	case pg.Code == "23514": // check_violation, of our triggers
		return refuse(pg.Message)
	case pg.Code == "42501": // insufficient_privilege
		return refuse("this server may not change stations: its operator has to let its role write kitchen.stations and kitchen.routes, as migrations/roles/serve.sql does")
	}
	return fmt.Errorf("%s: %w", what, err)
}

func refuse(reason string) error { return &order.RefusedError{Reason: reason} }
