-- Numbers: an order without one gets the next of its restaurant's business day, from 1 on. No two of a day are equal, and a
-- writer who would have to wait for another takes a number from a range of its own instead: numbers may have gaps.

-- +goose Up

-- The last number given, of each restaurant and business day. Written by the transaction that numbers orders, and so locked
-- until it ends. A number that was given is never given again, though its order be deleted or moved.
create table kitchen.order_numbers (
  restaurant_id uuid not null references public.restaurants on delete cascade,
  business_day  date not null,
  last          integer not null,
  held_by       bigint not null, -- the transaction that wrote this row
  held_since    timestamptz not null default now(), -- and when it began: a restored dump brings ids that another transaction may have
  primary key (restaurant_id, business_day)
) with (fillfactor = 50);

-- For those who would have to wait. The counters leave its range out.
create sequence kitchen.order_numbers_spare as integer minvalue 9000 maxvalue 99999 cycle;

-- The numbers of that range which are taken, by us or by tills with numbers of their own; of a few days, see tidy_order_changes. An
-- INSERT with ON CONFLICT finds here what other transactions have not committed, and what a SERIALIZABLE one may not look for.
create table kitchen.spare_numbers (
  restaurant_id uuid not null,
  business_day  date not null,
  number        integer not null,
  primary key (restaurant_id, business_day, number)
);
create index spare_numbers_past on kitchen.spare_numbers using brin (business_day);

-- The day on which a restaurant books an order. In UTC where the server has lost the restaurant's time zone: no order is refused
-- for that, and the doctor names the restaurant.
-- +goose StatementBegin
create function kitchen.business_day(at timestamptz, timezone text, day_starts time) returns date
language plpgsql
stable -- and without a search_path of its own: those who call it have one, and it is called for each order
as $$
begin
  return (at at time zone timezone - day_starts::interval)::date;
exception when invalid_parameter_value then
  return (at at time zone 'UTC' - day_starts::interval)::date;
end
$$;
-- +goose StatementEnd

-- Takes a spare number, one of 9000 to 99999; false where somebody has it. Numbers of the past are nobody's.
-- +goose StatementBegin
create function kitchen.take_spare_number(restaurant uuid, day date, number integer) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '1ms'
as $$
begin
  if day < current_date - 3 then
    return true;
  end if;
  insert into kitchen.spare_numbers values (restaurant, day, number) on conflict do nothing;
  return found;
exception when lock_not_available or serialization_failure then
  return false;
end
$$;
-- +goose StatementEnd

-- The last business day on which a till gave a number of its own, in days since 2000, so that later days are not looked through for such
-- numbers. It only rises, by itself and not with a transaction: who sees such a number sees its day here. nextval is enough: a day is one more.
create sequence kitchen.own_number_days minvalue 9000;

-- Whether a till may have given a number of its own on a day. Of days to come, which are rare, nothing is kept.
create function kitchen.has_own_numbers(day date) returns boolean
language sql
volatile -- see kitchen.is_silent
return day - date '2000-01-01' <= coalesce(pg_catalog.pg_sequence_last_value('kitchen.own_number_days'::regclass), 0) or day > current_date + 1;

-- +goose StatementBegin
create function kitchen.note_own_day(day date) returns void
language plpgsql
as $$
begin
  while not kitchen.has_own_numbers(least(day, current_date + 1)) loop
    perform nextval('kitchen.own_number_days');
  end loop;
end
$$;
-- +goose StatementEnd

