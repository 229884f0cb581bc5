package load

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// stations is how many a restaurant gets.
const stations = 3

// AddStations gives each restaurant stations, and each item of its menu a route to one of them. They go with the restaurants.
func (d *Dataset) AddStations(ctx context.Context) error {
	conn, err := connect(ctx, d.url, d.schema)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	batch := &pgx.Batch{}
	batch.Queue(`insert into kitchen.stations (restaurant_id, name, position)
		select r.id, 'Station ' || n, n from unnest($1::text[]::uuid[]) r (id), generate_series(1, $2::int) n`, d.Restaurants, stations)
	batch.Queue(`insert into kitchen.routes (restaurant_id, station_id, menu_item_id)
		select m.restaurant_id, s.id, m.id
		  from (select m.*, row_number() over (partition by m.restaurant_id order by m.id) as n from menu_items m where m.restaurant_id = any($1::text[]::uuid[])) m
		  join kitchen.stations s on s.restaurant_id = m.restaurant_id and s.position = 1 + m.n % $2::int`, d.Restaurants, stations)
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("make stations: %w", err)
	}
	return nil
}
