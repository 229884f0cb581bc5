-- What a writer of lines and modifiers may leave out: the restaurant, the name, the position.

-- +goose Up

-- One look-up for all that is left out, because look-ups are what these functions cost; what it does not find tells the reason
-- afterwards. Its snapshot is its own and sees the earlier rows of the same statement: a line finds an order that a CTE has just
-- handed over. A name that nobody sees is none; the pattern of one is an e'…', which means the same in every session, whatever its
-- standard_conforming_strings is.
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
  item     uuid;
  name     text;
  category text;
begin
  if NEW.id is null or NEW.quantity is null or NEW.notes is null or NEW.held is null then
    if TG_OP = 'UPDATE' then
      NEW.quantity := coalesce(NEW.quantity, OLD.quantity);
      NEW.held     := coalesce(NEW.held, OLD.held);
    end if;
    NEW.id       := coalesce(NEW.id, gen_random_uuid());
    NEW.quantity := coalesce(NEW.quantity, 1);
    NEW.notes    := coalesce(NEW.notes, '');
    NEW.held     := coalesce(NEW.held, false);
  end if;
  if TG_OP = 'UPDATE' then
    if NEW.position is null or NEW.name is null or NEW.restaurant_id is distinct from OLD.restaurant_id then
      NEW.position := coalesce(NEW.position, OLD.position);
      NEW.name     := coalesce(NEW.name, OLD.name);
      -- The line follows its order to another restaurant, whose menu is another.
      if NEW.restaurant_id is distinct from OLD.restaurant_id and NEW.menu_item_id is not distinct from OLD.menu_item_id then
        NEW.menu_item_id := null;
      end if;
    end if;
    if NEW.restaurant_id is not null and (NEW.menu_item_id is null or NEW.menu_item_id is not distinct from OLD.menu_item_id and NEW.name ~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]') then
      return NEW; -- the check of the table refuses a name that nobody sees
    end if;
  end if;
  if NEW.position is null then
    NEW.position := nextval('public.order_positions');
  end if;

  if NEW.restaurant_id is null then
    select o.restaurant_id, m.id, coalesce(nullif(m.kitchen_name, ''), m.name), m.category into NEW.restaurant_id, item, name, category
      from public.orders o
      left join public.menu_items m on m.id = NEW.menu_item_id and m.restaurant_id = o.restaurant_id
     where o.id = NEW.order_id;
    if not found and NEW.order_id is not null then
      raise foreign_key_violation using
        message = format('order %s does not exist, or row-level security hides it from the owner of these tables', NEW.order_id),
        hint = 'Insert the order first. In one statement with it, name restaurant_id in the line, or take order_id from what the order''s CTE returns.',
        table = 'order_items', constraint = 'order_items_order_fkey';
    end if;
  elsif NEW.menu_item_id is not null then
    select m.id, coalesce(nullif(m.kitchen_name, ''), m.name), m.category into item, name, category
      from public.menu_items m where m.id = NEW.menu_item_id and m.restaurant_id = NEW.restaurant_id;
  end if;

  if NEW.menu_item_id is not null then
    if item is null and (TG_OP = 'INSERT' or NEW.menu_item_id is distinct from OLD.menu_item_id or NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]')
       -- What replication brings was checked where it was written, and may be of a dish that is gone by now.
       and current_setting('session_replication_role') <> 'replica'
    then
      raise foreign_key_violation using
        message = format('menu item %s does not exist in restaurant %s, or row-level security hides it', NEW.menu_item_id, NEW.restaurant_id),
        table = 'order_items', constraint = 'order_items_menu_item_fkey';
    end if;
    if TG_OP = 'INSERT' then
      if NEW.name is null or NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then
        NEW.name := coalesce(name, NEW.name);
      end if;
      if NEW.category is null then
        NEW.category := category;
      end if;
    elsif NEW.menu_item_id is distinct from OLD.menu_item_id or NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then
      if NEW.name = OLD.name or NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then
        NEW.name := coalesce(name, NEW.name);
      end if;
      if NEW.category is null or NEW.category is not distinct from OLD.category then
        NEW.category := category;
      end if;
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
set enable_seqscan = off -- see complete_new_order
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
  option uuid;
  name   text;
  kind   text;
begin
  if NEW.id is null or NEW.quantity is null then
    if TG_OP = 'UPDATE' then
      NEW.quantity := coalesce(NEW.quantity, OLD.quantity);
    end if;
    NEW.id       := coalesce(NEW.id, gen_random_uuid());
    NEW.quantity := coalesce(NEW.quantity, 1);
  end if;
  if TG_OP = 'UPDATE' then
    if NEW.position is null or NEW.name is null or NEW.restaurant_id is distinct from OLD.restaurant_id then
      NEW.position := coalesce(NEW.position, OLD.position);
      NEW.name     := coalesce(NEW.name, OLD.name);
      if NEW.restaurant_id is distinct from OLD.restaurant_id and NEW.modifier_option_id is not distinct from OLD.modifier_option_id then
        NEW.modifier_option_id := null;
      end if;
    end if;
    if NEW.restaurant_id is not null
       and (NEW.modifier_option_id is null or NEW.modifier_option_id is not distinct from OLD.modifier_option_id and NEW.name ~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]')
    then
      return NEW;
    end if;
  end if;
  if NEW.position is null then
    NEW.position := nextval('public.order_positions');
  end if;

  if NEW.restaurant_id is null then
    select i.restaurant_id, m.id, m.name, m.kind into NEW.restaurant_id, option, name, kind
      from public.order_items i
      left join public.modifier_options m on m.id = NEW.modifier_option_id and m.restaurant_id = i.restaurant_id
     where i.id = NEW.order_item_id;
    if not found and NEW.order_item_id is not null then
      raise foreign_key_violation using
        message = format('order item %s does not exist, or row-level security hides it from the owner of these tables', NEW.order_item_id),
        hint = 'Insert the line first. In one statement with it, name restaurant_id in the modifier, or take order_item_id from what the line''s CTE returns.',
        table = 'order_item_modifiers', constraint = 'order_item_modifiers_item_fkey';
    end if;
  elsif NEW.modifier_option_id is not null then
    select m.id, m.name, m.kind into option, name, kind
      from public.modifier_options m where m.id = NEW.modifier_option_id and m.restaurant_id = NEW.restaurant_id;
  end if;

  if NEW.modifier_option_id is not null then
    if option is null and (TG_OP = 'INSERT' or NEW.modifier_option_id is distinct from OLD.modifier_option_id or NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]')
       and current_setting('session_replication_role') <> 'replica'
    then
      raise foreign_key_violation using
        message = format('modifier option %s does not exist in restaurant %s, or row-level security hides it', NEW.modifier_option_id, NEW.restaurant_id),
        table = 'order_item_modifiers', constraint = 'order_item_modifiers_option_fkey';
    end if;
    if TG_OP = 'INSERT' then
      if NEW.name is null or NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then
        NEW.name := coalesce(name, NEW.name);
      end if;
      if NEW.kind is null then
        NEW.kind := kind;
      end if;
    elsif NEW.modifier_option_id is distinct from OLD.modifier_option_id or NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then
      if NEW.name = OLD.name or NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then
        NEW.name := coalesce(name, NEW.name);
      end if;
      if NEW.kind is null or NEW.kind is not distinct from OLD.kind then
        NEW.kind := kind;
      end if;
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