-- Of the orders of a restaurant's day: what a till that gives a number of its own locks until it commits, because nobody else can
-- see that number. Tills share it and do not wait for each other, and one transaction has 1,024 of these at most: the server has few.
create function kitchen.own_numbers(restaurant uuid, day date) returns integer
language sql
stable
return (hashtext(restaurant::text) # timestamp_hash(day)) & 1023; -- not of texts: sessions write dates differently

-- +goose StatementBegin
create function kitchen.note_own_number(restaurant uuid, day date, number integer) returns void
language plpgsql
as $$
#variable_conflict use_variable
begin
  perform kitchen.note_own_day(day);
  if number between 9000 and 99999 and restaurant is not null then
    perform kitchen.take_spare_number(restaurant, day, number);
  elsif day >= current_date - 3 then
    perform pg_advisory_xact_lock_shared(hashtext('kitchen.own_numbers'), kitchen.own_numbers(restaurant, day));
  end if;
end
$$;
-- +goose StatementEnd

-- Whether a till has not committed a number of its own. The lock is held no longer than for looking.
create function kitchen.awaits_own_number(restaurant uuid, day date) returns boolean
language sql
return case when pg_try_advisory_lock(hashtext('kitchen.own_numbers'), kitchen.own_numbers(restaurant, day))
            then not pg_advisory_unlock(hashtext('kitchen.own_numbers'), kitchen.own_numbers(restaurant, day))
            else true end;

-- Gives the next number of a restaurant's day.
--
-- Within a transaction the numbers that it has reserved are kept in a setting, one of 64 kitchen.numbering_…: restaurant, day, the
-- next number and the last one reserved. The more orders a transaction writes, the more numbers it reserves at a time, so that the
-- counter is not written for each of 100,000. A setting falls back with a savepoint, as rows do.
--
-- SERIALIZABLE transactions take a spare number at once, because what they read here could make them fail. So does a
-- REPEATABLE READ transaction whose snapshot cannot see what others have counted since. (What tills have numbered since, below 9000,
-- it cannot see either.)
--
-- Nearly always it is the first number of a READ COMMITTED transaction, and the counter is there and free: then one statement takes it. Nearly
-- always no till gives numbers, and nobody else's need be looked at. Whether one does is asked when the counter is locked: one that did before has noted the day by then.
-- Not by waiting for the row under a short lock_timeout: that ends, rarely, as a cancelled statement when the lock comes at that very moment.
-- What only the others need is not even computed before, because each expression costs a transaction 1 to 2 µs.
-- The functions that call this one run with a pinned search_path.
-- +goose StatementBegin
create function kitchen.next_order_number(restaurant uuid, day date) returns integer
language plpgsql
set enable_sort = off -- else an index that is shorter than that of numbers may be taken, and all orders of the restaurant read
set row_security = off -- an error rather than a number twice, where a policy hides orders from the owner
set lock_timeout = '200ms'
as $$
#variable_conflict use_variable
declare
  slot    text;
  had     text;
  xact    bigint;
  kept    text[];
  mine    boolean;
  n       integer;
  upto    integer; -- reserved
  given   integer; -- by this transaction, to orders of this day
  until   timestamptz;
  highest integer;
begin
  begin
    if coalesce(current_setting('kitchen.numbering_' || (hashtext(restaurant::text) & 63), true), '') = ''
       and current_setting('transaction_isolation') = 'read committed'
    then
      update kitchen.order_numbers c set last = c.last + 1, held_by = txid_current(), held_since = now()
       where c.ctid = (select l.ctid from kitchen.order_numbers l -- a row that others have written since is not found by its place
                        where l.restaurant_id = restaurant and l.business_day = day for no key update skip locked)
      returning c.last into n;
      if n < 9000 then
        highest := n - 1;
        if kitchen.has_own_numbers(day) then
          highest := case when not kitchen.awaits_own_number(restaurant, day)
                          then coalesce((select o.order_number from public.orders o
                                          where o.restaurant_id = restaurant and o.business_day = day and o.order_number < 9000
                                          order by o.order_number desc limit 1), 0) end;
        end if;
        if highest = n - 1 then
          slot := set_config('kitchen.numbering_' || (hashtext(restaurant::text) & 63),
                             concat_ws(' ', restaurant, day, pg_current_xact_id(), n + 1, n, 1), true);
          return n;
        end if;
      end if;
    end if;

    until := clock_timestamp() + interval '0.8 s';
    had   := coalesce(current_setting('kitchen.numbering_' || (hashtext(restaurant::text) & 63), true), '');
    given := 0;
    upto  := n;
    xact := txid_current();
    kept := string_to_array(nullif(had, ''), ' ');
    mine := kept[1] = restaurant::text and kept[2] = day::text and kept[3] = xact::text;
    if mine and kept[4] <> 'spare' then
      n := kept[4]::integer;
      upto := kept[5]::integer;
      given := kept[6]::integer;
    end if;

    if n is null or n > upto then
      if mine and kept[4] = 'spare' or current_setting('transaction_isolation') = 'serializable' then
        n := null;
      elsif exists (select from kitchen.order_numbers c where c.restaurant_id = restaurant and c.business_day = day
                       and c.held_by = xact and c.held_since = now()) then
        update kitchen.order_numbers c set last = c.last + greatest(1, given / 2)
         where c.restaurant_id = restaurant and c.business_day = day
        returning c.last - greatest(1, given / 2) + 1, c.last into n, upto;
      elsif current_setting('transaction_isolation') = 'repeatable read' then
        begin
          n := kitchen.take_order_number(restaurant, day, xact, until);
        exception when serialization_failure then
          n := null;
        end;
        upto := n;
      else
        n := kitchen.take_order_number(restaurant, day, xact, until);
        upto := n;
      end if;
    end if;
  exception when lock_not_available then
    n := null; -- somebody has locked the table of counters
    until := clock_timestamp();
  end;
  slot := 'kitchen.numbering_' || (hashtext(restaurant::text) & 63);
  xact := txid_current();

  while n is not null and kitchen.awaits_own_number(restaurant, day) loop
    perform pg_sleep(0.001 + random() * 0.004);
    if clock_timestamp() > until then
      n := null;
    end if;
  end loop;

  if n is null then
    loop
      n := nextval('kitchen.order_numbers_spare');
      exit when clock_timestamp() > until + interval '0.2 s'; -- the list of those is locked: ours are different all the same
      exit when kitchen.take_spare_number(restaurant, day, n)
            and (current_setting('transaction_isolation') = 'serializable'
                 or n is distinct from (select o.order_number from public.orders o
                                         where o.restaurant_id = restaurant and o.business_day = day and o.order_number <= n
                                         order by o.order_number desc limit 1));
    end loop;
    perform set_config(slot, concat_ws(' ', restaurant, day, xact, 'spare', n), true);
    return n;
  end if;

  -- A till may have numbers of its own: counted on from there, unless they are a scheme of its own, of 9000 and more.
  highest := (select o.order_number from public.orders o
               where o.restaurant_id = restaurant and o.business_day = day and o.order_number < 9000
               order by o.order_number desc limit 1);
  if highest < 8999 and n < 9000 then
    n := greatest(n, highest + 1);
  else
    while n between 9000 and 99999 or n is not distinct from (select o.order_number from public.orders o
                                 where o.restaurant_id = restaurant and o.business_day = day and o.order_number <= n
                                 order by o.order_number desc limit 1) loop
      n := case when n between 9000 and 99999 then 100000 else n + 1 end;
    end loop;
  end if;
  if n > upto then
    update kitchen.order_numbers c set last = n where c.restaurant_id = restaurant and c.business_day = day;
    upto := n;
  end if;
  perform set_config(slot, concat_ws(' ', restaurant, day, xact, n + 1, upto, given + 1), true);
  return n;
end
$$;
-- +goose StatementEnd

-- Makes the counter of a day, for its first order; null where somebody else is just doing so. It waits for them for a millisecond.
-- +goose StatementBegin
create function kitchen.make_order_counter(restaurant uuid, day date, xact bigint) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '1ms'
as $$
#variable_conflict use_variable
declare
  n integer;
begin
  insert into kitchen.order_numbers as c (restaurant_id, business_day, last, held_by)
  values (restaurant, day, 1, xact) on conflict do nothing returning c.last into n;
  return n;
exception when lock_not_available then
  return null;
end
$$;
-- +goose StatementEnd

-- Locks the counter and takes one number from it; null where another transaction holds it for too long. It asks again and again and
-- never waits for a lock: PostgreSQL would count that as a part of a deadlock, and could choose another writer for its victim.
-- +goose StatementBegin
create function kitchen.take_order_number(restaurant uuid, day date, xact bigint, until timestamptz) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  n integer;
begin
  loop
    select c.last + 1 into n
      from kitchen.order_numbers c where c.restaurant_id = restaurant and c.business_day = day
       for no key update skip locked;
    if found then
      update kitchen.order_numbers c set last = n, held_by = xact, held_since = now()
       where c.restaurant_id = restaurant and c.business_day = day;
      return n;
    end if;
    if not exists (select from kitchen.order_numbers c where c.restaurant_id = restaurant and c.business_day = day) then
      n := kitchen.make_order_counter(restaurant, day, xact);
      if n is not null then
        return n;
      end if;
    end if;
    if clock_timestamp() > until then
      return null;
    end if;
    perform pg_sleep(0.001 + random() * 0.004);
  end loop;
end
$$;
-- +goose StatementEnd

-- The number that an order keeps when it comes to another restaurant or day: its own, where nobody has it there. The counter is
-- locked before looking, so that nobody is just being given it; where that would mean to wait, the order gets a spare one.
-- +goose StatementBegin
create function kitchen.keep_order_number(restaurant uuid, day date, number integer) returns integer
language plpgsql
set enable_sort = off -- as above
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
#variable_conflict use_variable
declare
  fresh constant integer := kitchen.next_order_number(restaurant, day);
begin
  if fresh <@ int4range '[9000,99999]'
     or number is not distinct from (select o.order_number from public.orders o
                                      where o.restaurant_id = restaurant and o.business_day = day and o.order_number <= number
                                      order by o.order_number desc limit 1)
     or number <@ int4range '[9000,99999]' and not kitchen.take_spare_number(restaurant, day, number)
  then
    return fresh;
  end if;
  perform kitchen.note_own_day(day); -- the counter comes to it later
  return number;
end
$$;
-- +goose StatementEnd

-- Whether a number of a restaurant's day is the last that this transaction was given.
-- +goose StatementBegin
create function kitchen.was_just_given(restaurant uuid, day date, number integer) returns boolean
language sql
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    (select k[1] = restaurant::text and k[2] = day::text and k[3] = pg_current_xact_id()::text
            and k[case k[4] when 'spare' then 5 else 4 end] = (number + case k[4] when 'spare' then 0 else 1 end)::text
       from string_to_array(nullif(current_setting('kitchen.numbering_' || (hashtext(restaurant::text) & 63), true), ''), ' ') k), false)
