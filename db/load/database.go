package load

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
)

// What is measured of the database alone, without any display.

// Echoes notifies an otherwise idle connection by itself, and returns how long each notification took from being sent to
// being heard: the least that any announcement of a commit costs.
func (g *Ground) Echoes(ctx context.Context, times int) ([]time.Duration, error) {
	conn, err := connect(ctx, g.url, g.schema)
	if err != nil {
		return nil, err
	}
	defer closeConn(conn)
	name := "bench_" + g.Prefix
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

// Announce makes the triggers announce orders, or not. This is for a database that is the measurement's own: no display
// hears of anything meanwhile.
func (g *Ground) Announce(ctx context.Context, on bool) error {
	how := "disable"
	if on {
		how = "enable always"
	}
	conn, err := connect(ctx, g.url, g.schema)
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
func (g *Ground) Copy(ctx context.Context, number, orders int) (time.Duration, error) {
	conn, err := connect(ctx, g.url, g.schema)
	if err != nil {
		return 0, err
	}
	defer closeConn(conn)
	var rows bytes.Buffer
	for i := range orders {
		fmt.Fprintf(&rows, "%s\t%s\t%d\n", g.id(number+i), g.Restaurants[i%len(g.Restaurants)], 1+i/len(g.Restaurants))
	}
	// What the round before has left behind is swept up now, and not by the server at a time of its own.
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

// ServerVersion is that of the server at url, as it names itself.
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
func (g *Ground) Empty(ctx context.Context) error {
	conn, err := connect(ctx, g.url, g.schema)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	batch := &pgx.Batch{}
	batch.Queue(`set kitchen.notify = off`)
	batch.Queue(`delete from orders where restaurant_id = any($1::text[]::uuid[])`, g.Restaurants)
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("remove orders: %w", err)
	}
	return nil
}

// Backend calls f with the process of a server that answers, where that is on this machine, while it is there.
func (g *Ground) Backend(ctx context.Context, f func(pid int)) error {
	conn, err := connect(ctx, g.url, g.schema)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	f(int(conn.PgConn().PID()))
	return nil
}
