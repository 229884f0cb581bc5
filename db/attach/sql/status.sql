
-- Sets an order's status for a display that saw it in a version, and returns the version that this made; null where somebody has
-- changed the order meanwhile, and then nothing is set. kitchen.set_status takes the host's lock of the row; what was committed before
-- that is seen by the next query, which has a snapshot of its own in READ COMMITTED. It runs with the caller's rights and
-- search_path, because triggers of the host may fire in it.
-- +goose StatementBegin
create function kitchen.change_status(id kitchen.order_key, seen bigint, wanted text) returns bigint
language plpgsql
as $$
#variable_conflict use_variable
declare
  became  text;
  version bigint;
begin
  perform kitchen.set_status(id, wanted);
  select o.status, coalesce((select sum(c.version) from kitchen.order_changes c where c.order_id = id), 0)
    into became, version
    from kitchen.orders o where o.id = id;
  if became is distinct from wanted then
    raise exception 'kitchen.set_status left order % in status %', id, coalesce(became, 'none') using errcode = 'KI001';
  end if;
  if version not in (seen, seen + 1) then
    raise exception 'somebody else changed order %', id using errcode = 'KI002';
  end if;
  return version;
exception when sqlstate 'KI002' then
  return null;
end
$$;
-- +goose StatementEnd
