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

// ErrNoScreens says that nodes cannot exchange what their displays show.
var ErrNoScreens = errors.New("nodes cannot exchange their screens in this database")

// ScreensExchange is what a node writes about its displays, and asks about those of other nodes.
type ScreensExchange struct {
	Node    string
	Own     map[order.RestaurantID]order.Screens
	Same    bool                 // Own is what the node wrote before, so that its rows need only a new time
	Changed []order.RestaurantID // the restaurants that have stations and other displays here than before: other nodes are notified
	Watched []order.RestaurantID // the restaurants to ask for
	Only    []order.RestaurantID // the restaurants whose displays are written; nil: all
	Kept    time.Duration        // how long a node counts that has written nothing since
}

// OtherScreens is what the displays of other nodes show.
type OtherScreens struct {
	Of     map[order.RestaurantID]order.Screens
	Change time.Duration // after which one of them may have died; 0: there is none
}

// ScreensChanged is the notification for a restaurant whose displays show something else than before.
const ScreensChanged = `{"type":"screens_changed"}`

// ExchangeScreens writes the displays of a node in place of what it wrote before, and reads those of others, in one round trip: see the
// table kitchen.screens. The error is [ErrNoScreens] where the database is of an older version, or the role may not use that table.
func (db *DB) ExchangeScreens(ctx context.Context, x ScreensExchange) (OtherScreens, error) {
	rows := x.rows()
	others := OtherScreens{Of: make(map[order.RestaurantID]order.Screens)}
	batch := &pgx.Batch{}
	batch.Queue(`select set_config('lock_timeout', '1s', true), set_config('statement_timeout', '10s', true), set_config('synchronous_commit', 'off', true)`).
		Exec(func(pgconn.CommandTag) error { return nil })
	lost := false // rows that it wrote before: a crash of the server empties the table
	if x.Same {
		batch.Queue(`update kitchen.screens s set seen_at = now() where s.node = $1::text`, x.Node).Exec(func(tag pgconn.CommandTag) error {
			lost = tag.RowsAffected() != int64(len(rows.counts))
			return nil
		})
	} else {
		x.queueWrite(batch, rows)
	}
	x.queueRead(batch, &others)
	if err := db.pool.SendBatch(ctx, batch).Close(); err != nil {
		return others, screensError(err)
	}
	if lost {
		x.Same = false
		return db.ExchangeScreens(ctx, x)
	}
	return others, nil
}

// screensRows are rows of the table, column by column. No station stands for everything.
type screensRows struct {
	restaurants, stations []string
	counts                []int32
}

func (x *ScreensExchange) rows() (rows screensRows) {
	row := func(id order.RestaurantID, station string, count int) {
		if count > 0 {
			rows.restaurants, rows.stations, rows.counts = append(rows.restaurants, string(id)), append(rows.stations, station), append(rows.counts, int32(count))
		}
	}
	written := x.Own
	if x.Only != nil {
		written = make(map[order.RestaurantID]order.Screens, len(x.Only))
		for _, id := range x.Only {
			written[id] = x.Own[id]
		}
	}
	for id, screens := range written {
		row(id, "", screens.All)
		for station, count := range screens.Stations {
			row(id, station, count)
		}
	}
	return rows
}

// queueWrite replaces the node's rows: those that this transaction has not written are deleted. That needs no join, for which the server
// would have no statistics. With a nearly full notification queue a NOTIFY could make the commit fail, so it is left out.
func (x *ScreensExchange) queueWrite(batch *pgx.Batch, rows screensRows) {
	var only []string
	if x.Only != nil {
		only = texts(x.Only)
	}
	nothing := func(pgconn.CommandTag) error { return nil }
	batch.Queue(`
		insert into kitchen.screens (node, restaurant_id, station_id, count)
		select $1::text, m.restaurant::kitchen.restaurant_key, nullif(m.station, '')::uuid, m.count
		  from unnest($2::text[], $3::text[], $4::int[]) as m (restaurant, station, count)
		on conflict (restaurant_id, node, coalesce(station_id, '00000000-0000-0000-0000-000000000000'))
		do update set count = excluded.count, seen_at = excluded.seen_at`, x.Node, rows.restaurants, rows.stations, rows.counts).Exec(nothing)
	batch.Queue(`
		delete from kitchen.screens s
		 where s.node = $1::text and s.seen_at < now() and ($2::text[] is null or s.restaurant_id = any ($2::text[]::kitchen.restaurant_key[]))`,
		x.Node, only).Exec(nothing)
	batch.Queue(`select count(pg_notify('kitchen_' || c.id, $2::text)) from unnest($1::text[]) as c (id) where pg_notification_queue_usage() < 0.75`,
		texts(x.Changed), ScreensChanged).Exec(nothing)
}

func (x *ScreensExchange) queueRead(batch *pgx.Batch, others *OtherScreens) {
	batch.Queue(`
		select s.restaurant_id::text, coalesce(s.station_id::text, ''), sum(s.count)::int,
		       (extract(epoch from min(s.seen_at) - now()) + $3::float8)::float8
		  from kitchen.screens s
		 where s.restaurant_id = any ($1::text[]::kitchen.restaurant_key[]) and s.node <> $2::text
		   and s.seen_at > now() - make_interval(secs => $3::float8)
		 group by s.restaurant_id, s.station_id`, texts(x.Watched), x.Node, x.Kept.Seconds()).Query(func(rows pgx.Rows) error {
		var id order.RestaurantID
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
}

// TidyScreens deletes the rows of nodes that died.
func (db *DB) TidyScreens(ctx context.Context) error {
	batch := &pgx.Batch{}
	batch.Queue(`select set_config('statement_timeout', '10s', true)`).Exec(func(pgconn.CommandTag) error { return nil })
	// Another node may delete the same rows: the one that comes first does it.
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
		return fmt.Errorf("%w: `kitchen doctor` says what mends it", ErrNoScreens)
	case errors.As(err, &pg) && pg.Code == "42501": // insufficient_privilege
		return fmt.Errorf("%w: `kitchen doctor` prints what this role lacks: %w", ErrNoScreens, err)
	}
	return fmt.Errorf("exchange screens: %w", err)
}
