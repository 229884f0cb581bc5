package load

import (
	"context"
	"fmt"

	"kitchen/db"
)

// readPlain reads an order of the plain tables as an application would for a display: with its lines, their modifiers and the names that
// the tables do not copy, in one query.
const readPlain = `
	select json_build_object('id', o.id, 'status', o.status, 'order_type', o.order_type, 'table', t.label, 'created_by', u.username,
	         'customer_name', o.customer_name, 'notes', o.notes, 'created_at', o.created_at,
	         'items', (select json_agg(json_build_object('id', i.id, 'name', m.name, 'quantity', i.quantity, 'notes', i.notes,
	                            'modifiers', (select json_agg(json_build_object('id', x.id, 'name', p.name))
	                                            from order_item_modifiers x join modifier_options p on p.id = x.modifier_option_id
	                                           where x.order_item_id = i.id)))
	                     from order_items i left join menu_items m on m.id = i.menu_item_id where i.order_id = o.id))::text
	  from orders o left join tables t on t.id = o.table_id left join users u on u.id = o.created_by
	 where o.restaurant_id = $1 and o.id = $2`

// Read reads an order with all that a display shows: in our tables as a node does, in plain tables as an application would.
func (w *Writer) Read(ctx context.Context, number, restaurant int) error {
	d := w.data
	if d.schema == plainSchema {
		var document string
		if err := w.conn.QueryRow(ctx, readPlain, string(d.Restaurants[restaurant]), d.id(number)).Scan(&document); err != nil {
			return fmt.Errorf("read order %d: %w", number, err)
		}
		return nil
	}
	if w.reads == nil {
		var err error
		if w.reads, err = db.Open(ctx, d.url); err != nil {
			return fmt.Errorf("connect to read orders: %w", err)
		}
	}
	orders, err := w.reads.Orders(ctx, []db.OrderKey{{Restaurant: d.Restaurants[restaurant], Order: d.OrderID(number)}})
	if err == nil && (len(orders) != 1 || len(orders[0].Items) != Lines) {
		err = fmt.Errorf("%d orders were read", len(orders))
	}
	if err != nil {
		return fmt.Errorf("read order %d: %w", number, err)
	}
	return nil
}
