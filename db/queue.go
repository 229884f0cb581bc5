package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Queue is a restaurant's open orders, oldest first.
type Queue struct {
	Restaurant Restaurant
	Orders     []Order
}

// OrderKey names an order and the restaurant in which it is looked for.
type OrderKey struct {
	Restaurant RestaurantID
	Order      OrderID
}

// selectOrders selects orders o in the form that scanOrder reads, lines and modifiers included.
//
// The stamp hashes, for each row behind the order, its id together with its xmin, which is the transaction that wrote the
// row last (https://www.postgresql.org/docs/current/ddl-system-columns.html): it differs after any write, by whomever and
// with triggers disabled, too. Labels and names of tables and users go in by content: those rows change for other reasons.
// Rows are combined with xor, so that [DB.Fingerprints] can combine those of a whole restaurant without sorting.
const selectOrders = `
	select o.id::text, o.restaurant_id::text, o.order_number, o.order_type, o.status, o.priority,
	       t.id::text, t.label, u.id::text, coalesce(nullif(u.name, ''), u.username),
	       o.customer_name, o.notes, o.allergy_note, o.promised_at,
	       o.status in ('pending', 'preparing', 'ready') and (o.completed_at is not null or o.cancelled_at is not null),
	       o.version, o.created_at, o.updated_at,
	       ` + orderStamp + ` # coalesce(i.stamp, 0), i.items
	  from public.orders o
	  left join public.tables t on t.restaurant_id = o.restaurant_id and t.id = o.table_id
	  left join public.users u on u.restaurant_id = o.restaurant_id and u.id = o.created_by
	  left join lateral (
	       select bit_xor(` + itemStamp + ` # coalesce(m.stamp, 0)) as stamp,
	              json_agg(json_build_object(
	                'id', i.id, 'menu_item', json_build_object('id', i.menu_item_id, 'name', i.name),
	                'quantity', i.quantity, 'notes', i.notes, 'modifiers', coalesce(m.modifiers, '[]'))
	                order by i.position, i.id) as items
	         from public.order_items i
	         left join lateral (
	              select bit_xor(` + modifierStamp + `) as stamp,
	                     json_agg(json_build_object(
	                       'id', m.id, 'modifier_option', json_build_object('id', m.modifier_option_id, 'name', m.name),
	                       'quantity', m.quantity) order by m.name, m.id) as modifiers
	                from public.order_item_modifiers m
	               where m.order_item_id = i.id) m on true
	        where i.order_id = o.id) i on true`

const (
	orderStamp    = `hashtextextended(concat_ws('/', o.id, t.label, u.name, u.username), o.xmin::text::bigint)`
	itemStamp     = `uuid_hash_extended(i.id, i.xmin::text::bigint)`
	modifierStamp = `uuid_hash_extended(m.id, m.xmin::text::bigint)`
)

func scanOrder(row pgx.CollectableRow) (Order, error) {
	var o Order
	var tableID, tableLabel, userID, userName *string
	var items []byte
	err := row.Scan(&o.ID, &o.RestaurantID, &o.Number, &o.Type, &o.Status, &o.Priority,
		&tableID, &tableLabel, &userID, &userName,
		&o.CustomerName, &o.Notes, &o.AllergyNote, &o.PromisedAt,
		&o.Recalled, &o.Version, &o.CreatedAt, &o.UpdatedAt, &o.Stamp, &items)
	if err != nil {
		return o, err
	}
	if tableID != nil {
		o.Table = &Table{ID: *tableID, Label: *tableLabel}
	}
	if userID != nil {
		o.CreatedBy = &CreatedBy{ID: UserID(*userID), Name: *userName}
	}
	o.CreatedAt, o.UpdatedAt = o.CreatedAt.UTC(), o.UpdatedAt.UTC()
	if o.PromisedAt != nil {
		*o.PromisedAt = o.PromisedAt.UTC()
	}
	o.Items = []Item{}
	if items != nil {
		err = json.Unmarshal(items, &o.Items)
	}
	return o, err
}

// Queues reads the queues of many restaurants, in one round trip and as of one moment. A restaurant that does not exist
// is not in the result. The read fails as a whole or not at all.
func (db *DB) Queues(ctx context.Context, ids []RestaurantID) (map[RestaurantID]*Queue, error) {
	queues := make(map[RestaurantID]*Queue, len(ids))
	// One statement for all would repeat the restaurant in each row. Two in one round trip see two moments; the restaurant's
	// own row first, because it is the one that nothing depends on.
	err := db.read(ctx, func(batch *pgx.Batch) {
		batch.Queue(`
		select id::text, name, timezone, extract(epoch from warn_after)::bigint, extract(epoch from late_after)::bigint,
		       extract(epoch from recall_window)::bigint
		  from public.restaurants where id = any($1::text[]::uuid[])`, ids).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				q := &Queue{Orders: []Order{}}
				r := &q.Restaurant
				if err := rows.Scan(&r.ID, &r.Name, &r.Timezone, &r.WarnAfter, &r.LateAfter, &r.RecallWindow); err != nil {
					return err
				}
				queues[r.ID] = q
			}
			return rows.Err()
		})
		batch.Queue(selectOrders+`
		 where o.restaurant_id = any($1::text[]::uuid[]) and o.status in ('pending', 'preparing', 'ready')
		 order by o.restaurant_id, o.created_at, o.order_number, o.id`, ids).Query(func(rows pgx.Rows) error {
			orders, err := pgx.CollectRows(rows, scanOrder)
			for _, o := range orders {
				if q := queues[o.RestaurantID]; q != nil {
					q.Orders = append(q.Orders, o)
				}
			}
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read %d queues: %w", len(ids), err)
	}
	return queues, nil
}

