-- What a writer of lines and modifiers may leave out: the restaurant, the name, the position.

-- +goose Up

-- +goose StatementBegin
create function complete_order_item() returns trigger
language plpgsql
security definer -- a writer of lines needs no rights on orders and menu_items
set search_path = pg_catalog, pg_temp
as $$
begin
  if TG_OP = 'INSERT' then
    NEW.id := coalesce(NEW.id, gen_random_uuid());
    if NEW.restaurant_id is null then
      select o.restaurant_id into NEW.restaurant_id from public.orders o where o.id = NEW.order_id;
      if not found and NEW.order_id is not null then
        raise foreign_key_violation using
          message = format('order %s does not exist', NEW.order_id),
          hint = 'Insert the order first. In one statement with it, name restaurant_id in the line: a line cannot see an order of its own statement.',
          table = 'order_items', constraint = 'order_items_order_fkey';
      end if;
    end if;
    if NEW.position is null then
      select coalesce(max(i.position), 0) + 1 into NEW.position
        from public.order_items i where i.order_id = NEW.order_id;
    end if;
  else
    -- The line follows its order to another restaurant, whose menu is another.
    if NEW.restaurant_id is distinct from OLD.restaurant_id
       and NEW.menu_item_id is not distinct from OLD.menu_item_id then
      NEW.menu_item_id := null;
    elsif NEW.menu_item_id is distinct from OLD.menu_item_id and NEW.menu_item_id is not null
       and NEW.name is not distinct from OLD.name then
      NEW.name := null; -- another item under the old name: take its own
    end if;
    NEW.position := coalesce(NEW.position, OLD.position);
  end if;

  NEW.quantity := coalesce(NEW.quantity, 1);
  NEW.notes    := coalesce(NEW.notes, '');

  if coalesce(NEW.name, '') = '' and NEW.menu_item_id is not null then
    select coalesce(nullif(m.kitchen_name, ''), m.name) into NEW.name
      from public.menu_items m where m.id = NEW.menu_item_id and m.restaurant_id = NEW.restaurant_id;
    if not found then
      raise foreign_key_violation using
        message = format('menu item %s does not exist in restaurant %s', NEW.menu_item_id, NEW.restaurant_id),
        table = 'order_items', constraint = 'order_items_menu_item_fkey';
    end if;
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
as $$
begin
  if TG_OP = 'INSERT' then
    NEW.id := coalesce(NEW.id, gen_random_uuid());
    if NEW.restaurant_id is null then
      select i.restaurant_id into NEW.restaurant_id from public.order_items i where i.id = NEW.order_item_id;
      if not found and NEW.order_item_id is not null then
        raise foreign_key_violation using
          message = format('order item %s does not exist', NEW.order_item_id),
          hint = 'Insert the line first. In one statement with it, name restaurant_id in the modifier: a modifier cannot see a line of its own statement.',
          table = 'order_item_modifiers', constraint = 'order_item_modifiers_item_fkey';
      end if;
    end if;
  elsif NEW.restaurant_id is distinct from OLD.restaurant_id
     and NEW.modifier_option_id is not distinct from OLD.modifier_option_id then
    NEW.modifier_option_id := null;
  elsif NEW.modifier_option_id is distinct from OLD.modifier_option_id and NEW.modifier_option_id is not null
     and NEW.name is not distinct from OLD.name then
    NEW.name := null;
  end if;

  NEW.quantity := coalesce(NEW.quantity, 1);

  if coalesce(NEW.name, '') = '' and NEW.modifier_option_id is not null then
    select m.name into NEW.name
      from public.modifier_options m where m.id = NEW.modifier_option_id and m.restaurant_id = NEW.restaurant_id;
    if not found then
      raise foreign_key_violation using
        message = format('modifier option %s does not exist in restaurant %s', NEW.modifier_option_id, NEW.restaurant_id),
        table = 'order_item_modifiers', constraint = 'order_item_modifiers_option_fkey';
    end if;
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
