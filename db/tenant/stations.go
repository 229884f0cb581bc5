package tenant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/order"
)

// Station is one line of the list of stations, with the routes that lead to it.
type Station struct {
	ID, Name, Kind string
	Routes         []string
}

// Match says which lines a route matches, or describes a line. Empty fields match anything.
type Match struct{ Item, Category, OrderType string }

// Nowhere is given as the station of lines that do not have to be cooked.
const Nowhere = "none"

// Stations lists the stations of a restaurant in their order, and last, if there are any, the routes of lines that are not cooked.
func (t *Tenants) Stations(ctx context.Context, restaurant order.RestaurantID) ([]Station, error) {
	restaurant, err := t.only(ctx, restaurant)
	if err != nil {
		return nil, err
	}
	sql := listStations
	if t.attached {
		sql = listStationsAttached
	}
	rows, _ := t.conn.Query(ctx, sql, string(restaurant), Nowhere) // the error is the rows'
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Station])
	if err != nil {
		return nil, fmt.Errorf("list stations: %w", t.adviseStations(err))
	}
	return all, nil
}

// SQL for what a route r matches, in words. Where another program has the menu, an item is shown by its id.
const (
	saysRoute         = `coalesce(nullif(concat_ws(', ', 'item ' || (select m.name from public.menu_items m where m.id = r.menu_item_id)` + saysRest
	saysRouteAttached = `coalesce(nullif(concat_ws(', ', 'item ' || r.menu_item_id` + saysRest
	saysRest          = `, 'category ' || r.category, 'order type ' || r.order_type), ''), 'anything else')`
)

// Queries of a restaurant's stations. $2 is shown in place of a station for lines that are not cooked.
const (
	listStations         = listBegins + saysRoute + listEnds
	listStationsAttached = listBegins + saysRouteAttached + listEnds

	listBegins = `
		select coalesce(s.id::text, ''), coalesce(s.name, $2), coalesce(s.kind, ''), array_remove(array_agg(case when r.id is not null then `
	listEnds = ` end order by r.menu_item_id, r.category, r.order_type), null)
		  from (select * from kitchen.stations s where s.restaurant_id = $1::text::kitchen.restaurant_key) s
		  full join (select * from kitchen.routes r where r.restaurant_id = $1::text::kitchen.restaurant_key) r on r.station_id = s.id
		 group by s.id, s.name, s.kind, s.position order by s.position, s.name`
)

// adviseStations is [advise] for the tables of stations and routes.
func (t *Tenants) adviseStations(err error) error {
	var refused *pgconn.PgError
	if !t.attached || !errors.As(err, &refused) || refused.Code != "42501" { // insufficient_privilege
		return advise(err)
	}
	return fmt.Errorf("%w: connect as the role that attached the database, or let this one: grant usage on schema kitchen to ROLE; "+
		"grant select on all tables in schema kitchen to ROLE; grant insert on kitchen.stations, kitchen.routes to ROLE", err)
}

// addStation takes a restaurant, a name and a kind.
const addStation = `
	insert into kitchen.stations (restaurant_id, name, kind, position)
	select $1::text::kitchen.restaurant_key, $2, $3, coalesce(max(s.position), 0) + 1
	  from kitchen.stations s where s.restaurant_id = $1::text::kitchen.restaurant_key
	returning id::text`

// addRoute takes a restaurant, a station and what a route matches; an empty value matches anything. The menu item is cast to the type of
// its column, which every type allows for text.
const addRoute = `
	insert into kitchen.routes (restaurant_id, station_id, menu_item_id, category, order_type)
	select r.restaurant_id, r.station_id, r.menu_item_id, r.category, r.order_type
	  from jsonb_populate_record(null::kitchen.routes, jsonb_build_object(
	       'restaurant_id', $1::text, 'station_id', $2::text, 'menu_item_id', nullif($3::text, ''), 'category', nullif($4::text, ''), 'order_type', nullif($5::text, ''))) r`

// isReserved reports whether a station cannot have this name.
func isReserved(name string) bool { return name == "" || name == Nowhere }

