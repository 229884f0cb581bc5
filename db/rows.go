package db

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// An order is read as plain rows: one for each modifier, or for each line without one, which repeats the order. Lines and
// modifiers put together by PostgreSQL, as JSON, cost its backend 0.65 ms of CPU for one order, and these rows 0.42,
// besides what it took here to read the JSON.
const (
	orderColumns = `
	select o.id::text, o.restaurant_id::text, o.order_number, o.order_type, o.status, o.priority,
	       t.id::text, t.label, u.id::text, coalesce(nullif(u.name, ''), u.username),
	       o.customer_name, o.notes, o.allergy_note, o.promised_at,
	       o.status in ('pending', 'preparing', 'ready') and (o.completed_at is not null or o.cancelled_at is not null),
	       o.version, o.created_at, o.updated_at, ` + orderStamp + `,
	       i.id::text, i.menu_item_id::text, i.name, i.quantity, i.notes, coalesce(i.position, 2147483647), ` + itemStamp + `,
	       m.id::text, m.modifier_option_id::text, m.name, m.quantity, ` + modifierStamp

	ofOrder = 19 // columns
	ofItem  = 7

	// itsRows joins what belongs to orders o.
	itsRows = `
	  left join public.tables t on t.restaurant_id = o.restaurant_id and t.id = o.table_id
	  left join public.users u on u.restaurant_id = o.restaurant_id and u.id = o.created_by
	  left join public.order_items i on i.order_id = o.id
	  left join public.order_item_modifiers m on m.order_item_id = i.id`

	// openOrders is the open orders of a restaurant r. Asked for in the order of the queue's own index, because of the other
	// indexes that begin with the restaurant, one looks as good while there are few orders of the past.
	openOrders = `(
	       select o.xmin, o.* from public.orders o
	        where o.restaurant_id = r.id and o.status in ('pending', 'preparing', 'ready')
	        order by o.created_at)`
)

// The stamp hashes, for each row behind the order, its id together with its xmin, which is the transaction that wrote the
// row last (https://www.postgresql.org/docs/current/ddl-system-columns.html): it differs after any write, by whomever and
// with triggers disabled, too. Labels and names of tables and users go in by content: those rows change for other reasons.
// Rows are combined with xor, so that [DB.Fingerprints] can combine those of a whole restaurant without sorting.
const (
	orderStamp    = `hashtextextended(concat_ws('/', o.id, t.label, u.name, u.username), o.xmin::text::bigint)`
	itemStamp     = `uuid_hash_extended(i.id, i.xmin::text::bigint)`
	modifierStamp = `uuid_hash_extended(m.id, m.xmin::text::bigint)`
)

func (db *DB) readOrders(ctx context.Context, sql string, args ...any) (orders []Order, err error) {
	err = db.read(ctx, func(b *pgx.Batch) {
		b.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
			orders, err = collectOrders(rows)
			return err
		})
	})
	return orders, err
}

// orderRow is where one row is scanned to. What a left join may leave empty is a pointer.
type orderRow struct {
	order                                 Order
	tableID, tableLabel, userID, userName *string
	item                                  struct {
		id, menuItem, name, notes *string
		quantity, position        *int32
		stamp                     *int64
	}
	modifier struct {
		id, option, name *string
		quantity         *int32
		stamp            *int64
	}
}

func (r *orderRow) columns() []any {
	o, i, m := &r.order, &r.item, &r.modifier
	return []any{
		&o.ID, &o.RestaurantID, &o.Number, &o.Type, &o.Status, &o.Priority,
		&r.tableID, &r.tableLabel, &r.userID, &r.userName,
		&o.CustomerName, &o.Notes, &o.AllergyNote, &o.PromisedAt, &o.Recalled, &o.Version, &o.CreatedAt, &o.UpdatedAt, &o.Stamp,
		&i.id, &i.menuItem, &i.name, &i.quantity, &i.notes, &i.position, &i.stamp,
		&m.id, &m.option, &m.name, &m.quantity, &m.stamp,
	}
}

// collectOrders makes orders of rows. Those of an order follow each other, as do those of a line.
func collectOrders(rows pgx.Rows) (orders []Order, err error) {
	defer rows.Close()
	var row orderRow
	all := row.columns()
	item, modifier := slices.Clone(all), slices.Clone(all) // what is not scanned again
	clear(item[:ofOrder])
	clear(modifier[:ofOrder+ofItem])
	var orderID, itemID []byte // of the row before, as they came
	for rows.Next() {
		raw := rows.RawValues()
		sameOrder := orders != nil && bytes.Equal(raw[0], orderID)
		sameItem := sameOrder && bytes.Equal(raw[ofOrder], itemID)
		columns := all
		switch {
		case sameItem:
			columns = modifier
		case sameOrder:
			columns = item
		}
		orderID, itemID = append(orderID[:0], raw[0]...), append(itemID[:0], raw[ofOrder]...)
		if err := rows.Scan(columns...); err != nil {
			return nil, err
		}
		if !sameOrder {
			orders = append(orders, row.takeOrder())
		}
		o := &orders[len(orders)-1]
		if row.item.id == nil {
			continue
		}
		if !sameItem {
			o.Items = append(o.Items, row.takeItem())
			o.Stamp ^= *row.item.stamp
		}
		if row.modifier.id != nil {
			i := &o.Items[len(o.Items)-1]
			i.Modifiers = append(i.Modifiers, row.takeModifier())
			o.Stamp ^= *row.modifier.stamp
		}
	}
	for _, o := range orders {
		slices.SortFunc(o.Items, func(a, b Item) int { return cmp.Or(cmp.Compare(a.position, b.position), cmp.Compare(a.ID, b.ID)) })
		for _, i := range o.Items {
			slices.SortFunc(i.Modifiers, func(a, b Modifier) int {
				return cmp.Or(cmp.Compare(a.Option.Name, b.Option.Name), cmp.Compare(a.ID, b.ID))
			})
		}
	}
	return orders, rows.Err()
}

func (r *orderRow) takeOrder() Order {
	o := r.order
	o.Items = []Item{}
	if r.tableID != nil {
		o.Table = &Table{ID: *r.tableID, Label: *r.tableLabel}
	}
	if r.userID != nil {
		o.CreatedBy = &CreatedBy{ID: UserID(*r.userID), Name: *r.userName}
	}
	o.CreatedAt, o.UpdatedAt = o.CreatedAt.UTC(), o.UpdatedAt.UTC()
	if o.PromisedAt != nil {
		*o.PromisedAt = o.PromisedAt.UTC()
	}
	return o
}

func (r *orderRow) takeItem() Item {
	i := &r.item
	return Item{ID: *i.id, MenuItem: Ref{ID: i.menuItem, Name: *i.name}, Quantity: *i.quantity, Notes: *i.notes,
		Modifiers: []Modifier{}, position: *i.position}
}

func (r *orderRow) takeModifier() Modifier {
	m := &r.modifier
	return Modifier{ID: *m.id, Option: Ref{ID: m.option, Name: *m.name}, Quantity: *m.quantity}
}
