package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/order"
)

// ErrNoScreens is that of a database in which nodes cannot tell each other of their displays.
var ErrNoScreens = errors.New("this database does not tell nodes of each other's screens")

// ScreensExchange is what a node tells of its displays, and asks of those of others.
type ScreensExchange struct {
	Node    string
	Own     map[RestaurantID]order.Screens
	Changed []RestaurantID // the restaurants that have stations and other displays here than before: other nodes are notified
	Watched []RestaurantID // the restaurants to ask for
	Only    []RestaurantID // of whose displays it tells; nil: of all
	Kept    time.Duration  // how long a node counts that has written nothing since
}

// OtherScreens is what other nodes have.
type OtherScreens struct {
	Of     map[RestaurantID]order.Screens
	Change time.Duration // after which one of them may have died; 0: there is none
}

// ScreensChanged is the notification for a restaurant whose displays show something else than before.
const ScreensChanged = `{"type":"screens_changed"}`

// ExchangeScreens writes the displays of a node in place of what it wrote before, and reads those of others: see the table
// kitchen.screens. The error is [ErrNoScreens] where the database is of an older version, or the role may not use that table.
func (db *DB) ExchangeScreens(ctx context.Context, x ScreensExchange) (others OtherScreens, err error) {
	var restaurants, stations []string // of a row; no station stands for everything
	var counts []int32
	row := func(id RestaurantID, station string, count int) {
		if count > 0 {
			restaurants, stations, counts = append(restaurants, string(id)), append(stations, station), append(counts, int32(count))
		}
	}
	told := x.Own
	if x.Only != nil {
		told = make(map[RestaurantID]order.Screens, len(x.Only))
		for _, id := range x.Only {
			told[id] = x.Own[id]
		}
	}
	for id, screens := range told {
		row(id, "", screens.All)
		for station, count := range screens.Stations {
			row(id, station, count)
		}
	}
	var only []string
	if x.Only != nil {
		only = texts(x.Only)
	}
	others.Of = make(map[RestaurantID]order.Screens)
	batch := &pgx.Batch{}
	batch.Queue(`select set_config('lock_timeout', '1s', true), set_config('statement_timeout', '10s', true), set_config('synchronous_commit', 'off', true)`).
		Exec(func(pgconn.CommandTag) error { return nil })
	// With a nearly full queue a NOTIFY could make the commit fail.
	batch.Queue(`
		with mine as (
		  select m.restaurant::kitchen.restaurant_key as restaurant_id, nullif(m.station, '')::uuid as station_id, m.count
		    from unnest($2::text[], $3::text[], $4::int[]) as m (restaurant, station, count)
		), gone as (
		  delete from kitchen.screens s
		   where s.node = $1::text
		     and ($7::text[] is null or s.restaurant_id = any ($7::text[]::kitchen.restaurant_key[]))
		     and not exists (select from mine m where m.restaurant_id = s.restaurant_id and m.station_id is not distinct from s.station_id)
		), written as (
		  insert into kitchen.screens (node, restaurant_id, station_id, count) select $1::text, m.restaurant_id, m.station_id, m.count from mine m
		  on conflict (restaurant_id, node, coalesce(station_id, '00000000-0000-0000-0000-000000000000'))
		  do update set count = excluded.count, seen_at = excluded.seen_at
		)
		select count(pg_notify('kitchen_' || c.id, $6::text)) from unnest($5::text[]) as c (id) where pg_notification_queue_usage() < 0.75`,
		x.Node, restaurants, stations, counts, texts(x.Changed), ScreensChanged, only).Exec(func(pgconn.CommandTag) error { return nil })
	batch.Queue(`
		select s.restaurant_id::text, coalesce(s.station_id::text, ''), sum(s.count)::int,
		       (extract(epoch from min(s.seen_at) - now()) + $3::float8)::float8
		  from kitchen.screens s
		 where s.restaurant_id = any ($1::text[]::kitchen.restaurant_key[]) and s.node <> $2::text
		   and s.seen_at > now() - make_interval(secs => $3::float8)
		 group by s.restaurant_id, s.station_id`, texts(x.Watched), x.Node, x.Kept.Seconds()).Query(func(rows pgx.Rows) error {
		var id RestaurantID
		var station string
		var count int
		var left float64
		_, err := pgx.ForEachRow(rows, []any{&id, &station, &count, &left}, func() error {
			screens := others.Of[id]
			if station == "" {
				screens.Add(nil, count)
			} else {
				screens.Add([]string{station}, count)
			}
			others.Of[id] = screens
			if change := time.Duration(left * float64(time.Second)); others.Change == 0 || change < others.Change {
				others.Change = max(change, time.Millisecond)
			}
			return nil
		})
		return err
	})
	if err := db.pool.SendBatch(ctx, batch).Close(); err != nil {
		return others, screensError(err)
	}
	return others, nil
}

// TidyScreens deletes what nodes have left that died.
func (db *DB) TidyScreens(ctx context.Context) error {
	batch := &pgx.Batch{}
	batch.Queue(`select set_config('statement_timeout', '10s', true)`).Exec(func(pgconn.CommandTag) error { return nil })
	// Another node may delete the same: whoever comes first does it.
	batch.Queue(`
		delete from kitchen.screens s
		 where s.ctid = any (array(select o.ctid from kitchen.screens o where o.seen_at < now() - interval '1 minute' limit 10000 for update skip locked))`).
		Exec(func(pgconn.CommandTag) error { return nil })
	return screensError(db.pool.SendBatch(ctx, batch).Close())
}

func screensError(err error) error {
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pg) && pg.Code == "42P01": // undefined_table
		return fmt.Errorf("%w: run `kitchen migrate up`, or `kitchen attach up FILE` where orders are in another program's tables", ErrNoScreens)
	case errors.As(err, &pg) && pg.Code == "42501": // insufficient_privilege
		return fmt.Errorf("%w: `kitchen doctor` prints what this role lacks: %w", ErrNoScreens, err)
	}
	return fmt.Errorf("tell of screens: %w", err)
}
