-- What a writer of orders may leave out: defaults, the number of the day, times, copies of names. BEFORE row triggers, because
-- they change the row. A null for something with a default means that it was left out, or is to stay as it is: ORMs name every
-- column.
--
-- Each function looks rows up in its own tables alone. Where FORCE ROW LEVEL SECURITY hides rows from the owner, a writer gets an
-- error instead of a wrong number.
--
-- They run for each row, and cost what they begin: a look-up 10 µs, a setting or an expression 1 to 2. So there is one look-up where
-- one will do, and what few rows need stands behind one condition.

-- +goose Up

-- +goose StatementBegin
create function complete_new_order() returns trigger
language plpgsql
security definer -- a writer needs no rights on restaurants, tables, users and counters
set search_path = pg_catalog, pg_temp
-- A session keeps the plans of its first rows: look-ups are by key, however small the tables were then. Left to choose, PostgreSQL
-- plans anew for each row that names no table or user, because that plan looks cheaper.
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
declare
  has_table boolean;
  has_taker boolean;
  fits      boolean; -- the table and the user are the restaurant's own; null where there is no such restaurant
begin
  if NEW.id is null or NEW.order_type is null or NEW.status is null or NEW.priority is null or NEW.customer_name is null
     or NEW.notes is null or NEW.allergy_note is null or NEW.created_at is null or NEW.updated_at is null
     or NEW.external_id = '' or NEW.status <> 'pending'
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
    if NEW.external_id = '' then
      NEW.external_id := null; -- what programs send that have no key of their own
    end if;
    -- An order that arrives in a later status became it when it was made, as far as anybody knows.
    case NEW.status
      when 'preparing' then NEW.preparing_at := coalesce(NEW.preparing_at, NEW.created_at);
      when 'ready'     then NEW.ready_at     := coalesce(NEW.ready_at,     NEW.created_at);
      when 'completed' then NEW.completed_at := coalesce(NEW.completed_at, NEW.created_at);
      when 'cancelled' then NEW.cancelled_at := coalesce(NEW.cancelled_at, NEW.created_at);
      else null;
    end case;
  end if;

  select kitchen.business_day(NEW.created_at, r.timezone, r.day_starts),
         coalesce(t.label, NEW.table_label), NEW.table_id is null or t.id is not null,
         coalesce(nullif(u.name, ''), u.username, NEW.created_by_name), NEW.created_by is null or u.id is not null,
         (NEW.table_id is null or t.id is not null) and (NEW.created_by is null or u.id is not null)
    into NEW.business_day, NEW.table_label, has_table, NEW.created_by_name, has_taker, fits
    from public.restaurants r
    left join public.tables t on t.id = NEW.table_id and t.restaurant_id = r.id
    left join public.users u on u.id = NEW.created_by and u.restaurant_id = r.id
   where r.id = NEW.restaurant_id;
  if fits is not true then
    if fits is null and NEW.restaurant_id is not null then -- of a null the NOT NULL constraint says it best
      raise foreign_key_violation using
        message = format('restaurant %s does not exist, or row-level security hides it from the owner of these tables', NEW.restaurant_id),
        hint = 'Insert it into restaurants first, or look for a mistake in orders.restaurant_id.',
        table = 'orders', constraint = 'orders_restaurant_id_fkey';
    end if;
    -- What replication brings was checked where it was written, and may be of a table that is gone by now.
    if current_setting('session_replication_role') <> 'replica' then
      if not has_table then
        raise foreign_key_violation using
          message = format('table %s does not exist in restaurant %s (orders_table_fkey), or row-level security hides it', NEW.table_id, NEW.restaurant_id),
          table = 'orders', constraint = 'orders_table_fkey';
      elsif not has_taker then
        raise foreign_key_violation using
          message = format('user %s does not exist in restaurant %s (orders_created_by_fkey), or row-level security hides it', NEW.created_by, NEW.restaurant_id),
          table = 'orders', constraint = 'orders_created_by_fkey';
      end if;
    end if;
  end if;
  if NEW.order_number is not null then
    perform kitchen.note_own_number(NEW.restaurant_id, NEW.business_day, NEW.order_number);
  elsif NEW.restaurant_id is not null then
    NEW.order_number := kitchen.next_order_number(NEW.restaurant_id, NEW.business_day);
  end if;
  -- Version 1, see 00007. A SERIALIZABLE transaction records it in kitchen.order_changes.
  if current_setting('transaction_isolation') = 'serializable' then
    NEW.kitchen_changes := 0;
    NEW.kitchen_xact    := null;
  else
    NEW.kitchen_changes := 1;
    NEW.kitchen_xact    := txid_current();
  end if;
  NEW.kitchen_changed_at := now();
  NEW.kitchen_came_at    := now();
  return NEW;
end
$$;
-- +goose StatementEnd

