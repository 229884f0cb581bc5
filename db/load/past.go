package load

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// PastModifiers is how many modifiers an order of the past has. It has as many lines as others.
const PastModifiers = 1

const (
	pastNumbers = 1 << 40 // of orders of the past: their ids are after those of all others
	pastPerDay  = 200     // orders a restaurant and day
	pastChunk   = 20_000  // orders a transaction
)

// pastOrder is the order number n of $3: its id, restaurant, business day and when it came. The last one came two hours ago.
const pastOrder = `
	select n, ($1::text || lpad(to_hex(` + `$2::bigint + n), 12, '0'))::uuid as id, n % $4::int as r, n / $4::int as nth,
	       now() - interval '2 hours' - (($3::int - n) / $4::int) * (interval '1 day' / $5::int) as came
	  from generate_series($6::int, $7::int - 1) n`

// Past writes completed orders of the past, of all the restaurants by turns, as if they had come over the last days: with
// three lines and a modifier, and what the triggers keep of an order that is over. No trigger runs, and so it is for a database that is
// the measurement's own. progress is called with how many are there.
func (d *Dataset) Past(ctx context.Context, orders int, progress func(done int)) error {
	conn, err := connect(ctx, d.url, d.schema)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	if _, err := conn.Exec(ctx, `set session_replication_role = replica; set synchronous_commit = off`); err != nil {
		return fmt.Errorf("switch triggers off: %w", err)
	}
	always, err := d.switchOff(ctx, conn)
	if err != nil {
		return err
	}
	for from := 0; from < orders; from += pastChunk {
		if err := d.past(ctx, conn, orders, from, min(from+pastChunk, orders)); err != nil {
			return fmt.Errorf("write orders of the past from %d on: %w", from, err)
		}
		progress(min(from+pastChunk, orders))
	}
	for _, sql := range append(always,
		`vacuum analyze orders, order_items, order_item_modifiers, kitchen.order_changes, kitchen.order_numbers`, `checkpoint`) {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// switchOff switches off the triggers that session_replication_role leaves on, and returns what switches them on again.
func (d *Dataset) switchOff(ctx context.Context, conn *pgx.Conn) (on []string, err error) {
	rows, err := conn.Query(ctx, `select format('alter table %s disable trigger %I', tgrelid::regclass, tgname), format('alter table %s enable always trigger %I', tgrelid::regclass, tgname)
		  from pg_trigger
		 where tgenabled = 'A' and not tgisinternal
		   and tgrelid in ('orders'::regclass, 'order_items'::regclass, 'order_item_modifiers'::regclass)`)
	if err != nil {
		return nil, fmt.Errorf("look for triggers: %w", err)
	}
	var off []string
	var disable, enable string
	if _, err := pgx.ForEachRow(rows, []any{&disable, &enable}, func() error {
		off, on = append(off, disable), append(on, enable)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("look for triggers: %w", err)
	}
	for _, sql := range off {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return nil, fmt.Errorf("%s: %w", sql, err)
		}
	}
	return on, nil
}

func (d *Dataset) past(ctx context.Context, conn *pgx.Conn, orders, from, to int) error {
	args := []any{d.Prefix, pastNumbers, orders, len(d.Restaurants), pastPerDay, from, to}
	id := func(first int, n string) string {
		return fmt.Sprintf(`($1::text || lpad(to_hex(%d + %s), 12, '0'))::uuid`, first, n)
	}
	batch := &pgx.Batch{} // an implicit transaction
	for _, sql := range []string{
		`insert into orders (id, restaurant_id, order_number, status, table_id, table_label, created_by, created_by_name, customer_name, notes,
		                     created_at, updated_at, preparing_at, ready_at, completed_at, business_day,
		                     kitchen_changes, kitchen_changed_at, kitchen_came_at)
		 select p.id, ` + id(restaurantIDs, `r`) + `, 1 + nth % $5::int, 'completed', ` + id(tableIDs, `r`) + `, 'T' || r, ` + id(userIDs, `r`) + `,
		        'bench-' || r, 'Table of four', 'all together please', came, came + interval '20 minutes', came + interval '1 minute',
		        came + interval '10 minutes', came + interval '20 minutes', came::date,
		        4, came + interval '20 minutes', came
		   from (` + pastOrder + `) p`,
		`insert into order_items (id, restaurant_id, order_id, menu_item_id, name, quantity, notes, position)
		 select ` + id(lineIDs+pastNumbers*Lines, `p.n::bigint * 3 + l`) + `, ` + id(restaurantIDs, `r`) + `, p.id, ` + id(menuIDs, `r * 3 + l`) + `,
		        'Dish ' || l, l + 1, 'well done', p.n::bigint * 3 + l
		   from (` + pastOrder + `) p, generate_series(0, 2) l`,
		`insert into order_item_modifiers (id, restaurant_id, order_item_id, modifier_option_id, name)
		 select ` + id(modifierIDs+pastNumbers*Modifiers, `p.n`) + `, ` + id(restaurantIDs, `r`) + `, ` +
			id(lineIDs+pastNumbers*Lines, `p.n::bigint * 3`) + `, ` + id(optionIDs, `r * 3`) + `, 'NO onion'
		   from (` + pastOrder + `) p`,
		`insert into kitchen.order_numbers (restaurant_id, business_day, last, held_by)
		 select ` + id(restaurantIDs, `r`) + `, came::date, max(1 + nth % $5::int), pg_current_xact_id()::text::bigint
		   from (` + pastOrder + `) p where came::date < current_date group by 1, 2
		     on conflict (restaurant_id, business_day) do update set last = greatest(order_numbers.last, excluded.last)`,
	} {
		batch.Queue(sql, args...)
	}
	return conn.SendBatch(ctx, batch).Close()
}
