-- What a writer of lines and modifiers may leave out: the restaurant, the name, the position.

-- +goose Up

-- What these functions cost is, in each transaction, what they begin: a look-up some 10 µs, an expression 1 to 2. So there is one
-- look-up for all that is left out and one condition for all that may be wrong with what it finds; the reason is looked for afterwards.
-- Its snapshot is its own and sees the earlier rows of the same statement: a line finds an order that a CTE has just handed over.
-- A name that nobody sees is none; the pattern of one is an e'…', which means the same in every session, whatever its
-- standard_conforming_strings is. Nearly every name begins with a letter of ASCII, and is not matched against it.
--
-- kitchen.told holds the ids of the last order that this transaction has announced as new, of its restaurant and of its lines. What
-- is written to them needs no look-up of the order or the line: the foreign keys prove what was taken from there. A line of another
-- order sets kitchen.untold_lines, for the rest of the transaction, and a modifier kitchen.untold_modifiers; without that the
-- statement triggers, which announce the order, have nothing to look for. (A WHEN clause that asks so is read anew in each statement,
-- which takes as many instructions as to call them.)
--
-- What is called for its effect is assigned, because PERFORM is a query. No look-up is by null: a plan of null would look so cheap that PostgreSQL planned anew for each row.
-- +goose StatementBegin
create function complete_order_item() returns trigger
language plpgsql
security definer -- a writer of lines needs no rights on orders and menu_items
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- see complete_new_order
as $$
#variable_conflict use_variable
declare
  told     text := current_setting('kitchen.told', true);
  item     uuid; -- null where the menu does not have it
  name     text;
  category text;
begin
  if TG_OP = 'INSERT' then
    if NEW.id is null or NEW.quantity is null or NEW.notes is null or NEW.held is null then
      NEW.id       := coalesce(NEW.id, gen_random_uuid());
      NEW.quantity := coalesce(NEW.quantity, 1);
      NEW.notes    := coalesce(NEW.notes, '');
      NEW.held     := coalesce(NEW.held, false);
    end if;
    if starts_with(told, NEW.order_id::text) then
      if NEW.restaurant_id is null then
        NEW.restaurant_id := substr(told, 38, 36)::uuid;
      end if;
      if length(told) < 1500 then
        told := set_config('kitchen.told', told || ' ' || NEW.id, true);
      end if;
    else
      if told <> '' then
        told := set_config('kitchen.told', '', true); -- this may be a line that was deleted from there
      end if;
      told := set_config('kitchen.untold_lines', 'on', true);
      if NEW.restaurant_id is null then
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
    end if;
    if NEW.menu_item_id is not null then
      select m.id, coalesce(NEW.category, m.category), coalesce(NEW.position, nextval('public.order_positions')),
             case when NEW.name ~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then NEW.name else coalesce(nullif(m.kitchen_name, ''), m.name, NEW.name) end
        into item, NEW.category, NEW.position, NEW.name
        from (select) this left join public.menu_items m on m.id = NEW.menu_item_id and m.restaurant_id = NEW.restaurant_id;
    else
      NEW.position := coalesce(NEW.position, nextval('public.order_positions'));
    end if;
  else
    if NEW.quantity is not null and NEW.notes is not null and NEW.held is not null and NEW.position is not null
       and NEW.id = OLD.id and NEW.order_id = OLD.order_id and NEW.restaurant_id = OLD.restaurant_id
       and NEW.menu_item_id is not distinct from OLD.menu_item_id and NEW.name = OLD.name
    then
      return NEW;
    end if;
    told := set_config('kitchen.told', '', true); -- a line that leaves its order is none of it
    NEW.id       := coalesce(NEW.id, gen_random_uuid());
    NEW.quantity := coalesce(NEW.quantity, OLD.quantity, 1);
    NEW.notes    := coalesce(NEW.notes, '');
    NEW.held     := coalesce(NEW.held, OLD.held, false);
    NEW.position := coalesce(NEW.position, OLD.position, nextval('public.order_positions'));
    NEW.name     := coalesce(NEW.name, OLD.name);
    if NEW.restaurant_id is null then
      NEW.restaurant_id := (select o.restaurant_id from public.orders o where o.id = NEW.order_id);
    end if;
    -- The line follows its order to another restaurant, whose menu is another.
    if NEW.restaurant_id is distinct from OLD.restaurant_id and NEW.menu_item_id is not distinct from OLD.menu_item_id then
      NEW.menu_item_id := null;
    end if;
    item := OLD.menu_item_id;
    if NEW.menu_item_id is distinct from OLD.menu_item_id or NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then
      select m.id, coalesce(nullif(m.kitchen_name, ''), m.name), m.category into item, name, category
        from public.menu_items m where m.id = NEW.menu_item_id and m.restaurant_id = NEW.restaurant_id;
      if NEW.menu_item_id is not null then
        if NEW.name = OLD.name or NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then
          NEW.name := coalesce(name, NEW.name);
        end if;
        if NEW.category is null or NEW.category is not distinct from OLD.category then
          NEW.category := category;
        end if;
      end if;
    end if;
  end if;

  if NEW.menu_item_id is distinct from item or (ascii(NEW.name) between 33 and 126 or NEW.name ~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]') is not true then
    -- What replication brings was checked where it was written, and may be of a dish that is gone by now.
    if NEW.menu_item_id is not null and NEW.menu_item_id is distinct from item and current_setting('session_replication_role') <> 'replica' then
      raise foreign_key_violation using
        message = format('menu item %s does not exist in restaurant %s, or row-level security hides it', NEW.menu_item_id, NEW.restaurant_id),
        table = 'order_items', constraint = 'order_items_menu_item_fkey';
    elsif NEW.name is null then
      raise not_null_violation using
        message = 'a line needs a menu_item_id or a name', table = 'order_items', column = 'name';
    elsif NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then
      raise check_violation using
        message = 'a line needs a name that can be seen', table = 'order_items', column = 'name', constraint = 'order_items_name_not_blank';
    end if;
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
as $$
#variable_conflict use_variable
declare
  told   text := current_setting('kitchen.told', true);
  option uuid; -- null where the menu does not have it
  id     uuid; -- of the order
  name   text;
  kind   text;
