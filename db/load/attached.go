package load

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach"
	"kitchen/db/rush"
)

// Host is a database of another program's tables, those of a Django app, with restaurants, and orders that are open.
type Host struct{ url string }

// hostRows is the restaurants of a host, and its open orders with three lines each; standing orders have the ids from 1 on, and so have their lines.
const hostRows = `
	insert into restaurants_restaurant (name, timezone, is_active, created_at) select 'Bench ' || n, 'UTC', true, now() from generate_series(1, %[1]d) n;
	insert into menu_menuitem (name, price, is_available, restaurant_id) select 'Dish', 1, true, id from restaurants_restaurant;
	insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
	select n, 'dine_in', 'pending', 0, '', '', 1, now(), now(), 1 + n %% %[1]d from generate_series(0, %[2]d - 1) n;
	insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id)
	select 1, 1, '', o.restaurant_id, o.id from orders_order o, generate_series(1, %[3]d) order by o.id`

// leastTriggers are the least that announces orders: one row trigger that notifies, and one for lines.
const leastTriggers = `
	create function announce_order() returns trigger language plpgsql as $$
	begin perform pg_notify('kitchen_' || NEW.restaurant_id, NEW.id::text); return null; end $$;
	create function announce_line() returns trigger language plpgsql as $$
	begin perform pg_notify('kitchen_' || o.restaurant_id, o.id::text) from orders_order o where o.id = NEW.order_id; return null; end $$;
	create trigger announce after insert or update on orders_order for each row execute function announce_order();
	create trigger announce after insert or update on orders_orderitem for each row execute function announce_line()`

// Hosts makes two databases on the server at url, which is the measurement's own: one that was attached with the template, and
// one with the least triggers in place of ours.
func Hosts(ctx context.Context, url string, restaurants, standing int) (attached, least *Host, err error) {
	attached, least = &Host{}, &Host{}
	for h, name := range map[*Host]string{attached: "kitchen_bench_attached", least: "kitchen_bench_least"} {
		if err := (&Host{url}).run(ctx, `create database `+name); err != nil {
			return nil, nil, fmt.Errorf("make a database for another program's tables: %w", err)
		}
		if h.url, err = inDatabase(url, name); err != nil {
			return nil, nil, err
		}
		if err := h.run(ctx, rush.DjangoTables+";"+fmt.Sprintf(hostRows, restaurants, standing, Lines)); err != nil {
			return nil, nil, fmt.Errorf("make another program's tables: %w", err)
		}
	}
	if err := attached.attach(ctx); err != nil {
		return nil, nil, fmt.Errorf("attach another program's tables: %w", err)
	}
	if err := least.run(ctx, leastTriggers); err != nil {
		return nil, nil, fmt.Errorf("make the least triggers: %w", err)
	}
	return attached, least, nil
}

func (h *Host) attach(ctx context.Context) error {
	found, err := attach.FindTemplate("django")
	if err != nil {
		return err
	}
	m, err := attach.Parse("django.sql", []byte(found.Text))
	if err != nil {
		return err
	}
	conn, err := h.connect(ctx)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	_, err = attach.Up(ctx, conn, m)
	return err
}

func (h *Host) run(ctx context.Context, sql string) error {
	conn, err := h.connect(ctx)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	return conn.PgConn().Exec(ctx, sql).Close()
}

func (h *Host) connect(ctx context.Context) (*pgx.Conn, error) { return connect(ctx, h.url, "public") }

// URL is the address of the host's database.
func (h *Host) URL() string { return h.url }

// HostWriter writes to a host over a connection of its own. It is for one goroutine.
type HostWriter struct{ conn *pgx.Conn }

// Writer connects.
func (h *Host) Writer(ctx context.Context) (*HostWriter, error) {
	conn, err := h.connect(ctx)
	if err != nil {
		return nil, err
	}
	return &HostWriter{conn}, nil
}

// Close ends the connection.
func (w *HostWriter) Close() { closeConn(w.conn) }

const hostOrder = `
	insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
	values (1, 'dine_in', 'pending', 0, '', '', 1, now(), now(), $1) returning id`

// Order writes an order of a restaurant, from 1 on, and its lines, all in one transaction and with one statement a row, as an ORM does.
func (w *HostWriter) Order(ctx context.Context, restaurant, lines int) error {
	err := pgx.BeginFunc(ctx, w.conn, func(tx pgx.Tx) error {
		var id int64
		if err := tx.QueryRow(ctx, hostOrder, restaurant).Scan(&id); err != nil {
			return err
		}
		for range lines {
			if _, err := tx.Exec(ctx, `insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id) values (1, 1, '', $1, $2)`, restaurant, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write an order of another program: %w", err)
	}
	return nil
}

// Status gives an order that is there another status.
func (w *HostWriter) Status(ctx context.Context, id int, status string) error {
	return w.one(ctx, `update orders_order set status = $2 where id = $1`, id, status)
}

// Line changes a line that is there.
func (w *HostWriter) Line(ctx context.Context, id int) error {
	return w.one(ctx, `update orders_orderitem set quantity = quantity + 1 where id = $1`, id)
}

// Pay changes of an order that is there what no kitchen sees.
func (w *HostWriter) Pay(ctx context.Context, id int) error {
	return w.one(ctx, `update orders_order set total = total + 1 where id = $1`, id)
}

func (w *HostWriter) one(ctx context.Context, sql string, args ...any) error {
	return changeOne(ctx, w.conn, sql, args...)
}
