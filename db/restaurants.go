package db

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"kitchen/db/order"
)

// RestaurantNames reads the names of those restaurants that exist.
func (db *DB) RestaurantNames(ctx context.Context, ids []order.RestaurantID) (map[order.RestaurantID]string, error) {
	type named struct {
		ID   order.RestaurantID
		Name string
	}
	found, err := readRows(ctx, db, pgx.RowToStructByPos[named], `
		select r.id::text, coalesce(r.name, '')::text from kitchen.restaurants r where r.id = any($1::text[]::kitchen.restaurant_key[])`,
		texts(possible(ids, db.Keys().Restaurant)))
	if err != nil {
		return nil, fmt.Errorf("read the names of %d restaurants: %w", len(ids), err)
	}
	names := make(map[order.RestaurantID]string, len(found))
	for _, r := range found {
		names[r.ID] = r.Name
	}
	return names, nil
}

// Stations reads the stations of restaurants, in their order.
func (db *DB) Stations(ctx context.Context, ids []order.RestaurantID) (map[order.RestaurantID][]order.Station, error) {
	type its struct {
		Restaurant order.RestaurantID
		order.Station
	}
	found, err := readRows(ctx, db, pgx.RowToStructByPos[its], `
		select s.restaurant_id::text, s.id::text, s.name, s.kind from kitchen.stations s
		 where s.restaurant_id = any($1::text[]::kitchen.restaurant_key[]) order by s.position, s.name`,
		texts(possible(ids, db.Keys().Restaurant)))
	if err != nil {
		return nil, fmt.Errorf("read the stations of %d restaurants: %w", len(ids), err)
	}
	stations := make(map[order.RestaurantID][]order.Station)
	for _, s := range found {
		stations[s.Restaurant] = append(stations[s.Restaurant], s.Station)
	}
	return stations, nil
}

// OnlyRestaurant returns the only restaurant, for commands that were given none. The error says what to do where there is none, or more
// than one.
func (db *DB) OnlyRestaurant(ctx context.Context) (order.RestaurantID, error) {
	all, err := readRows(ctx, db, pgx.RowToStructByPos[struct{ ID, Name string }], `
		select r.id::text, coalesce(r.name, '')::text from kitchen.restaurants r order by 2, 1 limit 6`)
	switch {
	case err != nil:
		return "", fmt.Errorf("look for the restaurant: %w", err)
	case len(all) == 0:
		return "", errors.New("there is no restaurant yet")
	case len(all) > 1:
		named := make([]string, len(all))
		for i, r := range all {
			named[i] = fmt.Sprintf("%s (%q)", r.ID, r.Name)
		}
		if len(all) > 5 {
			named[5] = "and more"
		}
		return "", fmt.Errorf("there are several restaurants: say which one with --restaurant ID: %s", strings.Join(named, ", "))
	}
	return order.RestaurantID(all[0].ID), nil
}

// Connected counts the displays of a node that show the same station, or everything.
type Connected struct {
	Restaurant order.RestaurantID
	Node       string
	Station    string // its name; empty: everything
	Count      int
}

// Connected reads which kitchen displays are connected now, of a restaurant or, where none is named, of all. Nodes write this down only
// for restaurants that have stations.
func (db *DB) Connected(ctx context.Context, restaurant order.RestaurantID) ([]Connected, error) {
	all, err := readRows(ctx, db, pgx.RowToStructByPos[Connected], `
		select s.restaurant_id::text, s.node, coalesce(t.name, ''), s.count
		  from kitchen.screens s left join kitchen.stations t on t.id = s.station_id
		 where ($1::text = '' or s.restaurant_id::text = $1::text) and s.seen_at > now() - interval '15 seconds'
		 order by s.restaurant_id, s.node, coalesce(t.position, -1), t.name`, string(restaurant))
	if err != nil {
		return nil, fmt.Errorf("list connected displays: %w", err)
	}
	return all, nil
}
