-- What a change of the host's rows means for the lines of orders, where their restaurant has stations. The order's own status
-- was changed by the host where it is not what it was when the kitchen last looked. It has announced the orders already, and an error
-- takes nothing of that back.
-- +goose StatementBegin
create function kitchen.follow_orders(ids kitchen.order_key[], some_gone boolean) returns void
language plpgsql
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  x record;
begin
  if current_setting('kitchen.left_to_node', true) <> '' and current_setting('kitchen.left_to_node', true) = pg_current_xact_id()::text then
    return; -- a lock could not be had before
  end if;
  if current_setting('kitchen.own_change', true) = 'on' or not exists (select from kitchen.stations) then
    return;
  end if;
  ids := array(select distinct k.id from unnest(ids) k (id)
                where exists (select from kitchen.orders o join kitchen.stations s on s.restaurant_id = o.restaurant_id where o.id = k.id)
                   or exists (select from kitchen.line_changes c where c.order_id = k.id));
  if ids = '{}' then
    return;
  end if;
  for x in
    select o.id, o.status, coalesce(c.status, 'pending') as was
      from unnest(ids) k (id)
     cross join lateral (select o.id, o.status from kitchen.orders o where o.id = k.id offset 0) o
      left join lateral (select c.status from kitchen.line_changes c where c.order_id = o.id and c.line_id is null
                          order by c.seq desc limit 1) c on true
     where o.status <> coalesce(c.status, 'pending')
  loop
    perform kitchen.follow_order(x.id, x.was, x.status);
  end loop;
  perform kitchen.sync_line_states(ids, some_gone);
exception when lock_not_available then -- a node sets the derived status when it reads the order; the rest of the transaction is announced
  perform set_config('kitchen.left_to_node', pg_current_xact_id()::text, true);
when others then
  perform kitchen.note_error('kitchen.line_changes', SQLSTATE, SQLERRM, null);
end
$$;
-- +goose StatementEnd
