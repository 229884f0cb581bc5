
-- Moves an order, if nothing has changed it since the version that was seen: else it raises an error, and nothing is done.
-- kitchen.set_status takes the host's lock of the row; what was committed before that is seen by the next query, which has a snapshot
-- of its own in READ COMMITTED. It runs with the caller's rights and search_path, because triggers of the host may fire in it.
-- +goose StatementBegin
create function kitchen.change_status(restaurant kitchen.restaurant_key, id kitchen.order_key, status text, seen bigint)
returns bigint
language plpgsql
as $$
#variable_conflict use_variable
declare
  became  text;
  version bigint;
begin
  perform 1 from kitchen.orders o where o.id = id and (o.restaurant_id = restaurant) is true;
  if not found then
    raise no_data_found using message = 'the order is not there';
  end if;
  perform kitchen.set_status(id, status);
  select o.status, o.changes + coalesce((select sum(c.version) from kitchen.order_changes c where c.order_id = id), 0)
    into became, version
    from kitchen.order_rows o where o.id = id;
  if became is distinct from status then
    raise exception 'kitchen.set_status left order % in status %', id, coalesce(became, 'none');
  end if;
  if version not in (seen, seen + 1) then
    raise serialization_failure using message = 'somebody else has changed the order', constraint = 'kitchen_change_status';
  end if;
  return version;
end
$$;
-- +goose StatementEnd
