-- What a writer of lines and modifiers may leave out: the restaurant, the name, the position. BEFORE row triggers, as those of orders
-- are, see 00004.
--
-- They run for each line and modifier, and cost what they begin in each transaction: a look-up some 10 µs, an expression 1. So there is
-- one look-up, of the menu alone; everything else about it is said by expressions, which are read once a transaction and not once a row.
--
-- kitchen.announced is a setting of the transaction, with the ids of the last order that it has announced as new, of its restaurant and of
-- its lines, which kitchen.watch_written_lines (00007) notes there when they are written: this trigger does not know whether its row will be, or
-- was there already and is left alone by ON CONFLICT. What is written to them needs no look-up of the order or the line: the foreign keys prove what was
-- taken from there. A modifier of another line sets kitchen.unannounced_modifiers, for the rest of the transaction; without that its statement
-- trigger, which announces the order, has nothing to look for. (A WHEN clause that asks so is read anew in each statement, which takes as many
-- instructions as to call it.)
--
-- A look-up has a snapshot of its own and sees the earlier rows of the same statement: a line finds an order that a CTE has just handed
-- over. What is called for its effect is assigned, because PERFORM is a query. No look-up is by null: a plan of null would look so cheap that
-- PostgreSQL planned anew for each row.

-- +goose Up

-- Whether anybody can see a name. Nearly every one begins with a letter of ASCII, and is not matched against the pattern, which is an
-- e'…': that means the same in every session, whatever its standard_conforming_strings is. Put into the expressions that call it.
create function kitchen.can_be_seen(name text) returns boolean
language sql
immutable
return ascii(name) between 33 and 126
    or name ~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]';

-- Refuses a line or a modifier that names what the restaurant's menu does not have, or that nobody could read.
-- +goose StatementBegin
create function kitchen.refuse_line(written text, reference text, wanted uuid, restaurant uuid) returns void
language plpgsql
as $$
begin
  -- What replication brings was checked where it was written, and may be of a dish that is gone by now.
  if current_setting('session_replication_role') <> 'replica' then
    raise foreign_key_violation using
      message = format('%s %s does not exist in restaurant %s, or row-level security hides it', reference, wanted, restaurant),
      table = written, constraint = written || case reference when 'menu item' then '_menu_item_fkey' else '_option_fkey' end;
  end if;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function kitchen.refuse_name(written text, what text, reference text, name text) returns void
language plpgsql
as $$
#variable_conflict use_variable
begin
  if name is null then
    raise not_null_violation using
      message = format('a %s needs a %s or a name', what, reference), table = written, column = 'name';
  end if;
  raise check_violation using
    message = format('a %s needs a name that can be seen', what), table = written, column = 'name', constraint = written || '_name_not_blank';
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function complete_new_line() returns trigger
language plpgsql
security definer -- a writer of lines needs no rights on orders and menu_items
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- see complete_new_order
as $$
#variable_conflict use_variable
declare
  announced    constant text := current_setting('kitchen.announced', true);
  name         text; -- these are the menu's
  kitchen_name text;
  category     text;
begin
  if NEW.id is null or NEW.quantity is null or NEW.notes is null or NEW.held is null or NEW.position is null then
    NEW.id       := coalesce(NEW.id, gen_random_uuid());
    NEW.quantity := coalesce(NEW.quantity, 1);
    NEW.notes    := coalesce(NEW.notes, '');
    NEW.held     := coalesce(NEW.held, false);
    NEW.position := coalesce(NEW.position, nextval('public.order_items_position_seq'));
  end if;

  if starts_with(announced, NEW.order_id::text) then
    NEW.restaurant_id := coalesce(NEW.restaurant_id, split_part(announced, ' ', 2)::uuid);
  elsif NEW.restaurant_id is null then
    select o.restaurant_id into NEW.restaurant_id from public.orders o where o.id = NEW.order_id;
    if not found then
      if NEW.order_id is null then
        return NEW; -- the NOT NULL constraint says it best
      end if;
      raise foreign_key_violation using
        message = format('order %s does not exist, or row-level security hides it from the owner of these tables', NEW.order_id),
        hint = 'Insert the order first. In one statement with it, name restaurant_id in the line, or take order_id from what the order''s CTE returns.',
        table = 'order_items', constraint = 'order_items_order_fkey';
    end if;
  end if;

  if NEW.menu_item_id is not null then
    select m.name, m.kitchen_name, m.category into name, kitchen_name, category
      from public.menu_items m where m.id = NEW.menu_item_id and m.restaurant_id = NEW.restaurant_id;
    if not found then
      perform kitchen.refuse_line('order_items', 'menu item', NEW.menu_item_id, NEW.restaurant_id);
    end if;
    NEW.name     := case when kitchen.can_be_seen(NEW.name) then NEW.name else coalesce(nullif(kitchen_name, ''), name, NEW.name) end;
    NEW.category := coalesce(NEW.category, category);
  end if;
  if kitchen.can_be_seen(NEW.name) is not true then
    perform kitchen.refuse_name('order_items', 'line', 'menu_item_id', NEW.name);
  end if;
  return NEW;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function complete_changed_line() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_variable
