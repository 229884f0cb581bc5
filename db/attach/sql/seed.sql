
-- The orders that are open now, in version 0: whose they are is known when they move or go.
insert into kitchen.order_changes (order_id, restaurant_id, version, xact)
select o.id, o.restaurant_id, 0, 0 from kitchen.orders o where o.open and o.restaurant_id is not null;
