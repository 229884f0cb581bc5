package rush

import (
	"context"
	_ "embed" // the tables
	"slices"

	"github.com/jackc/pgx/v5"

	"kitchen/db/order"
)

// DjangoTables is the SQL that makes the tables of a Django app with restaurants, as its migrations would.
//
//go:embed django.sql
var DjangoTables string

// djangoDemo is the demo restaurant of such an app.
const djangoDemo order.RestaurantID = "1"

// OpenDjango is Open for the tables of a Django app, which it makes where there are none. The rush takes place in the demo restaurant.
func OpenDjango(ctx context.Context, url string) (*Rush, error) {
	return openOn(ctx, url, djangoTables(), djangoDemo)
}

// Try is a statement with which a reader may write an order of the demo restaurant.
func (r *Rush) Try() string { return r.sql.try }

// djangoTables is the SQL as the app's ORM writes it: all columns, words of its own, times that the program sets.
func djangoTables() *statements {
	const being = ` where restaurant_id = @restaurant::bigint and id = @order::bigint and status in ('pending', 'confirmed', 'preparing')`
	const served = `update orders_order set status = 'served', completed_at = now(), updated_at = now()
		where restaurant_id = @restaurant::bigint and status in ('pending', 'confirmed', 'preparing', 'ready')`
	return &statements{
		demo: djangoDemo,
		make: makeDjango,
		word: func(s order.Status) string {
			if s == order.Completed {
				return "served"
			}
			return string(s)
		},
		try: "insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id) " +
			"values (99, 'dine_in', 'pending', 0, '', 'from psql', 0, now(), now(), " + string(djangoDemo) + ");",
		restaurant: `
			select r.name, coalesce((select u.id::text from accounts_user u where u.restaurant_id = r.id and u.is_active order by u.role <> 'kitchen', u.id limit 1), '')
			  from restaurants_restaurant r where r.id = $1::bigint`,
		dishes:  `select id::text, name from menu_menuitem where restaurant_id = $1::bigint and is_available order by id`,
		options: `select id::text, name from menu_modifieroption where restaurant_id = $1::bigint order by id`,
		tables:  `select id::text from tables_table where restaurant_id = $1::bigint order by id`,
		waiters: `select id::text from accounts_user where restaurant_id = $1::bigint and is_active and role in ('cashier', 'manager') order by id`,
		order: `
			insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, created_by_id, restaurant_id, table_id)
			select coalesce(max(o.order_number), 0) + 1, @type, 'pending', @priority::int, @customer, concat_ws('; ', nullif(@notes, ''), nullif(@allergy, '')), 0,
			       now(), now(), @by::int, @restaurant::bigint, @table::bigint
			  from orders_order o where o.restaurant_id = @restaurant::bigint and o.created_at >= current_date
			returning id::text, order_number`,
		line: `
			with line as (
			     insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id)
			     select @quantity::int, m.price, @notes, m.id, @order::bigint from menu_menuitem m where m.id = @item::bigint returning id)
			insert into orders_orderitemmodifier (quantity, modifier_option_id, order_item_id)
			select 1, o.id, line.id from line, unnest(@options::text[]::bigint[]) as o(id)`,
		move: `
			update orders_order set status = @status::text, updated_at = now(), completed_at = case when @status::text in ('served', 'cancelled') then now() end
			 where restaurant_id = @restaurant::bigint and id = @order::bigint and status = any(@from::text[])`,
		hurry: `update orders_order set priority = priority + 1, notes = concat_ws('; ', nullif(notes, ''), 'RUSH'), updated_at = now()` + being,
		more: `
			update orders_orderitem set quantity = quantity + 1, notes = @notes
			 where id = (select id from orders_orderitem where order_id = @order::bigint order by id desc limit 1)`,
		lock:     `select from orders_order` + being + ` for no key update`,
		serve:    served,
		serveOwn: served, // nobody else writes there
	}
}

// makeDjango makes the tables and the demo restaurant, or what is missing of them.
func makeDjango(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		var there bool
		if err := tx.QueryRow(ctx, `select to_regclass('public.orders_order') is not null`).Scan(&there); err != nil {
			return err
		}
		if !there {
			if _, err := tx.Conn().PgConn().Exec(ctx, DjangoTables).ReadAll(); err != nil {
				return err
			}
		}
		demo, batch := demoContent(), &pgx.Batch{}
		batch.Queue(`insert into restaurants_restaurant (id, name, timezone, is_active, created_at) values ($1::bigint, $2, $3, true, now()) on conflict do nothing`,
			string(djangoDemo), demoName, demoTimezone)
		for i, u := range demo.users {
			batch.Queue(`insert into accounts_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined, role, restaurant_id)
				values ($1::int, '!', false, $2, $3, '', '', false, true, now(), $4, $5::bigint) on conflict do nothing`, i+1, u.username, u.name, u.role, string(djangoDemo))
		}
		for i, label := range demo.tables {
			batch.Queue(`insert into tables_table (id, number, seats, restaurant_id) values ($1::bigint, $2, 4, $3::bigint) on conflict do nothing`, i+1, label, string(djangoDemo))
		}
		for i, name := range categories() {
			batch.Queue(`insert into menu_category (id, name, restaurant_id) values ($1::bigint, $2, $3::bigint) on conflict do nothing`, i+1, name, string(djangoDemo))
		}
		for i, m := range demo.menu {
			batch.Queue(`insert into menu_menuitem (id, name, price, is_available, category_id, restaurant_id) values ($1::bigint, $2, 9.5, true, $3::bigint, $4::bigint) on conflict do nothing`,
				i+1, m.name, slices.Index(categories(), m.category())+1, string(djangoDemo))
		}
		for i, o := range demo.options {
			batch.Queue(`insert into menu_modifieroption (id, name, price, restaurant_id) values ($1::bigint, $2, 0, $3::bigint) on conflict do nothing`, i+1, o.name, string(djangoDemo))
		}
		for _, table := range []string{"restaurants_restaurant", "accounts_user", "tables_table", "menu_category", "menu_menuitem", "menu_modifieroption"} {
			batch.Queue(`select setval(pg_get_serial_sequence($1, 'id'), 1000)`, table)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
}