-- The business day of an order, the label of its table and the name of who took it. A function of its own, so that a changed status, which
-- needs nothing of it, does without its settings.
-- +goose StatementBegin
create function kitchen.order_names(restaurant uuid, table_id uuid, created_by uuid, created_at timestamptz, out day date, out label text, out taker text)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off -- see complete_new_order
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_variable
begin
  select kitchen.business_day(created_at, r.timezone, r.day_starts), t.label, coalesce(nullif(u.name, ''), u.username)
    into day, label, taker
    from public.restaurants r
    left join public.tables t on t.id = table_id and t.restaurant_id = r.id
    left join public.users u on u.id = created_by and u.restaurant_id = r.id
   where r.id = restaurant;
  if not found and restaurant is not null then
    raise foreign_key_violation using
      message = format('restaurant %s does not exist, or row-level security hides it from the owner of these tables', restaurant),
      table = 'orders', constraint = 'orders_restaurant_id_fkey';
  end if;
end
$$;
-- +goose StatementEnd

-- It knows what the statement does to an order, and says so to kitchen.watch_changed_orders (00007) in the setting kitchen.changed: for the
-- usual one order its id, its restaurant, the count of its changes (0 where this transaction has announced it), whether status or content
-- has changed, the status and the one before. For more than one, and where the rows have to be looked at, it says many, and stays so: a statement within
-- a statement would otherwise take what it finds there for its own.
-- +goose StatementBegin
create function complete_changed_order() returns trigger
language plpgsql
security definer -- a writer needs no rights on restaurants, tables, users and counters
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  rest    record := NEW; -- all but the status
  what    text;
  day     date;
  label   text;
  taker   text;
  kept    boolean; -- the number is one of the new day's
  xact    bigint;
  changes bigint; -- null where the rows have to be looked at, 0 where this transaction has counted the order
  ignored text;
