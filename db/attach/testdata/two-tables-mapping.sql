create view kitchen.restaurants as select id, title as name, coalesce(tz,'UTC') as timezone from venues;
create view kitchen.users as select 'screen-' || right(id::text,1) as id, id as restaurant_id, 'Screen' as name, 'kitchen' as role, true as is_active from venues;
create view kitchen.orders as
select 'd-' || d.id as id, d.venue as restaurant_id, d.state in (0, 1) as open, case d.state when 0 then 'pending' when 1 then 'preparing' else 'completed' end as status,
       d.id as order_number, 'dine_in' as order_type, 0 as priority, null as table_id, d.tbl::text as table_label, null as created_by, null as created_by_name,
       '' as customer_name, '' as notes, '' as allergy_note, null::timestamptz as promised_at, d.created as created_at, null::timestamptz as left_at from dinein d
union all
select 'o-' || o.ref, o.venue, o.phase in ('in','made'), case o.phase when 'in' then 'pending' when 'made' then 'ready' else 'completed' end,
       0, 'delivery', 0, null, null, null, null, o.customer, '', '', o.due, o.created, null from online o;
create view kitchen.lines as select e.kind || '-' || e.parent || '-' || e.no as id, e.kind || '-' || e.parent as order_id, null as menu_item_id, null as category, e.what as name, e.n as quantity, '' as notes, e.no as position, 1 as course, false as held from entries e;
create view kitchen.modifiers as select e.kind || '-' || e.parent || '-' || e.no || '-' || x.k as id, e.kind || '-' || e.parent || '-' || e.no as line_id, null as modifier_option_id, x.name, 1 as quantity, null as kind, x.k::int as position from entries e cross join lateral unnest(e.extras) with ordinality x(name,k);
create view kitchen.watch (source, order_id, restaurant_id) as values ('dinein', '''d-'' || id', null), ('online', '''o-'' || ref', null), ('entries', 'kind || ''-'' || parent', null), ('venues', null, 'id');