declare
  announced    text;
  name         text;
  kitchen_name text;
  category     text;
begin
  if NEW.quantity is not null and NEW.notes is not null and NEW.held is not null and NEW.position is not null
     and NEW.id = OLD.id and NEW.order_id = OLD.order_id and NEW.restaurant_id = OLD.restaurant_id
     and NEW.menu_item_id is not distinct from OLD.menu_item_id and NEW.name = OLD.name
  then
    return NEW;
  end if;
  announced := set_config('kitchen.announced', '', true); -- a line that leaves its order is none of it
  NEW.id       := coalesce(NEW.id, OLD.id);
  NEW.quantity := coalesce(NEW.quantity, OLD.quantity);
  NEW.notes    := coalesce(NEW.notes, '');
  NEW.held     := coalesce(NEW.held, OLD.held);
  NEW.position := coalesce(NEW.position, OLD.position);
  NEW.name     := coalesce(NEW.name, OLD.name);
  if NEW.restaurant_id is null then
    NEW.restaurant_id := (select o.restaurant_id from public.orders o where o.id = NEW.order_id);
  end if;
  -- The line follows its order to another restaurant, whose menu is another.
  if NEW.restaurant_id is distinct from OLD.restaurant_id and NEW.menu_item_id is not distinct from OLD.menu_item_id then
    NEW.menu_item_id := null;
  end if;
  if NEW.menu_item_id is not null and (NEW.menu_item_id is distinct from OLD.menu_item_id or not kitchen.can_be_seen(NEW.name)) then
    select m.name, m.kitchen_name, m.category into name, kitchen_name, category
      from public.menu_items m where m.id = NEW.menu_item_id and m.restaurant_id = NEW.restaurant_id;
    if not found then
      perform kitchen.refuse_line('order_items', 'menu item', NEW.menu_item_id, NEW.restaurant_id);
    end if;
    if NEW.name = OLD.name or not kitchen.can_be_seen(NEW.name) then
      NEW.name := coalesce(nullif(kitchen_name, ''), name, NEW.name);
    end if;
    if NEW.category is null or NEW.category is not distinct from OLD.category then
      NEW.category := category;
    end if;
  end if;
  if kitchen.can_be_seen(NEW.name) is not true then
    perform kitchen.refuse_name('order_items', 'line', 'menu_item_id', NEW.name);
  end if;
  return NEW;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function complete_new_modifier() returns trigger
language plpgsql
security definer -- a writer of modifiers needs no rights on order_items and modifier_options
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- see complete_new_order
as $$
#variable_conflict use_variable
declare
  announced text := current_setting('kitchen.announced', true);
  id        uuid; -- of the order
  name      text; -- these are the menu's
  kind      kitchen.modifier_kind;
begin
  if NEW.id is null or NEW.quantity is null or NEW.position is null then
    NEW.id       := coalesce(NEW.id, gen_random_uuid());
    NEW.quantity := coalesce(NEW.quantity, 1);
    NEW.position := coalesce(NEW.position, nextval('public.order_item_modifiers_position_seq'));
  end if;

  if strpos(announced, NEW.order_item_id::text) > 74 then -- after the order and its restaurant
    NEW.restaurant_id := coalesce(NEW.restaurant_id, split_part(announced, ' ', 2)::uuid);
  else
    if NEW.restaurant_id is null then
      select i.restaurant_id, i.order_id into NEW.restaurant_id, id from public.order_items i where i.id = NEW.order_item_id;
      if not found then
        if NEW.order_item_id is null then
          return NEW; -- the NOT NULL constraint says it best
        end if;
        raise foreign_key_violation using
          message = format('order item %s does not exist, or row-level security hides it from the owner of these tables', NEW.order_item_id),
          hint = 'Insert the line first. In one statement with it, name restaurant_id in the modifier, or take order_item_id from what the line''s CTE returns.',
          table = 'order_item_modifiers', constraint = 'order_item_modifiers_item_fkey';
      end if;
    end if;
    if starts_with(announced, id::text) is not true then
      announced := set_config('kitchen.unannounced_modifiers', 'on', true);
    end if;
  end if;

  if NEW.modifier_option_id is not null then
    select m.name, m.kind into name, kind
      from public.modifier_options m where m.id = NEW.modifier_option_id and m.restaurant_id = NEW.restaurant_id;
    if not found then
      perform kitchen.refuse_line('order_item_modifiers', 'modifier option', NEW.modifier_option_id, NEW.restaurant_id);
    end if;
    NEW.name := case when kitchen.can_be_seen(NEW.name) then NEW.name else coalesce(name, NEW.name) end;
    NEW.kind := coalesce(NEW.kind, kind);
  end if;
  if kitchen.can_be_seen(NEW.name) is not true then
    perform kitchen.refuse_name('order_item_modifiers', 'modifier', 'modifier_option_id', NEW.name);
  end if;
  return NEW;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function complete_changed_modifier() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_variable