// AddStation adds a station after the others. kind is prep or expo.
func (t *Tenants) AddStation(ctx context.Context, restaurant order.RestaurantID, name, kind string) (id string, err error) {
	if restaurant, err = t.only(ctx, restaurant); err != nil {
		return "", err
	}
	if name = strings.TrimSpace(name); isReserved(name) {
		return "", fmt.Errorf("a station needs a name, and %q stands for what is not cooked", Nowhere)
	}
	err = t.conn.QueryRow(ctx, addStation, string(restaurant), name, kind).Scan(&id)
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused) && refused.ConstraintName == "stations_name_key":
		return "", fmt.Errorf("there is a station %q already: kitchen station list shows them", name)
	case errors.As(err, &refused) && refused.ConstraintName == "stations_kind_known":
		return "", fmt.Errorf("%.40q is no kind of station: prep cooks, expo is a pass", kind)
	case err != nil:
		return "", fmt.Errorf("add the station: %w", t.adviseStations(err))
	}
	return id, nil
}

// AddRoute sends lines that match to a station. With [Nowhere] they do not have to be cooked.
func (t *Tenants) AddRoute(ctx context.Context, restaurant order.RestaurantID, station string, m Match) error {
	restaurant, err := t.only(ctx, restaurant)
	if err != nil {
		return err
	}
	var id *string
	if station != Nowhere {
		if err := t.conn.QueryRow(ctx, `select s.id::text from kitchen.stations s where s.restaurant_id = $1::text::kitchen.restaurant_key and lower(s.name) = lower($2)`,
			string(restaurant), station).Scan(&id); errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("there is no station %q: kitchen station list shows them, and %q stands for what is not cooked", station, Nowhere)
		} else if err != nil {
			return fmt.Errorf("look for the station: %w", t.adviseStations(err))
		}
	}
	item, _, err := t.item(ctx, restaurant, m.Item)
	if err != nil {
		return err
	}
	if err := t.checkType(m.OrderType); err != nil {
		return err
	}
	_, err = t.conn.Exec(ctx, addRoute, string(restaurant), id, item, m.Category, m.OrderType)
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused) && refused.ConstraintName == "routes_once":
		return errors.New("there is this route already: kitchen station list shows them")
	case errors.As(err, &refused) && refused.ConstraintName == "routes_station_cooks":
		return errors.New(refused.Message)
	case err != nil:
		return fmt.Errorf("add the route: %w", t.adviseStations(err))
	}
	return nil
}

// checkType refuses a type of order that none of our own orders can have. Another program's orders may have any.
func (t *Tenants) checkType(name string) error {
	if t.attached || slices.Contains([]string{"", "dine_in", "takeaway", "delivery"}, name) {
		return nil
	}
	return fmt.Errorf("%.40q is no type of order: give dine_in, takeaway or delivery", name)
}

// Queries of an item by its name or id: of the menu or, where another program has the menu, of recent orders.
const (
	findItem = `
		select m.id::text, coalesce(m.category, '') from public.menu_items m
		 where m.restaurant_id = $1::text::kitchen.restaurant_key and (lower(m.name) = lower($2) or m.id::text = $2)`
	findItemAttached = `
		select m.id, m.category
		  from (select distinct on (l.menu_item_id::text) l.menu_item_id::text as id, coalesce(l.category::text, '') as category, l.name::text as name
		          from (select c.order_id from kitchen.order_changes c where c.restaurant_id = $1::text::kitchen.restaurant_key order by c.changed_at desc limit 2000) c
		         cross join lateral (select l.* from kitchen.lines l where l.order_id = c.order_id offset 0) l
		         where l.menu_item_id is not null order by l.menu_item_id::text) m
		 where lower(m.name) = lower($2) or m.id = $2`
)

// item finds an item of the menu by its name or id, and returns nil where none is named. Where another program has the menu it looks in
// recent orders, and accepts any id that was not ordered yet.
func (t *Tenants) item(ctx context.Context, restaurant order.RestaurantID, name string) (id *string, category string, err error) {
	if name == "" {
		return nil, "", nil
	}
	sql := findItem
	if t.attached {
		sql = findItemAttached
	}
	rows, _ := t.conn.Query(ctx, sql, string(restaurant), name) // the error is the rows'
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ ID, Category string }])
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("look for the item: %w", t.adviseStations(err))
	case len(found) == 0 && t.attached && strings.ContainsAny(name, "0123456789") && !strings.Contains(name, " "):
		return &name, "", nil
	case len(found) == 0 && t.attached:
		return nil, "", fmt.Errorf("no order of late has an item %q: give its id, as the program has it whose tables these are", name)
	case len(found) == 0:
		return nil, "", fmt.Errorf("the menu has no %q", name)
	case len(found) > 1:
		return nil, "", fmt.Errorf("the menu has %d items %q: name one by its id", len(found), name)
	}
	return &found[0].ID, found[0].Category, nil
}
