-- What a writer of lines and modifiers may leave out: the restaurant, the name, the position.

-- +goose Up

-- One look-up for all that is left out, because look-ups are what these functions cost. Its snapshot is its own and
-- sees the earlier rows of the same statement: lines are numbered on, and a line finds an order that a CTE has just handed
-- over.
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
  item uuid; -- take the name of this menu item
begin
  if NEW.id is null or NEW.quantity is null or NEW.notes is null then
    NEW.id       := coalesce(NEW.id, gen_random_uuid());
    NEW.quantity := coalesce(NEW.quantity, 1);
    NEW.notes    := coalesce(NEW.notes, '');
  end if;
  if TG_OP = 'UPDATE' then
    -- The line follows its order to another restaurant, whose menu is another.
    if NEW.restaurant_id is distinct from OLD.restaurant_id
       and NEW.menu_item_id is not distinct from OLD.menu_item_id then
      NEW.menu_item_id := null;
    elsif NEW.menu_item_id is distinct from OLD.menu_item_id and NEW.name is not distinct from OLD.name then
      item := NEW.menu_item_id; -- another item under the old name
    end if;
    NEW.position := coalesce(NEW.position, OLD.position);
  end if;
  if coalesce(NEW.name, '') = '' then
    item := NEW.menu_item_id;
  end if;

  if NEW.restaurant_id is null then
    select o.restaurant_id,
           case when item is null then NEW.name
                else (select coalesce(nullif(m.kitchen_name, ''), m.name) from public.menu_items m
                       where m.id = item and m.restaurant_id = o.restaurant_id) end,
           coalesce(NEW.position,
                    (select least(i.position, 2147483646) + 1 from public.order_items i
                      where i.order_id = NEW.order_id and i.restaurant_id = o.restaurant_id
                        and i.position is not null
                      order by i.position desc limit 1),
                    1)
      into NEW.restaurant_id, NEW.name, NEW.position
      from public.orders o where o.id = NEW.order_id;
    if not found and NEW.order_id is not null then
      raise foreign_key_violation using
        message = format('order %s does not exist', NEW.order_id),
        hint = 'Insert the order first. In one statement with it, name restaurant_id in the line, or take order_id from what the order''s CTE returns.',
        table = 'order_items', constraint = 'order_items_order_fkey';
    end if;
  elsif item is not null or NEW.position is null then
    select case when item is null then NEW.name
                else (select coalesce(nullif(m.kitchen_name, ''), m.name) from public.menu_items m
                       where m.id = item and m.restaurant_id = NEW.restaurant_id) end,
           coalesce(NEW.position,
                    (select least(i.position, 2147483646) + 1 from public.order_items i
                      where i.order_id = NEW.order_id and i.restaurant_id = NEW.restaurant_id
                        and i.position is not null
                      order by i.position desc limit 1),
                    1)
      into NEW.name, NEW.position;
  end if;

  if NEW.name is null and item is not null then
    raise foreign_key_violation using
      message = format('menu item %s does not exist in restaurant %s', item, NEW.restaurant_id),
      table = 'order_items', constraint = 'order_items_menu_item_fkey';
  end if;
  if NEW.name is null then
    raise not_null_violation using
      message = 'a line needs a menu_item_id or a name', table = 'order_items', column = 'name';
  end if;
  return NEW;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function complete_order_item_modifier() returns trigger
language plpgsql
security definer -- a writer of modifiers needs no rights on order_items and modifier_options
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- see complete_new_order
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
  option uuid; -- take the name of this modifier option
begin
  if NEW.id is null or NEW.quantity is null then
    NEW.id       := coalesce(NEW.id, gen_random_uuid());
    NEW.quantity := coalesce(NEW.quantity, 1);
  end if;
  if TG_OP = 'UPDATE' then
    if NEW.restaurant_id is distinct from OLD.restaurant_id
       and NEW.modifier_option_id is not distinct from OLD.modifier_option_id then
      NEW.modifier_option_id := null;
    elsif NEW.modifier_option_id is distinct from OLD.modifier_option_id and NEW.name is not distinct from OLD.name then
      option := NEW.modifier_option_id;
    end if;
  end if;
  if coalesce(NEW.name, '') = '' then
    option := NEW.modifier_option_id;
  end if;

  if NEW.restaurant_id is null then
    select i.restaurant_id,
           case when option is null then NEW.name
                else (select m.name from public.modifier_options m
                       where m.id = option and m.restaurant_id = i.restaurant_id) end
      into NEW.restaurant_id, NEW.name
      from public.order_items i where i.id = NEW.order_item_id;
    if not found and NEW.order_item_id is not null then
      raise foreign_key_violation using
        message = format('order item %s does not exist', NEW.order_item_id),
        hint = 'Insert the line first. In one statement with it, name restaurant_id in the modifier, or take order_item_id from what the line''s CTE returns.',
        table = 'order_item_modifiers', constraint = 'order_item_modifiers_item_fkey';
    end if;
  elsif option is not null then
    select m.name into NEW.name
      from public.modifier_options m where m.id = option and m.restaurant_id = NEW.restaurant_id;
  end if;

  if NEW.name is null and option is not null then
    raise foreign_key_violation using
      message = format('modifier option %s does not exist in restaurant %s', option, NEW.restaurant_id),
      table = 'order_item_modifiers', constraint = 'order_item_modifiers_option_fkey';
  end if;
  if NEW.name is null then
    raise not_null_violation using
      message = 'a modifier needs a modifier_option_id or a name', table = 'order_item_modifiers', column = 'name';
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
