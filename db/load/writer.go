package load

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
)

// Writer writes orders over a connection of its own. It is for one goroutine.
type Writer struct {
	data  *Dataset
	conn  *pgx.Conn
	reads *db.DB // opened by the first read
}

// Writer connects.
func (d *Dataset) Writer(ctx context.Context) (*Writer, error) {
	conn, err := connect(ctx, d.url, d.schema)
	if err != nil {
		return nil, err
	}
	return &Writer{data: d, conn: conn}, nil
}

// Pid is the process that serves the writer.
func (w *Writer) Pid() int { return int(w.conn.PgConn().PID()) }

// Close ends the connections.
func (w *Writer) Close() {
	closeConn(w.conn)
	if w.reads != nil {
		w.reads.Close()
	}
}

const (
	insertOrder = `
		insert into orders (id, restaurant_id, order_type, table_id, created_by, customer_name, notes)
		values ($1, $2, 'dine_in', $3, $4, 'Table of four', 'all together please')`
	insertLines = `
		insert into order_items (id, order_id, menu_item_id, quantity, notes)
		select l.id, $1::uuid, l.item, l.n::int, 'well done' from unnest($2::uuid[], $3::uuid[]) with ordinality as l(id, item, n)`
	insertModifiers = `
		insert into order_item_modifiers (id, order_item_id, modifier_option_id)
		select m.id, m.line, m.option from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as m(id, line, option)`
)

// statement is SQL with its arguments.
type statement struct {
	sql  string
	args []any
}

// order is the statements that write an order with its lines and modifiers. restaurant is an index.
func (d *Dataset) order(number, restaurant int) []statement {
	id, lines := d.id(number), d.texts(lineIDs+number*Lines, Lines)
	return []statement{
		{insertOrder, []any{id, string(d.Restaurants[restaurant]), d.id(tableIDs + restaurant), string(d.Users[restaurant])}},
		{insertLines, []any{id, lines, d.texts(menuIDs+restaurant*Lines, Lines)}},
		{insertModifiers, []any{d.texts(modifierIDs+number*Modifiers, Modifiers), lines, d.texts(optionIDs+restaurant*Modifiers, Modifiers)}},
	}
}

// texts returns n ids from first on, as text.
func (d *Dataset) texts(first, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = d.id(first + i)
	}
	return ids
}

// Order writes an order with its lines and modifiers in one transaction and in one round trip, and returns when it is
// committed. restaurant is an index.
func (w *Writer) Order(ctx context.Context, number, restaurant int) error {
	batch := &pgx.Batch{} // an implicit transaction
	for _, s := range w.data.order(number, restaurant) {
		batch.Queue(s.sql, s.args...)
	}
	if err := w.conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write order %d: %w", number, err)
	}
	return nil
}

// OrderByStatement writes the same as [Writer.Order], but sends BEGIN, each statement and COMMIT only after the answer to the one before, as
// most programs do.
func (w *Writer) OrderByStatement(ctx context.Context, number, restaurant int) error {
	err := pgx.BeginFunc(ctx, w.conn, func(tx pgx.Tx) error {
		for _, s := range w.data.order(number, restaurant) {
			if _, err := tx.Exec(ctx, s.sql, s.args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write order %d statement by statement: %w", number, err)
	}
	return nil
}

// OrderRowByRow writes the same as [Writer.Order], one statement a row, as an ORM does.
func (w *Writer) OrderRowByRow(ctx context.Context, number, restaurant int) error {
	d, id := w.data, w.data.id(number)
	err := pgx.BeginFunc(ctx, w.conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, insertOrder, id, string(d.Restaurants[restaurant]), d.id(tableIDs+restaurant), string(d.Users[restaurant])); err != nil {
			return err
		}
		for i := range Lines {
			line := d.id(lineIDs + number*Lines + i)
			if _, err := tx.Exec(ctx, `insert into order_items (id, order_id, menu_item_id, quantity, notes) values ($1, $2, $3, 1, 'well done')`,
				line, id, d.id(menuIDs+restaurant*Lines+i)); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `insert into order_item_modifiers (id, order_item_id, modifier_option_id) values ($1, $2, $3)`,
				d.id(modifierIDs+number*Modifiers+i), line, d.id(optionIDs+restaurant*Modifiers+i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write order %d row by row: %w", number, err)
	}
	return nil
}

// Status changes the status of an order.
func (w *Writer) Status(ctx context.Context, number int, status string) error {
	return w.one(ctx, `update orders set status = $2 where id = $1`, w.data.id(number), status)
}

// Line changes one line of an order.
func (w *Writer) Line(ctx context.Context, number, line int) error {
	return w.one(ctx, `update order_items set quantity = quantity + 1 where id = $1`, w.data.id(lineIDs+number*Lines+line))
}

func (w *Writer) one(ctx context.Context, sql string, args ...any) error {
	return changeOne(ctx, w.conn, sql, args...)
}

// changeOne changes one row, in a transaction of its own. It is an error if there is no such row.
func changeOne(ctx context.Context, conn *pgx.Conn, sql string, args ...any) error {
	tag, err := conn.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() != 1 {
		err = fmt.Errorf("%d rows were changed", tag.RowsAffected())
	}
	if err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// Fill writes the same number of open orders into each of the restaurants from first to before last, without notifications. The
// orders are numbered from number on.
func (w *Writer) Fill(ctx context.Context, first, last, each, number int) error {
	if each == 0 || first == last {
		return nil
	}
	d := w.data
	batch := &pgx.Batch{}
	batch.Queue(`set kitchen.notify = off`)
	batch.Queue(`
		insert into orders (id, restaurant_id, order_number, table_id, created_by, customer_name, notes)
		select ($1 || lpad(to_hex($2::bigint + n), 12, '0'))::uuid,
		       ($1 || lpad(to_hex($3::bigint + n / $6::int), 12, '0'))::uuid, 1 + n % $6::int,
		       ($1 || lpad(to_hex($4::bigint + n / $6::int), 12, '0'))::uuid,
		       ($1 || lpad(to_hex($5::bigint + n / $6::int), 12, '0'))::uuid, 'Table of four', 'all together please'
		  from generate_series(0, $7::int - 1) n`,
		d.Prefix, number, restaurantIDs+first, tableIDs+first, userIDs+first, each, (last-first)*each)
	batch.Queue(`
		insert into order_items (restaurant_id, order_id, menu_item_id, quantity, notes, position)
		select o.restaurant_id, o.id, m.id, m.n, 'well done', m.n
		  from orders o
		  join (select id, restaurant_id, row_number() over (partition by restaurant_id order by id) as n from menu_items
		         where restaurant_id = any($1::text[]::uuid[])) m on m.restaurant_id = o.restaurant_id`, d.Restaurants[first:last])
	batch.Queue(`
		insert into order_item_modifiers (restaurant_id, order_item_id, modifier_option_id)
		select i.restaurant_id, i.id, m.id
		  from order_items i
		  join (select id, restaurant_id, row_number() over (partition by restaurant_id order by id) as n from modifier_options
		         where restaurant_id = any($1::text[]::uuid[])) m on m.restaurant_id = i.restaurant_id and m.n = i.position`, d.Restaurants[first:last])
	batch.Queue(`reset kitchen.notify`)
	if err := w.conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write %d open orders: %w", (last-first)*each, err)
	}
	return nil
}