$$;
-- +goose StatementEnd

revoke execute on function kitchen.keep_order_number(uuid, date, integer), kitchen.was_just_given(uuid, date, integer) from public;
revoke execute on function kitchen.business_day(timestamptz, text, time), kitchen.next_order_number(uuid, date),
  kitchen.take_order_number(uuid, date, bigint, timestamptz), kitchen.take_spare_number(uuid, date, integer),
  kitchen.has_own_numbers(date), kitchen.note_own_day(date), kitchen.own_numbers(uuid, date), kitchen.note_own_number(uuid, date, integer), kitchen.awaits_own_number(uuid, date),
  kitchen.make_order_counter(uuid, date, bigint) from public;

-- +goose Down
drop function kitchen.was_just_given(uuid, date, integer);
drop function kitchen.keep_order_number(uuid, date, integer);
drop function kitchen.next_order_number(uuid, date);
drop function kitchen.take_order_number(uuid, date, bigint, timestamptz);
drop function kitchen.make_order_counter(uuid, date, bigint);
drop function kitchen.awaits_own_number(uuid, date);
drop function kitchen.note_own_number(uuid, date, integer);
drop function kitchen.own_numbers(uuid, date);
drop function kitchen.note_own_day(date);
drop function kitchen.has_own_numbers(date);
drop sequence kitchen.own_number_days;
drop function kitchen.take_spare_number(uuid, date, integer);
drop function kitchen.business_day(timestamptz, text, time);
drop table kitchen.spare_numbers;
drop sequence kitchen.order_numbers_spare;
drop table kitchen.order_numbers;
