package load

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
)

// Measurements of the database alone, without displays.

// NotifyTimes has a connection notify itself, and returns how long each notification took to arrive: no announcement of a commit
// can cost less.
func (d *Dataset) NotifyTimes(ctx context.Context, times int) ([]time.Duration, error) {
	conn, err := connect(ctx, d.url, d.schema)
	if err != nil {
		return nil, err
	}
	defer closeConn(conn)
	name := "bench_" + d.Prefix
	if err := db.Listen(ctx, conn, []string{name}, nil); err != nil {
		return nil, err
	}
	took := make([]time.Duration, 0, times)
	for range times {
		began := time.Now()
		if _, err := conn.Exec(ctx, `select pg_notify($1, '')`, name); err != nil {
			return nil, fmt.Errorf("notify: %w", err)
		}
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return nil, fmt.Errorf("wait for a notification: %w", err)
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// SwitchTriggers switches the triggers that announce orders on or off. It is for a database of the measurement's own, because
// no display learns of changes while they are off.
func (d *Dataset) SwitchTriggers(ctx context.Context, on bool) error {
	how := "disable"
	if on {
		how = "enable always"
	}
	conn, err := connect(ctx, d.url, d.schema)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	for _, trigger := range []string{"insert", "update", "delete"} {
		if _, err := conn.Exec(ctx, `alter table orders `+how+` trigger kitchen_watch_`+trigger); err != nil {
			return fmt.Errorf("%s triggers: %w", how, err)
		}
	}
	return nil
}

// Copy imports orders without lines, spread over all the restaurants, with one COPY, and returns how long it took.
func (d *Dataset) Copy(ctx context.Context, number, orders int) (time.Duration, error) {
	conn, err := connect(ctx, d.url, d.schema)
	if err != nil {
		return 0, err
	}
	defer closeConn(conn)
	var rows bytes.Buffer
	for i := range orders {
		fmt.Fprintf(&rows, "%s\t%s\t%d\n", d.id(number+i), d.Restaurants[i%len(d.Restaurants)], 1+i/len(d.Restaurants))
	}
	// Vacuum and checkpoint now, so that the server does not do either while COPY is measured.
	for _, sql := range []string{`vacuum orders, order_items, order_item_modifiers`, `checkpoint`} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return 0, fmt.Errorf("%s: %w", sql, err)
		}
	}
	began := time.Now()
	_, err = conn.PgConn().CopyFrom(ctx, &rows, `copy orders (id, restaurant_id, order_number) from stdin`)
	if err != nil {
		return 0, fmt.Errorf("copy %d orders: %w", orders, err)
	}
	return time.Since(began), nil
}

// ServerVersion is the version of the server at url.
func ServerVersion(ctx context.Context, url string) (version string, err error) {
	conn, err := connect(ctx, url, "public")
	if err != nil {
		return "", err
	}
	defer closeConn(conn)
	if err := conn.QueryRow(ctx, `select split_part(current_setting('server_version'), ' ', 1)`).Scan(&version); err != nil {
		return "", fmt.Errorf("ask for the server's version: %w", err)
	}
	return version, nil
}

// Empty removes all orders of the restaurants.
func (d *Dataset) Empty(ctx context.Context) error {
	conn, err := connect(ctx, d.url, d.schema)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	batch := &pgx.Batch{}
	batch.Queue(`set kitchen.notify = off`)
	batch.Queue(`delete from orders where restaurant_id = any($1::text[]::uuid[])`, d.Restaurants)
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("remove orders: %w", err)
	}
	return nil
}
