package load

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Writer writes orders over a connection of its own. It is for one goroutine.
type Writer struct {
	ground *Ground
	conn   *pgx.Conn
}

// Writer connects.
func (g *Ground) Writer(ctx context.Context) (*Writer, error) {
	conn, err := connect(ctx, g.url)
	if err != nil {
		return nil, err
	}
	return &Writer{ground: g, conn: conn}, nil
}

// Close ends the connection.
func (w *Writer) Close() { closeConn(w.conn) }

const (
	insertOrder = `
		insert into orders (id, restaurant_id, order_type, table_id, created_by, customer_name, notes)
		values ($1, $2, 'dine_in', $3, $4, 'Table of four', 'all together please')`
	// The modifiers name their restaurant, because a trigger cannot see the line of its own statement.
	insertLines = `
		with line as (
		     insert into order_items (order_id, menu_item_id, quantity, notes)
		     select $1::uuid, m.id, 1 + m.n::int, 'well done' from unnest($2::uuid[]) with ordinality as m(id, n)
		     returning id, restaurant_id, position)
		insert into order_item_modifiers (restaurant_id, order_item_id, modifier_option_id)
		select line.restaurant_id, line.id, ($3::uuid[])[line.position] from line`
)

// Order writes an order with its lines and modifiers in one transaction and in one round trip, and returns when it is
// committed. restaurant is an index.
func (w *Writer) Order(ctx context.Context, number, restaurant int) error {
	g, id := w.ground, w.ground.id(number)
	dishes, options := make([]string, Lines), make([]string, Modifiers)
	for i := range dishes {
		dishes[i], options[i] = g.id(menuIDs+restaurant*Lines+i), g.id(optionIDs+restaurant*Modifiers+i)
	}
	batch := &pgx.Batch{} // an implicit transaction
	batch.Queue(insertOrder, id, string(g.Restaurants[restaurant]), g.id(tableIDs+restaurant), string(g.Users[restaurant]))
	batch.Queue(insertLines, id, dishes, options)
	if err := w.conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write order %d: %w", number, err)
	}
	return nil
}

// Fill writes, without a notification, the same number of open orders into each of the restaurants from first to before
// last. Their numbers begin at that of the first order.
func (w *Writer) Fill(ctx context.Context, first, last, each, number int) error {
	if each == 0 || first == last {
		return nil
	}
	g := w.ground
	batch := &pgx.Batch{}
	batch.Queue(`set kitchen.notify = off`)
	batch.Queue(`
		insert into orders (id, restaurant_id, order_number, table_id, created_by, customer_name, notes)
		select ($1 || lpad(to_hex($2::bigint + n), 12, '0'))::uuid,
		       ($1 || lpad(to_hex($3::bigint + n / $6::int), 12, '0'))::uuid, 1 + n % $6::int,
		       ($1 || lpad(to_hex($4::bigint + n / $6::int), 12, '0'))::uuid,
		       ($1 || lpad(to_hex($5::bigint + n / $6::int), 12, '0'))::uuid, 'Table of four', 'all together please'
		  from generate_series(0, $7::int - 1) n`,
		g.Prefix, number, restaurantIDs+first, tableIDs+first, userIDs+first, each, (last-first)*each)
	batch.Queue(`
		insert into order_items (restaurant_id, order_id, menu_item_id, quantity, notes, position)
		select o.restaurant_id, o.id, m.id, m.n, 'well done', m.n
		  from orders o
		  join (select id, restaurant_id, row_number() over (partition by restaurant_id order by id) as n from menu_items
		         where restaurant_id = any($1::text[]::uuid[])) m on m.restaurant_id = o.restaurant_id`, g.Restaurants[first:last])
	batch.Queue(`
		insert into order_item_modifiers (restaurant_id, order_item_id, modifier_option_id)
		select i.restaurant_id, i.id, m.id
		  from order_items i
		  join (select id, restaurant_id, row_number() over (partition by restaurant_id order by id) as n from modifier_options
		         where restaurant_id = any($1::text[]::uuid[])) m on m.restaurant_id = i.restaurant_id and m.n = i.position`, g.Restaurants[first:last])
	batch.Queue(`reset kitchen.notify`)
	if err := w.conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write %d open orders: %w", (last-first)*each, err)
	}
	return nil
}
