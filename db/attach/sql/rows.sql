-- kitchen.orders, but those that have no restaurant (yet), and what the order's own row says of its changes: nothing, in the host's tables. The version is in kitchen.order_changes.
create view kitchen.order_rows as
select o.id, o.restaurant_id, o.open, o.status, o.order_number, o.order_type, o.priority, o.table_id, o.table_label, o.created_by,
       o.created_by_name, o.customer_name, o.notes, o.allergy_note, o.promised_at, o.created_at, o.left_at,
       0::bigint as changes, null::timestamptz as changed_at, null::timestamptz as came_at
  from kitchen.orders o
 where o.restaurant_id is not null;
