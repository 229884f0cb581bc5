package migrations_test

// leastTriggers are what no triggers that keep the same tables could do without: a new order gets its day, its number and its names, a line and
// a modifier their restaurant and their name, and one row trigger notifies. They keep hardly any of our promises: they take no care of
// what writers give or leave out, of rows that are not written after all, of lines that come later, of errors, locks, rights, search_path,
// SERIALIZABLE, or numbers of a till's own. What they cost is what ours could come down to at the very best.
const leastTriggers = `
	drop trigger kitchen_watch_insert on orders;
	drop trigger kitchen_watch_insert on order_items;
	drop trigger kitchen_watch_insert on order_item_modifiers;
	drop trigger "~orders_complete_insert" on orders;
	drop trigger "~order_items_complete_insert" on order_items;
	drop trigger "~order_item_modifiers_complete_insert" on order_item_modifiers;
	create function least_order() returns trigger language plpgsql as $$
	begin
	  select (NEW.created_at at time zone r.timezone - r.day_starts::interval)::date, t.label, u.username
	    into NEW.business_day, NEW.table_label, NEW.created_by_name
	    from public.restaurants r
	    left join public.tables t on t.id = NEW.table_id and t.restaurant_id = r.id
	    left join public.users u on u.id = NEW.created_by and u.restaurant_id = r.id
	   where r.id = NEW.restaurant_id;
	  update kitchen.order_numbers c set last = c.last + 1
	   where c.restaurant_id = NEW.restaurant_id and c.business_day = NEW.business_day returning c.last into NEW.order_number;
	  return NEW;
	end $$;
	create function least_announcement() returns trigger language plpgsql as $$
	begin
	  perform pg_notify(concat('kitchen_', NEW.restaurant_id), concat('{"type":"order_created","order_id":"', NEW.id, '","version":1,"by":"x"}'));
	  perform set_config('kitchen.announced', concat_ws(' ', NEW.id, NEW.restaurant_id), true);
	  return null;
	end $$;
	create function least_line() returns trigger language plpgsql as $$
	declare
	  announced constant text := current_setting('kitchen.announced', true);
	begin
	  if starts_with(announced, NEW.order_id::text) then
	    NEW.restaurant_id := split_part(announced, ' ', 2)::uuid;
	  end if;
	  select m.name, m.category into NEW.name, NEW.category from public.menu_items m where m.id = NEW.menu_item_id and m.restaurant_id = NEW.restaurant_id;
	  return NEW;
	end $$;
	create function least_modifier() returns trigger language plpgsql as $$
	begin
	  NEW.restaurant_id := split_part(current_setting('kitchen.announced', true), ' ', 2)::uuid;
	  select m.name, m.kind into NEW.name, NEW.kind from public.modifier_options m where m.id = NEW.modifier_option_id and m.restaurant_id = NEW.restaurant_id;
	  return NEW;
	end $$;
	create trigger least before insert on orders for each row execute function least_order();
	create trigger announce after insert on orders for each row execute function least_announcement();
	create trigger least before insert on order_items for each row execute function least_line();
	create trigger least before insert on order_item_modifiers for each row execute function least_modifier();
	insert into kitchen.order_numbers (restaurant_id, business_day, last, held_by)
	select r.id, (now() at time zone r.timezone - r.day_starts::interval)::date, 0, 0 from restaurants r;
	do $$ begin execute format('alter database %I set plan_cache_mode = force_generic_plan', current_database()); end $$`
