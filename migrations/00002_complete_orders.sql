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

-- Look-ups are what these functions cost, a second one as much as everything else: so there is one where one will do.
-- Expressions with now() and the like take a snapshot each, and are kept away from rows that leave nothing out.
-- +goose StatementBegin
create function complete_new_order() returns trigger
language plpgsql
security definer -- a writer needs no rights on restaurants and order_numbering
set search_path = pg_catalog, pg_temp
-- A session keeps the plan of its first row. Look-ups are by key, however small the tables were then; and that plan is as
-- good as any, so that making one for each of the first rows, or for every row, is wasted.
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
  xact constant bigint := pg_current_xact_id()::text::bigint;
begin
  if NEW.id is null or NEW.order_type is null or NEW.status is null or NEW.priority is null or NEW.customer_name is null
     or NEW.notes is null or NEW.allergy_note is null or NEW.created_at is null or NEW.updated_at is null
  then
    NEW.id            := coalesce(NEW.id, gen_random_uuid());
    NEW.order_type    := coalesce(NEW.order_type, 'dine_in');
    NEW.status        := coalesce(NEW.status, 'pending');
    NEW.priority      := coalesce(NEW.priority, 0);
    NEW.customer_name := coalesce(NEW.customer_name, '');
    NEW.notes         := coalesce(NEW.notes, '');
    NEW.allergy_note  := coalesce(NEW.allergy_note, '');
    NEW.created_at    := coalesce(NEW.created_at, now());
    NEW.updated_at    := coalesce(NEW.updated_at, now());
  end if;
  NEW.version     := 1;
  NEW.written_by  := xact;
  NEW.last_change := 'created';

  -- An order that arrives in a later status became it when it was made, as far as anybody knows.
  if NEW.status <> 'pending' then
    case NEW.status
      when 'preparing' then NEW.preparing_at := coalesce(NEW.preparing_at, NEW.created_at);
      when 'ready'     then NEW.ready_at     := coalesce(NEW.ready_at,     NEW.created_at);
      when 'completed' then NEW.completed_at := coalesce(NEW.completed_at, NEW.created_at);
      when 'cancelled' then NEW.cancelled_at := coalesce(NEW.cancelled_at, NEW.created_at);
      else null;
    end case;
  end if;

  if NEW.order_number is not null then
    select (NEW.created_at at time zone r.timezone - r.day_starts::interval)::date
      into NEW.business_day
      from public.restaurants r where r.id = NEW.restaurant_id;
  else
    -- Of 100,000 rows the first takes it, and the others make no new version of it.
    insert into public.order_numbering as n (restaurant_id, held_by)
      select r.id, xact from public.restaurants r where r.id = NEW.restaurant_id
      on conflict (restaurant_id) do update set held_by = xact where n.held_by <> xact;
    -- A query of its own, after the wait, for a snapshot of its own. Not max(): its plan for a day of few orders reads
    -- the whole day, and is kept when the orders are many. Numbers of a million and more are some till's own scheme: not
    -- counted on from there.
    select d.business_day, coalesce((
             select o.order_number from public.orders o
              where o.restaurant_id = NEW.restaurant_id and o.business_day = d.business_day and o.order_number < 1000000
              order by o.order_number desc limit 1), 0) + 1
      into NEW.business_day, NEW.order_number
      from (select (NEW.created_at at time zone r.timezone - r.day_starts::interval)::date as business_day
              from public.restaurants r where r.id = NEW.restaurant_id offset 0) d;
  end if;
  if not found and NEW.restaurant_id is not null then -- of a null the NOT NULL constraint says it best
    raise foreign_key_violation using
      message = format('restaurant %s does not exist', NEW.restaurant_id),
      hint = 'Insert it into restaurants first, or look for a mistake in orders.restaurant_id.',
      table = 'orders', constraint = 'orders_restaurant_id_fkey';
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
  if NEW.customer_name is null or NEW.notes is null or NEW.allergy_note is null then
    NEW.customer_name := coalesce(NEW.customer_name, '');
    NEW.notes         := coalesce(NEW.notes, '');
    NEW.allergy_note  := coalesce(NEW.allergy_note, '');
  end if;

  NEW.business_day := OLD.business_day;
  if NEW.restaurant_id is distinct from OLD.restaurant_id or NEW.created_at is distinct from OLD.created_at then
    -- An order that moves to another restaurant leaves its table and its waiter behind, unless the writer named others.
    if NEW.restaurant_id is distinct from OLD.restaurant_id then
      if NEW.table_id   is not distinct from OLD.table_id   then NEW.table_id   := null; end if;
      if NEW.created_by is not distinct from OLD.created_by then NEW.created_by := null; end if;
    end if;
    NEW.business_day := coalesce((
      select (NEW.created_at at time zone r.timezone - r.day_starts::interval)::date
        from public.restaurants r where r.id = NEW.restaurant_id), OLD.business_day);
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
  -- not count. A change of the lines arrives here as an update of written_by: see touch_orders_of_items. What it was is
  -- written down for announce_updated_orders, which would have to put old rows and new together again to find out.
  NEW.last_change := case
    when (NEW.id, NEW.restaurant_id) is distinct from (OLD.id, OLD.restaurant_id) then 'moved'
    when (NEW.order_number, NEW.order_type, NEW.priority, NEW.table_id, NEW.created_by, NEW.customer_name, NEW.notes,
          NEW.allergy_note, NEW.promised_at, NEW.created_at)
         is distinct from
         (OLD.order_number, OLD.order_type, OLD.priority, OLD.table_id, OLD.created_by, OLD.customer_name, OLD.notes,
          OLD.allergy_note, OLD.promised_at, OLD.created_at)
         or NEW.written_by = xact and OLD.written_by <> xact then 'content'
    when NEW.status is distinct from OLD.status then 'status'
    when (NEW.completed_at is null and NEW.cancelled_at is null)
         <> (OLD.completed_at is null and OLD.cancelled_at is null) then 'content' -- it is recalled, or no longer
    else 'none' end;

  if NEW.last_change <> 'none' then
    NEW.version    := OLD.version + 1;
    NEW.updated_at := now();
    NEW.written_by := xact;
  else
    NEW.version    := OLD.version;
    NEW.updated_at := OLD.updated_at;
    NEW.written_by := OLD.written_by;
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
