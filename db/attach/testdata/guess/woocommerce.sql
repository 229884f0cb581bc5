-- WooCommerce with its own order tables: words with a prefix, quantities in a table of pairs.
create table wp_users ("ID" bigserial primary key, user_login varchar(60) not null, user_email varchar(100), display_name varchar(250) not null, user_status int not null default 0);
create table wp_wc_orders (id bigint primary key, status varchar(20), currency varchar(10), type varchar(20), tax_amount numeric(26,8), total_amount numeric(26,8), customer_id bigint, billing_email varchar(320), date_created_gmt timestamp, date_updated_gmt timestamp, parent_order_id bigint, payment_method varchar(100), customer_note text);
create table wp_wc_orders_meta (id bigserial primary key, order_id bigint, meta_key varchar(255), meta_value text);
create table wp_wc_order_stats (order_id bigint primary key, parent_id bigint not null, date_created timestamp not null, num_items_sold int not null, status varchar(200) not null, customer_id bigint not null);
create table wp_wc_order_product_lookup (order_item_id bigint primary key, order_id bigint not null, product_id bigint not null, variation_id bigint not null, customer_id bigint, date_created timestamp not null, product_qty int not null);
create table wp_woocommerce_order_items (order_item_id bigserial primary key, order_item_name text not null, order_item_type varchar(200) not null default '', order_id bigint not null);
create table wp_woocommerce_order_itemmeta (meta_id bigserial primary key, order_item_id bigint not null, meta_key varchar(255), meta_value text);
create index on wp_woocommerce_order_items (order_id); create index on wp_woocommerce_order_itemmeta (order_item_id);
insert into wp_users (user_login,display_name) values ('admin','Admin');
insert into wp_wc_orders (id,status,type,date_created_gmt,customer_note) select n,(array['wc-pending','wc-processing','wc-on-hold','wc-completed','wc-cancelled','wc-checkout-draft'])[1+n%6],'shop_order',now(),'' from generate_series(1,24) n;
insert into wp_woocommerce_order_items (order_item_name,order_item_type,order_id) select 'Soup','line_item',id from wp_wc_orders union all select 'Flat','shipping',id from wp_wc_orders;
insert into wp_woocommerce_order_itemmeta (order_item_id,meta_key,meta_value) select order_item_id,'_qty','2' from wp_woocommerce_order_items;