// Orders reads many orders of many restaurants, whatever their status, in one round trip. An order that does not exist,
// or not in that restaurant, is not in the result.
func (db *DB) Orders(ctx context.Context, keys []OrderKey) ([]Order, error) {
	restaurants, ids := make([]RestaurantID, len(keys)), make([]OrderID, len(keys))
	for i, k := range keys {
		restaurants[i], ids[i] = k.Restaurant, k.Order
	}
	orders, err := readRows(ctx, db, scanOrder, selectOrders+`
		  join unnest($1::text[]::uuid[], $2::text[]::uuid[]) as k(restaurant_id, id)
		    on o.restaurant_id = k.restaurant_id and o.id = k.id`, restaurants, ids)
	if err != nil {
		return nil, fmt.Errorf("read %d orders: %w", len(keys), err)
	}
	return orders, nil
}

// Recent reads the orders of a restaurant that left its queue within its recall window, newest first, at most 50.
func (db *DB) Recent(ctx context.Context, id RestaurantID) ([]Order, error) {
	orders, err := readRows(ctx, db, scanOrder, selectOrders+`
		  join public.restaurants r on r.id = o.restaurant_id
		 where o.restaurant_id = $1 and o.status in ('completed', 'cancelled')
		   and (case o.status when 'completed' then o.completed_at else o.cancelled_at end) > now() - r.recall_window
		 order by (case o.status when 'completed' then o.completed_at else o.cancelled_at end) desc, o.id
		 limit 50`, id)
	if err != nil {
		return nil, fmt.Errorf("read recent orders: %w", err)
	}
	return orders, nil
}

// Fingerprint tells whether a restaurant's queue is what it was, without reading it.
type Fingerprint struct {
	Restaurant Restaurant
	Orders     int   // open orders
	Stamp      int64 // their stamps, combined with xor
}

// Fingerprints reads the fingerprints of many restaurants in one statement. A restaurant that does not exist is not in
// the result.
func (db *DB) Fingerprints(ctx context.Context, ids []RestaurantID) ([]Fingerprint, error) {
	prints, err := readRows(ctx, db, scanFingerprint, `
		with open as materialized (
		       select o.restaurant_id, o.id, `+orderStamp+` as stamp
		         from public.orders o
		         left join public.tables t on t.restaurant_id = o.restaurant_id and t.id = o.table_id
		         left join public.users u on u.restaurant_id = o.restaurant_id and u.id = o.created_by
		        where o.restaurant_id = any($1::text[]::uuid[]) and o.status in ('pending', 'preparing', 'ready')),
		     stamps as (
		       select restaurant_id, 1 as orders, stamp from open
		       union all
		       select open.restaurant_id, 0, `+itemStamp+` from open join public.order_items i on i.order_id = open.id
		       union all
		       select open.restaurant_id, 0, `+modifierStamp+`
		         from open join public.order_items i on i.order_id = open.id
		         join public.order_item_modifiers m on m.order_item_id = i.id)
		select r.id::text, r.name, r.timezone, extract(epoch from r.warn_after)::bigint,
		       extract(epoch from r.late_after)::bigint, extract(epoch from r.recall_window)::bigint,
		       coalesce(sum(s.orders), 0), coalesce(bit_xor(s.stamp), 0)
		  from public.restaurants r left join stamps s on s.restaurant_id = r.id
		 where r.id = any($1::text[]::uuid[])
		 group by r.id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read %d fingerprints: %w", len(ids), err)
	}
	return prints, nil
}

func scanFingerprint(row pgx.CollectableRow) (f Fingerprint, err error) {
	r := &f.Restaurant
	err = row.Scan(&r.ID, &r.Name, &r.Timezone, &r.WarnAfter, &r.LateAfter, &r.RecallWindow, &f.Orders, &f.Stamp)
	return f, err
}

// Fingerprint combines the stamps of the queue's orders as [DB.Fingerprints] does.
func (q *Queue) Fingerprint() Fingerprint {
	f := Fingerprint{Restaurant: q.Restaurant, Orders: len(q.Orders)}
	for i := range q.Orders {
		f.Stamp ^= q.Orders[i].Stamp
	}
	return f
}

// Now reads the database's clock, and with it shows that the database answers.
func (db *DB) Now(ctx context.Context) (now time.Time, err error) {
	if err = db.pool.QueryRow(ctx, `select clock_timestamp()`).Scan(&now); err != nil {
		return now, fmt.Errorf("ask for the time: %w", err)
	}
	return now.UTC(), nil
}