begin
  if TG_OP = 'INSERT' then
    if NEW.id is null or NEW.quantity is null then
      NEW.id       := coalesce(NEW.id, gen_random_uuid());
      NEW.quantity := coalesce(NEW.quantity, 1);
    end if;
    if strpos(told, NEW.order_item_id::text) > 74 then
      if NEW.restaurant_id is null then
        NEW.restaurant_id := substr(told, 38, 36)::uuid;
      end if;
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
      if starts_with(told, id::text) is not true then
        told := set_config('kitchen.untold_modifiers', 'on', true);
      end if;
    end if;
    if NEW.modifier_option_id is not null then
      select m.id, coalesce(NEW.kind, m.kind), coalesce(NEW.position, nextval('public.order_positions')),
             case when NEW.name ~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then NEW.name else coalesce(m.name, NEW.name) end
        into option, NEW.kind, NEW.position, NEW.name
        from (select) this left join public.modifier_options m on m.id = NEW.modifier_option_id and m.restaurant_id = NEW.restaurant_id;
    else
      NEW.position := coalesce(NEW.position, nextval('public.order_positions'));
    end if;
  else
    if NEW.id is not null and NEW.quantity is not null and NEW.position is not null and NEW.restaurant_id = OLD.restaurant_id
       and NEW.modifier_option_id is not distinct from OLD.modifier_option_id and NEW.name = OLD.name
    then
      return NEW;
    end if;
    NEW.id       := coalesce(NEW.id, gen_random_uuid());
    NEW.quantity := coalesce(NEW.quantity, OLD.quantity, 1);
    NEW.position := coalesce(NEW.position, OLD.position, nextval('public.order_positions'));
    NEW.name     := coalesce(NEW.name, OLD.name);
    if NEW.restaurant_id is null then
      NEW.restaurant_id := (select i.restaurant_id from public.order_items i where i.id = NEW.order_item_id);
    end if;
    if NEW.restaurant_id is distinct from OLD.restaurant_id and NEW.modifier_option_id is not distinct from OLD.modifier_option_id then
      NEW.modifier_option_id := null;
    end if;
    option := OLD.modifier_option_id;
    if NEW.modifier_option_id is distinct from OLD.modifier_option_id or NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then
      select m.id, m.name, m.kind into option, name, kind
        from public.modifier_options m where m.id = NEW.modifier_option_id and m.restaurant_id = NEW.restaurant_id;
      if NEW.modifier_option_id is not null then
        if NEW.name = OLD.name or NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then
          NEW.name := coalesce(name, NEW.name);
        end if;
        if NEW.kind is null or NEW.kind is not distinct from OLD.kind then
          NEW.kind := kind;
        end if;
      end if;
    end if;
  end if;

  if NEW.modifier_option_id is distinct from option or (ascii(NEW.name) between 33 and 126 or NEW.name ~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]') is not true then
    if NEW.modifier_option_id is not null and NEW.modifier_option_id is distinct from option
       and current_setting('session_replication_role') <> 'replica' then
      raise foreign_key_violation using
        message = format('modifier option %s does not exist in restaurant %s, or row-level security hides it', NEW.modifier_option_id, NEW.restaurant_id),
        table = 'order_item_modifiers', constraint = 'order_item_modifiers_option_fkey';
    elsif NEW.name is null then
      raise not_null_violation using
        message = 'a modifier needs a modifier_option_id or a name', table = 'order_item_modifiers', column = 'name';
    elsif NEW.name !~ e'[^\\s\\u00ad\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u2064\\u2800\\u3000\\u3164\\ufeff]' then
      raise check_violation using message = 'a modifier needs a name that can be seen',
        table = 'order_item_modifiers', column = 'name', constraint = 'order_item_modifiers_name_not_blank';
    end if;
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
