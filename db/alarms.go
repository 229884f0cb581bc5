package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/order"
)

// AlarmsChannel is the name of the channel on which alarms about orders that nobody has seen are announced.
const AlarmsChannel = "kitchen_alarms"

// CheckUnseen checks all restaurants once for orders that nobody has seen, unless another node does that. It announces and returns the
// alarms that begin and end. pause is the time until this node's next check.
func (db *DB) CheckUnseen(ctx context.Context, node string, pause time.Duration) (mine bool, alarms []order.Alarm, err error) {
	var said []string
	batch := &pgx.Batch{}
	batch.Queue(`select set_config('lock_timeout', '2s', true), set_config('statement_timeout', '30s', true)`).
		Exec(func(pgconn.CommandTag) error { return nil })
	batch.Queue(`select kitchen.check_unseen($1, $2::bigint * interval '1 millisecond')`, node, pause.Milliseconds()).
		QueryRow(func(row pgx.Row) error { return row.Scan(&said) })
	if err := db.pool.SendBatch(ctx, batch).Close(); err != nil {
		return false, nil, fmt.Errorf("look for orders that nobody has seen: %w", err)
	}
	alarms = make([]order.Alarm, len(said))
	for i, doc := range said {
		if err := json.Unmarshal([]byte(doc), &alarms[i]); err != nil {
			return true, nil, fmt.Errorf("read an alarm: %w", err)
		}
	}
	return said != nil, alarms, nil
}

// Alarms reads the alarms that are on now, of all restaurants.
func (db *DB) Alarms(ctx context.Context) ([]order.Alarm, error) {
	alarms, err := readRows(ctx, db, func(row pgx.CollectableRow) (order.Alarm, error) {
		a := order.Alarm{Type: order.AlarmBegins}
		err := row.Scan(&a.Restaurant, &a.Reason, &a.Orders, &a.OldestOrder, &a.OldestNumber, &a.Age)
		return a, err
	}, `
		select a.restaurant_id::text, a.reason, a.orders, a.oldest_order_id::text, a.oldest_order_number,
		       floor(extract(epoch from clock_timestamp() - a.oldest_since))::bigint
		  from kitchen.alarms a where a.raised_at is not null order by a.raised_at, a.restaurant_id::text, a.reason`)
	if err != nil {
		return nil, fmt.Errorf("read the alarms: %w", err)
	}
	return alarms, nil
}

// AlarmPosts reads alarms that wait to be posted to a web hook, the oldest first, a hundred at most.
func (db *DB) AlarmPosts(ctx context.Context) ([]order.AlarmPost, error) {
	posts, err := readRows(ctx, db, func(row pgx.CollectableRow) (p order.AlarmPost, err error) {
		if err = row.Scan(&p.ID, &p.Body, &p.Waited); err == nil {
			err = json.Unmarshal(p.Body, &p.Alarm)
		}
		return p, err
	}, `select p.id, p.alarm::text, now() - p.made_at from kitchen.alarm_posts p order by p.id limit 100`)
	if err != nil {
		return nil, fmt.Errorf("read the alarms that wait to be posted: %w", err)
	}
	return posts, nil
}

// AlarmPosted forgets an alarm that was posted, so that no node posts it again.
func (db *DB) AlarmPosted(ctx context.Context, id int64) error {
	rows, err := db.pool.Query(ctx, `delete from kitchen.alarm_posts where id = $1`, id)
	if err == nil {
		rows.Close()
		err = rows.Err()
	}
	if err != nil {
		return fmt.Errorf("forget an alarm that was posted: %w", err)
	}
	return nil
}
