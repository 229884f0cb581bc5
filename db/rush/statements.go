package rush

import (
	"context"

	"github.com/jackc/pgx/v5"

	"kitchen/db/order"
)

// statements is the SQL of a rush, in the words of some tables. Ids are text on this side, whatever the key.
type statements struct {
	demo order.RestaurantID                     // the demo restaurant's id
	make func(context.Context, *pgx.Conn) error // makes the demo restaurant, or what is missing of it
	word func(order.Status) string              // of these tables for a status
	try  string                                 // a statement for a reader to try: a new order of the demo restaurant

	restaurant, dishes, options, tables, waiters string // $1 is the restaurant's id
	order, line, move, hurry, more, lock         string
	serve, serveOwn                              string
}

// ownTables is the SQL for the tables that the migrations make.
func ownTables() *statements {
	const being = ` where restaurant_id = @restaurant::uuid and id = @order::uuid and status in ('pending', 'preparing')`
	return &statements{
		demo: DemoID,
		make: makeDemo,
		word: func(s order.Status) string { return string(s) },
		try:  "insert into orders (restaurant_id, notes) values ('" + string(DemoID) + "', 'from psql');",
		restaurant: `
			select r.name, coalesce((select u.id::text from users u where u.restaurant_id = r.id and u.is_active
			                          order by u.role <> 'kitchen', u.created_at, u.id limit 1), '')
			  from restaurants r where r.id = $1::uuid`,
		dishes:  `select id::text, name from menu_items where restaurant_id = $1::uuid and is_available order by id`,
		options: `select id::text, name from modifier_options where restaurant_id = $1::uuid order by id`,
		tables:  `select id::text from tables where restaurant_id = $1::uuid order by label`,
		waiters: `select id::text from users where restaurant_id = $1::uuid and is_active and role in ('cashier', 'manager') order by id`,
		order: `
			insert into orders (restaurant_id, order_type, table_id, created_by, customer_name, notes, allergy_note,
			                    promised_at, priority, external_id)
			values (@restaurant::uuid, @type, @table::uuid, @by::uuid, @customer, @notes, @allergy, @promised::timestamptz, @priority::int, @external)
			returning id::text, order_number`,
		// The modifiers name their restaurant, because a trigger cannot see the line of its own statement.
		line: `
			with line as (
			     insert into order_items (order_id, menu_item_id, name, quantity, notes, course, held)
			     values (@order::uuid, @item::uuid, @name, @quantity::int, @notes, @course::int, @held::boolean) returning id, restaurant_id)
			insert into order_item_modifiers (restaurant_id, order_item_id, modifier_option_id)
			select line.restaurant_id, line.id, o.id from line, unnest(@options::text[]::uuid[]) as o(id)`,
		move:  `update orders set status = @status where restaurant_id = @restaurant::uuid and id = @order::uuid and status = any(@from::text[])`,
		hurry: `update orders set priority = priority + 1, notes = concat_ws('; ', nullif(notes, ''), 'RUSH')` + being,
		more: `
			update order_items set quantity = quantity + 1, notes = @notes
			 where id = (select id from order_items where order_id = @order::uuid order by position desc limit 1)`,
		lock: `select from orders` + being + ` for no key update`,
		serve: `
			update orders set status = 'completed' where restaurant_id = @restaurant::uuid and status in ('pending', 'preparing', 'ready')`,
		serveOwn: `
			update orders set status = 'completed' where restaurant_id = @restaurant::uuid and status in ('pending', 'preparing', 'ready')
			   and external_id like @run || '%'`,
	}
}
