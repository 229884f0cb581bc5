package load

import (
	"context"
	"fmt"
)

// plainSchema holds what the cost of an order is compared with.
const plainSchema = "bench_plain"

// plainTables is the schema that an application would have: keys of one column, no names copied from the menu, no numbers,
// and one trigger that notifies for each row of an order. Changed lines notify, too, because a kitchen has to see them.
const plainTables = `
	create schema bench_plain;
	set local search_path = bench_plain, pg_catalog;
	create table restaurants (id uuid primary key default gen_random_uuid(), name text not null);
	create table users (id uuid primary key default gen_random_uuid(), restaurant_id uuid not null references restaurants, username text not null unique);
	create table tables (id uuid primary key default gen_random_uuid(), restaurant_id uuid not null references restaurants, label text not null);
	create table menu_items (id uuid primary key default gen_random_uuid(), restaurant_id uuid not null references restaurants, name text not null);
	create table modifier_options (id uuid primary key default gen_random_uuid(), restaurant_id uuid not null references restaurants, name text not null);
	create table orders (
	  id uuid primary key default gen_random_uuid(), restaurant_id uuid not null references restaurants,
	  order_type text not null default 'dine_in', status text not null default 'pending', table_id uuid references tables,
	  created_by uuid references users, customer_name text not null default '', notes text not null default '',
	  created_at timestamptz not null default now());
	create index orders_queue on orders (restaurant_id, created_at) where status in ('pending', 'preparing', 'ready');
	create table order_items (
	  id uuid primary key default gen_random_uuid(), order_id uuid not null references orders on delete cascade,
	  menu_item_id uuid references menu_items, quantity integer not null default 1, notes text not null default '');
	create index order_items_order on order_items (order_id);
	create table order_item_modifiers (
	  id uuid primary key default gen_random_uuid(), order_item_id uuid not null references order_items on delete cascade,
	  modifier_option_id uuid references modifier_options);
	create index order_item_modifiers_item on order_item_modifiers (order_item_id);
	create function announce_order() returns trigger language plpgsql as $$
	begin
	  perform pg_notify('kitchen_' || NEW.restaurant_id, '{"type":"order_changed","id":"' || NEW.id || '"}');
	  return null;
	end $$;
	create function announce_line() returns trigger language plpgsql as $$
	begin
	  perform pg_notify('kitchen_' || o.restaurant_id, '{"type":"order_changed","id":"' || o.id || '"}')
	     from bench_plain.orders o where o.id = NEW.order_id;
	  return null;
	end $$;
	create function plain_id(uuid) returns uuid language sql return overlay($1::text placing '%s' from 1 for 24)::uuid;
	insert into restaurants (id, name) select plain_id(id), name from public.restaurants;
	insert into users (id, restaurant_id, username) select plain_id(id), plain_id(restaurant_id), username from public.users;
	insert into tables (id, restaurant_id, label) select plain_id(id), plain_id(restaurant_id), label from public.tables;
	insert into menu_items (id, restaurant_id, name) select plain_id(id), plain_id(restaurant_id), name from public.menu_items;
	insert into modifier_options (id, restaurant_id, name) select plain_id(id), plain_id(restaurant_id), name from public.modifier_options;
	insert into orders (id, restaurant_id, order_type, status, table_id, created_by, customer_name, notes, created_at)
	select plain_id(id), plain_id(restaurant_id), order_type, status, plain_id(table_id), plain_id(created_by), customer_name, notes, created_at from public.orders;
	insert into order_items (id, order_id, menu_item_id, quantity, notes)
	select plain_id(id), plain_id(order_id), plain_id(menu_item_id), quantity, notes from public.order_items;
	insert into order_item_modifiers (id, order_item_id, modifier_option_id)
	select plain_id(id), plain_id(order_item_id), plain_id(modifier_option_id) from public.order_item_modifiers;
	create trigger announce after insert or update on orders for each row execute function announce_order();
	create trigger announce after update on order_items for each row execute function announce_line()`

// Plain makes an application's plain tables beside ours, with the same restaurants, users, menus and orders in them, and returns a
// dataset that writes there. Their ids have another prefix, so that both can be announced and served at once. It is for a database of the
// measurement's own.
func (d *Dataset) Plain(ctx context.Context) (*Dataset, error) {
	conn, err := connect(ctx, d.url, d.schema)
	if err != nil {
		return nil, err
	}
	defer closeConn(conn)
	plain := Open(d.url, newPrefix(), len(d.Restaurants))
	plain.schema = plainSchema
	if err := conn.PgConn().Exec(ctx, fmt.Sprintf(plainTables, plain.Prefix)).Close(); err != nil {
		return nil, fmt.Errorf("make plain tables: %w", err)
	}
	return plain, nil
}