declare
  name text;
  kind kitchen.modifier_kind;
begin
  if NEW.id is not null and NEW.quantity is not null and NEW.position is not null and NEW.restaurant_id = OLD.restaurant_id
     and NEW.modifier_option_id is not distinct from OLD.modifier_option_id and NEW.name = OLD.name
  then
    return NEW;
  end if;
  NEW.id       := coalesce(NEW.id, OLD.id);
  NEW.quantity := coalesce(NEW.quantity, OLD.quantity);
  NEW.position := coalesce(NEW.position, OLD.position);
  NEW.name     := coalesce(NEW.name, OLD.name);
  if NEW.restaurant_id is null then
    NEW.restaurant_id := (select i.restaurant_id from public.order_items i where i.id = NEW.order_item_id);
  end if;
  if NEW.restaurant_id is distinct from OLD.restaurant_id and NEW.modifier_option_id is not distinct from OLD.modifier_option_id then
    NEW.modifier_option_id := null;
  end if;
  if NEW.modifier_option_id is not null
     and (NEW.modifier_option_id is distinct from OLD.modifier_option_id or not kitchen.can_be_seen(NEW.name))
  then
    select m.name, m.kind into name, kind
      from public.modifier_options m where m.id = NEW.modifier_option_id and m.restaurant_id = NEW.restaurant_id;
    if not found then
      perform kitchen.refuse_line('order_item_modifiers', 'modifier option', NEW.modifier_option_id, NEW.restaurant_id);
    end if;
    if NEW.name = OLD.name or not kitchen.can_be_seen(NEW.name) then
      NEW.name := coalesce(name, NEW.name);
    end if;
    if NEW.kind is null or NEW.kind is not distinct from OLD.kind then
      NEW.kind := kind;
    end if;
  end if;
  if kitchen.can_be_seen(NEW.name) is not true then
    perform kitchen.refuse_name('order_item_modifiers', 'modifier', 'modifier_option_id', NEW.name);
  end if;
  return NEW;
end
$$;
-- +goose StatementEnd

revoke execute on function kitchen.can_be_seen(text), kitchen.refuse_line(text, text, uuid, uuid), kitchen.refuse_name(text, text, text, text),
  complete_new_line(), complete_changed_line(), complete_new_modifier(), complete_changed_modifier() from public;

-- They fire after other programs' triggers, as those of orders do.
create trigger "~order_items_complete_insert" before insert on order_items for each row execute function complete_new_line();
create trigger "~order_items_complete_update" before update on order_items for each row execute function complete_changed_line();
create trigger "~order_item_modifiers_complete_insert" before insert on order_item_modifiers for each row execute function complete_new_modifier();
create trigger "~order_item_modifiers_complete_update" before update on order_item_modifiers for each row execute function complete_changed_modifier();

alter table order_items enable always trigger "~order_items_complete_insert";
alter table order_items enable always trigger "~order_items_complete_update";
alter table order_item_modifiers enable always trigger "~order_item_modifiers_complete_insert";
alter table order_item_modifiers enable always trigger "~order_item_modifiers_complete_update";

-- +goose Down
drop trigger "~order_item_modifiers_complete_update" on order_item_modifiers;
drop trigger "~order_item_modifiers_complete_insert" on order_item_modifiers;
drop trigger "~order_items_complete_update" on order_items;
drop trigger "~order_items_complete_insert" on order_items;
drop function complete_changed_modifier();
drop function complete_new_modifier();
drop function complete_changed_line();
drop function complete_new_line();
drop function kitchen.refuse_name(text, text, text, text);
drop function kitchen.refuse_line(text, text, uuid, uuid);
drop function kitchen.can_be_seen(text);
