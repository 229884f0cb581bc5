package notifier_test

// CoopCycle's tables: the restaurant of an order is in sylius_order_vendor. Who changes what a kitchen reads of an order locks that row before,
// so that a text of the old restaurant never gets into an order that moved meanwhile.

const coopcycleSequences = `;
	select setval(pg_get_serial_sequence(t, 'id'), 1000)
	  from unnest(array['restaurant', 'sylius_product', 'sylius_product_translation', 'sylius_product_variant']) t`

const coopcycleNoted = `create trigger zz_note after insert or update of state on sylius_order for each row execute function note_order()`

const coopcycleTenant = `
	with r as (insert into restaurant (name, enabled) values ($1, true) returning id),
	     p as (insert into sylius_product (code, enabled) select n::text, true from generate_series(1, 3) n returning id),
	     n as (insert into sylius_product_translation (translatable_id, name, locale) select id, $1 || ' dish ' || id, 'fr' from p),
	     v as (insert into sylius_product_variant (product_id, code) select id, 'x' from p),
	     o as (insert into restaurant_product (restaurant_id, product_id) select r.id, p.id from r, p)
	select id::text from r`

func coopcycleChanges() map[string]string {
	const variant = `(select v.id from sylius_product_variant v join restaurant_product r on r.product_id = v.product_id
		where r.restaurant_id = <tenant> order by v.id offset <nth line> limit 1)`
	const ours = `(select order_id from sylius_order_vendor where restaurant_id = <tenant>)`
	locked := func(order, body string) string {
		return `do $$ declare o int := ` + order + `; begin
			perform from sylius_order_vendor where order_id = o and restaurant_id = <tenant> for share; if found then ` + body + `; end if; end $$`
	}
	return map[string]string{
		"the order": `(select o.id from sylius_order o join sylius_order_vendor v on v.order_id = o.id
			where v.restaurant_id = <tenant> and o.state <> 'cancelled' order by o.id offset <nth order> limit 1)`,
		"the line": `(select id from sylius_order_item where order_id = <the order> order by id offset <nth line> limit 1)`,
		"insert": `with o as (insert into sylius_order (number, notes, state, takeaway) values ('<nth order>', '<text>', 'new', true) returning id)
			insert into sylius_order_vendor select id, <tenant>, 0, 0 from o`,
		"insert_cte": `with o as (insert into sylius_order (notes, state) values ('<text>', 'accepted') returning id),
			  v as (insert into sylius_order_vendor select id, <tenant>, 0, 0 from o),
			  i as (insert into sylius_order_item (order_id, variant_id, quantity, unit_price) select id, ` + variant + `, 1, 1 from o returning id)
			insert into sylius_adjustment (order_item_id, type, label, amount) select id, 'menu_item_modifier', 'hot', 0 from i`,
		// A cart that is placed.
		"insert_tx": `do $$ declare o int; begin insert into sylius_order (state) values ('cart') returning id into o; insert into sylius_order_vendor values (o, <tenant>, 0, 0);
			insert into sylius_order_item (order_id, variant_id, quantity, unit_price) values (o, ` + variant + `, 1, 1), (o, ` + variant + `, 2, 1);
			update sylius_order set state = 'new', notes = '<text>' where id = o; end $$`,
		"status":      `update sylius_order set state = '<status>', updated_at = now() where id = <the order>`,
		"recall":      `update sylius_order set state = 'started' where id = (select id from sylius_order where state in ('fulfilled', 'cancelled') and id in ` + ours + ` order by id limit 1)`,
		"notes":       locked(`<the order>`, `update sylius_order set notes = '<text>' where id = o`),
		"no_change":   `update sylius_order set notes = notes, total = total + 1 where id in ` + ours,
		"line":        locked(`<the order>`, `insert into sylius_order_item (order_id, variant_id, quantity, unit_price) values (o, `+variant+`, 1, 1)`),
		"line_update": `update sylius_order_item set quantity = quantity % 9 + 1 where id = <the line>`,
		"line_delete": `delete from sylius_order_item where id = <the line>`,
		"line_move": locked(`(select max(order_id) from sylius_order_vendor where restaurant_id = <tenant>)`,
			`update sylius_order_item set order_id = o where id = <the line>`),
		"modifier":        `insert into sylius_adjustment (order_item_id, type, label, amount) select id, 'menu_item_modifier', 'no onion', 0 from sylius_order_item where id = <the line>`,
		"modifier_delete": `delete from sylius_adjustment where order_item_id = <the line>`,
		"delete":          `do $$ declare o int := <the order>; begin delete from sylius_order_vendor where order_id = o; delete from sylius_order where id = o; end $$`,
		"move": `do $$ declare o int := <the order>; begin perform from sylius_order_vendor where order_id = o for update; delete from sylius_order_item where order_id = o;
			update sylius_order set notes = '<other canary>' where id = o; update sylius_order_vendor set restaurant_id = <other> where order_id = o; end $$`,
		"bulk_insert": `with o as (insert into sylius_order (notes, state) select '<text>', 'new' from generate_series(1, <many>) returning id)
			insert into sylius_order_vendor select id, <tenant>, 0, 0 from o`,
		"bulk_update": `update sylius_order set state = '<status>', takeaway = not takeaway where id in ` + ours,
		"bulk_delete": `with v as (delete from sylius_order_vendor where restaurant_id = <tenant> and order_id % 3 = <nth line> returning order_id)
			delete from sylius_order where id in (select order_id from v)`,
		"rollback": `begin; <insert>; update sylius_order set notes = 'never' where id in ` + ours + `; delete from sylius_order_item where id = <the line>; rollback`,
		"savepoint": `begin; update sylius_order set takeaway = not takeaway where id = <the order>; savepoint s; update sylius_order set notes = 'never' where id in ` + ours + `;
			rollback to s; <insert>; commit`,
		"exception": `do $$ begin begin delete from sylius_order_vendor where restaurant_id = <tenant>; raise exception 'x'; exception when others then null; end; <insert>; end $$`,
		// Locked, because an order that moved meanwhile would be in both restaurants.
		"conflict": `do $$ declare o int := <the order>; begin perform from sylius_order_vendor where order_id = o and restaurant_id = <tenant> for update; if found then
			insert into sylius_order_vendor values (o, <tenant>, 1, 1) on conflict (order_id, restaurant_id) do update set items_total = excluded.items_total; end if; end $$`,
		"menu": `update sylius_product_translation set name = name || '.' where translatable_id in (select product_id from restaurant_product where restaurant_id = <tenant>)`,
	}
}
