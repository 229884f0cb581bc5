-- What a writer of orders may leave out, and what it may not set: defaults, the number of the day, version and times.
-- BEFORE row triggers, because they change the row. A null for something with a default means that it was left out:
-- ORMs name every column.

-- +goose Up

-- Held by the transaction that numbers orders of a restaurant, until it ends: one writer at a time, so that no number is
-- given twice. A row and not an advisory lock, because an import for 10,000 restaurants would exhaust the lock table;
-- written and not only locked, so that of two REPEATABLE READ writers, who cannot see each other's number, one is told
-- to try again. The number itself is read from orders: a rolled-back or upserted order leaves no gap.
create table order_numbering (
  restaurant_id uuid primary key references restaurants on delete cascade,
  held_by       bigint not null
) with (fillfactor = 50);

-- +goose StatementBegin
create function complete_new_order() returns trigger
language plpgsql
security definer -- a writer needs no rights on restaurants and order_numbering
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- the plan of the number's look-up outlives the moment when orders was small
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
  xact constant bigint := pg_current_xact_id()::text::bigint;
  held boolean;
begin
  NEW.id            := coalesce(NEW.id, gen_random_uuid());
  NEW.order_type    := coalesce(NEW.order_type, 'dine_in');
  NEW.status        := coalesce(NEW.status, 'pending');
  NEW.priority      := coalesce(NEW.priority, 0);
  NEW.customer_name := coalesce(NEW.customer_name, '');
  NEW.notes         := coalesce(NEW.notes, '');
  NEW.allergy_note  := coalesce(NEW.allergy_note, '');
  NEW.created_at    := coalesce(NEW.created_at, now());
  NEW.updated_at    := coalesce(NEW.updated_at, now());
  NEW.version       := 1;
  NEW.written_by    := xact;

  -- An order that arrives in a later status became it when it was made, as far as anybody knows.
  case NEW.status
    when 'preparing' then NEW.preparing_at := coalesce(NEW.preparing_at, NEW.created_at);
    when 'ready'     then NEW.ready_at     := coalesce(NEW.ready_at,     NEW.created_at);
    when 'completed' then NEW.completed_at := coalesce(NEW.completed_at, NEW.created_at);
    when 'cancelled' then NEW.cancelled_at := coalesce(NEW.cancelled_at, NEW.created_at);
    else null;
  end case;

  if NEW.restaurant_id is null then
    return NEW; -- the NOT NULL constraint says it best
  end if;

  select (NEW.created_at at time zone r.timezone - r.day_starts::interval)::date, n.held_by = xact
    into NEW.business_day, held
    from public.restaurants r left join public.order_numbering n on n.restaurant_id = r.id
   where r.id = NEW.restaurant_id;
  if not found then
    raise foreign_key_violation using
      message = format('restaurant %s does not exist', NEW.restaurant_id),
      hint = 'Insert it into restaurants first, or look for a mistake in orders.restaurant_id.',
      table = 'orders', constraint = 'orders_restaurant_id_fkey';
  end if;

  if NEW.order_number is null then
    if held is not true then -- of 100,000 rows the first takes it, and the others make no new version of it
      insert into public.order_numbering (restaurant_id, held_by) values (NEW.restaurant_id, xact)
        on conflict (restaurant_id) do update set held_by = excluded.held_by;
    end if;
    -- A query of its own, after the wait, for a snapshot of its own. Not max(): its plan for a day of few orders reads
    -- the whole day, and is kept when the orders are many. Numbers of a million and more are some till's own scheme: not
    -- counted on from there.
    select coalesce((
      select o.order_number from public.orders o
       where o.restaurant_id = NEW.restaurant_id and o.business_day = NEW.business_day and o.order_number < 1000000
       order by o.order_number desc limit 1), 0) + 1
      into NEW.order_number;
  end if;
  return NEW;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create function complete_changed_order() returns trigger
language plpgsql
security definer -- a writer needs no rights on restaurants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  xact constant bigint := pg_current_xact_id()::text::bigint;
begin
  NEW.customer_name := coalesce(NEW.customer_name, '');
  NEW.notes         := coalesce(NEW.notes, '');
  NEW.allergy_note  := coalesce(NEW.allergy_note, '');

  -- An order that moves to another restaurant leaves its table and its waiter behind, unless the writer named others.
  if NEW.restaurant_id is distinct from OLD.restaurant_id then
    if NEW.table_id   is not distinct from OLD.table_id   then NEW.table_id   := null; end if;
    if NEW.created_by is not distinct from OLD.created_by then NEW.created_by := null; end if;
  end if;

  if NEW.status is distinct from OLD.status then
    case NEW.status
      when 'preparing' then
        if NEW.preparing_at is not distinct from OLD.preparing_at then NEW.preparing_at := now(); end if;
      when 'ready' then
        if NEW.ready_at is not distinct from OLD.ready_at then NEW.ready_at := now(); end if;
      when 'completed' then
        if NEW.completed_at is not distinct from OLD.completed_at then NEW.completed_at := now(); end if;
      when 'cancelled' then
        if NEW.cancelled_at is not distinct from OLD.cancelled_at then NEW.cancelled_at := now(); end if;
      else null;
    end case;
  end if;

  -- The version rises with what a kitchen sees and with nothing else: prices, payments and other programs' columns do
  -- not count. A change of the lines arrives here as an update of written_by: see touch_orders_of_items.
  if (NEW.id, NEW.restaurant_id, NEW.order_number, NEW.order_type, NEW.status, NEW.priority, NEW.table_id,
      NEW.created_by, NEW.customer_name, NEW.notes, NEW.allergy_note, NEW.promised_at, NEW.created_at,
      NEW.completed_at is null and NEW.cancelled_at is null)
     is distinct from
     (OLD.id, OLD.restaurant_id, OLD.order_number, OLD.order_type, OLD.status, OLD.priority, OLD.table_id,
      OLD.created_by, OLD.customer_name, OLD.notes, OLD.allergy_note, OLD.promised_at, OLD.created_at,
      OLD.completed_at is null and OLD.cancelled_at is null)
     or NEW.written_by = xact and OLD.written_by <> xact
  then
    NEW.version    := OLD.version + 1;
    NEW.updated_at := now();
    NEW.written_by := xact;
  else
    NEW.version    := OLD.version;
    NEW.updated_at := OLD.updated_at;
    NEW.written_by := OLD.written_by;
  end if;

  NEW.business_day := OLD.business_day;
  if NEW.restaurant_id is distinct from OLD.restaurant_id or NEW.created_at is distinct from OLD.created_at then
    NEW.business_day := coalesce((
      select (NEW.created_at at time zone r.timezone - r.day_starts::interval)::date
        from public.restaurants r where r.id = NEW.restaurant_id), OLD.business_day);
  end if;
  return NEW; -- never null, even where nothing changed: ORMs check the row count
end
$$;
-- +goose StatementEnd

revoke execute on function complete_new_order(), complete_changed_order() from public;

create trigger orders_complete_insert before insert on orders for each row execute function complete_new_order();
create trigger orders_complete_update before update on orders for each row execute function complete_changed_order();

-- ALWAYS: they fire for logical replication and in sessions with session_replication_role = replica, too.
alter table orders enable always trigger orders_complete_insert;
alter table orders enable always trigger orders_complete_update;

-- +goose Down
drop trigger orders_complete_update on orders;
drop trigger orders_complete_insert on orders;
drop function complete_changed_order();
drop function complete_new_order();
drop table order_numbering;
