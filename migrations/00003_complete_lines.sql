-- What a writer of lines and modifiers may leave out: the restaurant, the name, and what has a default.

-- +goose Up

-- One look-up and not two where the restaurant is left out, because look-ups are what this function costs. Its snapshot is
-- its own and sees the earlier rows of the same statement: a line finds the order that a CTE has just handed over.
-- +goose StatementBegin
create function complete_order_item() returns trigger
language plpgsql
security definer -- a writer of lines needs no rights on orders and menu_items
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- see complete_new_order
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
  item   uuid; -- of the menu, if its name is to be copied
  copied text;
begin
  if NEW.id is null or NEW.quantity is null or NEW.notes is null or NEW.position is null then
    NEW.id       := coalesce(NEW.id, gen_random_uuid());
    NEW.quantity := coalesce(NEW.quantity, 1);
    NEW.notes    := coalesce(NEW.notes, '');
    NEW.position := coalesce(NEW.position, nextval('public.order_items_position_seq'));
  end if;

  if coalesce(NEW.name, '') = '' then
    item := NEW.menu_item_id;
  end if;
  if TG_OP = 'UPDATE' then
    -- A line follows its order to another restaurant, whose menu is another.
    if NEW.restaurant_id is distinct from OLD.restaurant_id
       and NEW.menu_item_id is not distinct from OLD.menu_item_id then
      NEW.menu_item_id := null;
      item := null;
    elsif NEW.menu_item_id is distinct from OLD.menu_item_id and NEW.name is not distinct from OLD.name then
      item := NEW.menu_item_id; -- another item under the old name: take its own
    end if;
  end if;

  if NEW.restaurant_id is null then
    select o.restaurant_id, coalesce(nullif(m.kitchen_name, ''), m.name)
      into NEW.restaurant_id, copied
      from public.orders o
      left join public.menu_items m on m.id = item and m.restaurant_id = o.restaurant_id
     where o.id = NEW.order_id;
    if NEW.restaurant_id is null and NEW.order_id is not null then
      raise foreign_key_violation using
        message = format('order %s does not exist', NEW.order_id),
        hint = 'Insert the order first. In one statement with it, name restaurant_id in the line, or select order_id from the CTE that inserts the order.',
        table = 'order_items', constraint = 'order_items_order_fkey';
    end if;
  elsif item is not null then
    select coalesce(nullif(m.kitchen_name, ''), m.name)
      into copied
      from public.menu_items m where m.id = item and m.restaurant_id = NEW.restaurant_id;
  end if;
  if item is not null then
    NEW.name := copied;
  end if;

  if NEW.name is null and NEW.restaurant_id is not null then
    if item is null then
      raise not_null_violation using
        message = 'a line needs a menu_item_id or a name', table = 'order_items', column = 'name';
    end if;
    raise foreign_key_violation using
      message = format('menu item %s does not exist in restaurant %s', item, NEW.restaurant_id),
      table = 'order_items', constraint = 'order_items_menu_item_fkey';
  end if;
  return NEW;
end
$$;
-- +goose StatementEnd

-- The same for a modifier, whose line is to it what the order is to a line.
-- +goose StatementBegin
create function complete_order_item_modifier() returns trigger
language plpgsql
security definer -- a writer of modifiers needs no rights on order_items and modifier_options
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
  option uuid; -- of the menu, if its name is to be copied
  copied text;
begin
  if NEW.id is null or NEW.quantity is null then
    NEW.id       := coalesce(NEW.id, gen_random_uuid());
    NEW.quantity := coalesce(NEW.quantity, 1);
  end if;

  if coalesce(NEW.name, '') = '' then
    option := NEW.modifier_option_id;
  end if;
  if TG_OP = 'UPDATE' then
    if NEW.restaurant_id is distinct from OLD.restaurant_id
       and NEW.modifier_option_id is not distinct from OLD.modifier_option_id then
      NEW.modifier_option_id := null;
      option := null;
    elsif NEW.modifier_option_id is distinct from OLD.modifier_option_id and NEW.name is not distinct from OLD.name then
      option := NEW.modifier_option_id;
    end if;
  end if;

  if NEW.restaurant_id is null then
    select i.restaurant_id, m.name
      into NEW.restaurant_id, copied
      from public.order_items i
      left join public.modifier_options m on m.id = option and m.restaurant_id = i.restaurant_id
     where i.id = NEW.order_item_id;
    if NEW.restaurant_id is null and NEW.order_item_id is not null then
      raise foreign_key_violation using
        message = format('order item %s does not exist', NEW.order_item_id),
        hint = 'Insert the line first. In one statement with it, name restaurant_id in the modifier, or select order_item_id from the CTE that inserts the line.',
        table = 'order_item_modifiers', constraint = 'order_item_modifiers_item_fkey';
    end if;
  elsif option is not null then
    select m.name
      into copied
      from public.modifier_options m where m.id = option and m.restaurant_id = NEW.restaurant_id;
  end if;
  if option is not null then
    NEW.name := copied;
  end if;

  if NEW.name is null and NEW.restaurant_id is not null then
    if option is null then
      raise not_null_violation using
        message = 'a modifier needs a modifier_option_id or a name', table = 'order_item_modifiers', column = 'name';
    end if;
    raise foreign_key_violation using
      message = format('modifier option %s does not exist in restaurant %s', option, NEW.restaurant_id),
      table = 'order_item_modifiers', constraint = 'order_item_modifiers_option_fkey';
  end if;
  return NEW;
end
$$;
-- +goose StatementEnd

revoke execute on function complete_order_item(), complete_order_item_modifier() from public;

create trigger order_items_complete before insert or update on order_items
  for each row execute function complete_order_item();
create trigger order_item_modifiers_complete before insert or update on order_item_modifiers
  for each row execute function complete_order_item_modifier();

alter table order_items enable always trigger order_items_complete;
alter table order_item_modifiers enable always trigger order_item_modifiers_complete;

-- +goose Down
drop trigger order_item_modifiers_complete on order_item_modifiers;
drop trigger order_items_complete on order_items;
drop function complete_order_item_modifier();
drop function complete_order_item();