begin
  rest.status := OLD.status;
  rest.updated_at := OLD.updated_at;
  if rest *= OLD and NEW.status <> OLD.status and NEW.updated_at is not null then
    what := 'status';
  else
    if NEW.order_number is null or NEW.order_type is null or NEW.status is null or NEW.priority is null or NEW.customer_name is null
       or NEW.notes is null or NEW.allergy_note is null or NEW.created_at is null or NEW.updated_at is null or NEW.external_id = ''
    then
      NEW.order_number  := coalesce(NEW.order_number, OLD.order_number);
      NEW.order_type    := coalesce(NEW.order_type, OLD.order_type);
      NEW.status        := coalesce(NEW.status, OLD.status);
      NEW.priority      := coalesce(NEW.priority, OLD.priority);
      NEW.customer_name := coalesce(NEW.customer_name, '');
      NEW.notes         := coalesce(NEW.notes, '');
      NEW.allergy_note  := coalesce(NEW.allergy_note, '');
      NEW.created_at    := coalesce(NEW.created_at, OLD.created_at);
      NEW.updated_at    := coalesce(NEW.updated_at, OLD.updated_at);
      NEW.external_id   := nullif(NEW.external_id, '');
    end if;

    if NEW.restaurant_id is distinct from OLD.restaurant_id or NEW.created_at <> OLD.created_at
       or NEW.table_id is distinct from OLD.table_id or NEW.created_by is distinct from OLD.created_by
       or NEW.order_number <> OLD.order_number or NEW.business_day is distinct from OLD.business_day
    then
      NEW.business_day := OLD.business_day;
      if NEW.restaurant_id is distinct from OLD.restaurant_id or NEW.created_at <> OLD.created_at
         or NEW.table_id is distinct from OLD.table_id or NEW.created_by is distinct from OLD.created_by
      then
        -- An order that moves to another restaurant leaves its table and its waiter behind, unless the writer named others.
        if NEW.restaurant_id is distinct from OLD.restaurant_id then
          perform set_config('kitchen.announced', '', true); -- which has the restaurant, see complete_new_line
          if NEW.table_id   is not distinct from OLD.table_id   then NEW.table_id   := null; NEW.table_label     := null; end if;
          if NEW.created_by is not distinct from OLD.created_by then NEW.created_by := null; NEW.created_by_name := null; end if;
        end if;
        select n.day, n.label, n.taker into day, label, taker
          from kitchen.order_names(NEW.restaurant_id, NEW.table_id, NEW.created_by, NEW.created_at) n;
        NEW.business_day := coalesce(day, OLD.business_day);
        if NEW.table_id is distinct from OLD.table_id then
          if NEW.table_id is not null and label is null and current_setting('session_replication_role') <> 'replica' then
            raise foreign_key_violation using
              message = format('table %s does not exist in restaurant %s (orders_table_fkey), or row-level security hides it', NEW.table_id, NEW.restaurant_id),
              table = 'orders', constraint = 'orders_table_fkey';
          end if;
          NEW.table_label := label;
        end if;
        if NEW.created_by is distinct from OLD.created_by then
          if NEW.created_by is not null and taker is null and current_setting('session_replication_role') <> 'replica' then
            raise foreign_key_violation using
              message = format('user %s does not exist in restaurant %s (orders_created_by_fkey), or row-level security hides it', NEW.created_by, NEW.restaurant_id),
              table = 'orders', constraint = 'orders_created_by_fkey';
          end if;
          NEW.created_by_name := taker;
        end if;
        -- A number belongs to a restaurant's day: in another one it stays only where nobody has it. One that was just given there stays.
        if NEW.restaurant_id is distinct from OLD.restaurant_id or NEW.business_day <> OLD.business_day then
          if NEW.order_number = OLD.order_number then
            NEW.order_number := kitchen.keep_order_number(NEW.restaurant_id, NEW.business_day, NEW.order_number);
          end if;
          kept := true;
        end if;
      end if;

      -- "on conflict do update set order_number = excluded.order_number": the number there was given by the insert that found the
      -- order already there. What the writer did not choose renumbers nothing.
      if NEW.order_number <> OLD.order_number and kept is not true then
        if kitchen.was_just_given(NEW.restaurant_id, NEW.business_day, NEW.order_number) then
          NEW.order_number := OLD.order_number;
        else
          perform kitchen.note_own_number(NEW.restaurant_id, NEW.business_day, NEW.order_number);
        end if;
      end if;
    end if;

    NEW.kitchen_changes    := OLD.kitchen_changes;
    NEW.kitchen_changed_at := OLD.kitchen_changed_at;
    NEW.kitchen_came_at    := OLD.kitchen_came_at;
    NEW.kitchen_xact       := OLD.kitchen_xact;
    if NEW.id is distinct from OLD.id or NEW.restaurant_id is distinct from OLD.restaurant_id then
      what := 'moved';
    elsif (NEW.order_number, NEW.order_type, NEW.priority, NEW.table_id, NEW.table_label, NEW.created_by, NEW.created_by_name,
           NEW.customer_name, NEW.notes, NEW.allergy_note, NEW.promised_at, NEW.created_at)
          is distinct from
          (OLD.order_number, OLD.order_type, OLD.priority, OLD.table_id, OLD.table_label, OLD.created_by, OLD.created_by_name,
           OLD.customer_name, OLD.notes, OLD.allergy_note, OLD.promised_at, OLD.created_at)
    then
      what := 'content';
    elsif NEW.status is distinct from OLD.status then
      what := 'status';
    -- When it left the queue, which makes it recalled, or a place in the list of those that may be.
    elsif greatest(NEW.completed_at, NEW.cancelled_at) is distinct from greatest(OLD.completed_at, OLD.cancelled_at) then
      what := 'content';
    end if;
    if what is null then
      return NEW; -- never null, even where nothing changed: ORMs check the row count
    end if;
  end if;

  if NEW.status is distinct from OLD.status then
    if NEW.status = 'preparing' and NEW.preparing_at is not distinct from OLD.preparing_at then
      NEW.preparing_at := now();
    elsif NEW.status = 'ready' and NEW.ready_at is not distinct from OLD.ready_at then
      NEW.ready_at := now();
    elsif NEW.status = 'completed' and NEW.completed_at is not distinct from OLD.completed_at then
      NEW.completed_at := now();
    elsif NEW.status = 'cancelled' and NEW.cancelled_at is not distinct from OLD.cancelled_at then
      NEW.cancelled_at := now();
    end if;
  end if;

  if what <> 'moved' and current_setting('transaction_isolation') <> 'serializable' then
    -- The version, once a transaction: see 00007.
    xact := txid_current();
    if OLD.kitchen_changed_at = now() and OLD.kitchen_xact = xact
       or current_setting('kitchen.recorded', true) is not distinct from 'on' and kitchen.has_recorded(OLD.id)
    then
      changes := 0;
    else
      changes := OLD.kitchen_changes + 1;
      NEW.kitchen_changes    := changes;
      NEW.kitchen_changed_at := now();
      NEW.kitchen_xact       := xact;
    end if;
  elsif what = 'moved' then -- that is recorded in kitchen.order_changes
    NEW.kitchen_came_at := now();
    if NEW.id is distinct from OLD.id then
      NEW.kitchen_changes := 0; -- for another order
      NEW.kitchen_xact    := null;
    end if;
  end if;
  ignored := set_config('kitchen.changed',
    case when changes is null or current_setting('kitchen.changed', true) <> '' then 'many'
         else concat_ws(' ', NEW.id, NEW.restaurant_id, changes, what, NEW.status,
                        case when NEW.status is distinct from OLD.status or NEW.order_type is distinct from OLD.order_type then OLD.status end) end,
    true);
  return NEW;
end
$$;
-- +goose StatementEnd

revoke execute on function complete_new_order(), complete_changed_order(), kitchen.order_names(uuid, uuid, uuid, timestamptz) from public;

-- They fire after other programs' triggers, which fire in the order of their names, so that they see what those make of the row.
create trigger "~orders_complete_insert" before insert on orders for each row execute function complete_new_order();
create trigger "~orders_complete_update" before update on orders for each row execute function complete_changed_order();

-- ALWAYS: they fire for logical replication and in sessions with session_replication_role = replica, too.
alter table orders enable always trigger "~orders_complete_insert";
alter table orders enable always trigger "~orders_complete_update";

-- +goose Down
drop trigger "~orders_complete_update" on orders;
drop trigger "~orders_complete_insert" on orders;
drop function complete_changed_order();
drop function kitchen.order_names(uuid, uuid, uuid, timestamptz);
drop function complete_new_order();
