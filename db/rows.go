package db

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"kitchen/db/charset"
	"kitchen/db/order"
)

// An order is read as plain rows: one for each modifier, or for each line without one, which repeats the order. Lines and
// modifiers put together by PostgreSQL, as JSON, cost its backend 0.65 ms of CPU for one order, and these rows 0.42,
// besides what it took here to read the JSON. Nor are they cheaper as rows of their own (union all): each kind of rows is one more
// plan to begin.
//
// The server converts only what costs it nothing (one text type to another), because it would convert an order's columns again for each
// row. Ids come as they are stored, quantities with their decimals, and missing values as null.
const (
	orderColumns = `
	select o.id, o.restaurant_id, o.order_number::bigint, o.order_type::text, o.status::text, o.priority::bigint,
	       o.table_id, o.table_label::text, o.created_by, o.created_by_name::text, o.customer_name::text, o.notes::text,
	       o.allergy_note::text, o.promised_at, case when o.open then o.left_at is not null end,
	       v.version, o.created_at, v.changed_at, o.stamp,
	       i.id, i.menu_item_id, i.name, i.quantity, i.notes, i.position, i.course, i.held, i.stations, i.stamp,
	       m.id, m.modifier_option_id, m.name, m.quantity, m.kind, m.position, m.stamp, ` + strayRow

	ofOrder    = 19 // columns
	ofItem     = 10
	ofModifier = 7

	// Where the columns of a line, of a modifier and of strayRow begin.
	itemAt     = ofOrder
	modifierAt = ofOrder + ofItem
	strayAt    = ofOrder + ofItem + ofModifier

	// strayRow is true where something was joined to an order o that is not the order's own.
	strayRow = `
	       (i.order_id <> o.id or m.line_id <> i.id) is true`

	// stamped and thatIs enclose a query of orders o, and add a stamp to each order once, and not once for each row that repeats the order.
	// The inner OFFSET 0 makes PostgreSQL compute the columns first, the outer one the stamp.
	stamped = ` (select o.*, ` + orderStamp + ` as stamp from (`
	thatIs  = ` offset 0) o offset 0) o`

	// itsRows joins lines and modifiers to orders o, row by row. Without OFFSET 0, PostgreSQL joins all lines to all modifiers first when
	// its statistics say that there are none, as after all orders were deleted and the table was analysed
	// (https://www.postgresql.org/docs/current/queries-limit.html, and is_simple_subquery in
	// src/backend/optimizer/prep/prepjointree.c): a read of 2,000 orders took 327 s, and takes 0.04.
	//
	// The columns of a line and of a modifier, and their stamps, are computed inside the subquery. So nothing is left to do for a row after
	// OFFSET 0, and PostgreSQL drops that step from the plan (trivial_subqueryscan in setrefs.c), which saves a tenth of a queue's time.
	itsRows     = itsVersion + linesWith + stampedLine + ` from (select i.*, ` + itsStations + ` as stations` + ofLines + `) i` + itsModifiers
	itsBareRows = itsVersion + linesWith + bareLine + ofLines + itsModifiers // of a restaurant without stations

	// itsVersion is the version that the order's own row and kitchen.order_changes have together, and when it was made.
	itsVersion = `
	  left join lateral (select o.changes + coalesce(sum(c.version), 0)::bigint as version, greatest(o.changed_at, max(c.changed_at)) as changed_at
	                       from kitchen.order_changes c where c.order_id = o.id) v on true`
	linesWith = `
	  left join lateral (select i.id, i.order_id, i.menu_item_id, i.name::text, i.quantity::numeric::text, i.notes::text, i.position::bigint,
	                            i.course::integer, i.held, `
	stampedLine  = `i.stations, ` + lineStamp + ` as stamp`
	bareLine     = `null::text as stations, hash_record_extended(row(i.*, null::text), 0) as stamp` // as [lineStamp] with no stations
	ofLines      = ` from kitchen.lines i where i.order_id = o.id offset 0`
	itsModifiers = `) i on true
	  left join lateral (select m.id, m.line_id, m.modifier_option_id, m.name::text, m.quantity::numeric::text, m.kind::text, m.position::bigint,
	                            ` + modifierStamp + ` as stamp
	                       from kitchen.modifiers m where m.line_id = i.id offset 0) m on true`

	// itsStations lists the stations of a line i of an order o with its status at each, in the restaurant's order: "id status", then a mark
	// if the line has changed, then a tilde and the reason if it is made again; a comma between two. It is null in a restaurant without
	// stations, for which nothing else is looked up.
	itsStations = `
	       case when exists (select from kitchen.stations a where a.restaurant_id = o.restaurant_id) then (
	         select string_agg(coalesce(s.station_id::text, '') || ' ' || s.status || case when s.changed then '!' else '' end
	                           || case when s.reason <> '' then '~' || replace(replace(s.reason, '%', '%25'), ',', '%2C') else '' end, ','
	                           order by t.position, t.name, s.station_id)
	           from kitchen.line_stations(o.restaurant_id, o.id, o.order_type::text, i.id, i.menu_item_id::text, i.category::text,
	                                      i.quantity::numeric, i.notes::text) s
	           left join kitchen.stations t on t.id = s.station_id) end`

	// isOpen is true of the open orders o of a restaurant r.
	isOpen = `o.restaurant_id = r.id and o.open`

	// newestOpen, with a limit, selects the newest open orders of a restaurant r in the order of [order.OldestFirst]. It sorts by the
	// columns of the queue's own index first, because another index that begins with the restaurant looks as good to the planner while
	// there are few past orders.
	newestOpen   = newestOpenOf + `r.id` + newestFirst
	newestOpenOf = `
	       select o.* from kitchen.order_rows o where o.restaurant_id = `
	newestFirst = ` and o.open
	        order by o.created_at desc, o.order_number desc, o.id::text collate "C" desc limit `
)

// The stamp of an order hashes what the views show of each row behind it. It differs after any write that a kitchen would see, even
// with triggers disabled. The hashes of rows are combined with xor, so that [DB.Fingerprints] can combine those of a whole restaurant
// without sorting.
const (
	orderStamp    = `hash_record_extended(o, 0)`
	lineStamp     = `hash_record_extended(i, 0)`
	modifierStamp = `hash_record_extended(m, 0)`
)

// statement reads orders of restaurants that were asked for.
type statement struct {
	asked scope
	sql   string
	args  []any
}

func about(asked scope, sql string, args ...any) statement { return statement{asked, sql, args} }

// readOrders reads orders with one or more statements, in one round trip.
func (db *DB) readOrders(ctx context.Context, statements ...statement) ([]order.Order, error) {
	read := make([][]order.Order, len(statements))
	questions := make([]question, len(statements))
	for i, s := range statements {
		questions[i] = ask(func(rows pgx.Rows) (err error) {
			read[i], err = collectOrders(rows, s.asked)
			return err
		}, s.sql, s.args...)
	}
	if err := db.read(ctx, questions...); err != nil {
		return nil, err
	}
	return slices.Concat(read...), nil
}

// collectOrders makes orders of rows, all of them of restaurants that were asked for: see [ErrForeign]. Those of an order
// follow each other, as do those of a line.
//
// It decodes the values itself, because rows.Scan makes a plan for each column of each statement: that took 35 of the 270 µs in which one
// order is read, and three times as long for a long queue.
func collectOrders(rows pgx.Rows, asked scope) (orders []order.Order, err error) {
	defer rows.Close()
	var r row
	var orderID, itemID []byte // of the row before, as they came
	for rows.Next() {
		if r.types == nil { // where the batch failed there are no rows, and nothing else either
			r.columns, r.types, r.charset = rows.FieldDescriptions(), rows.Conn().TypeMap(), charset.Translator(rows.Conn())
		}
		r.raw = rows.RawValues()
		id, item := r.raw[0], r.raw[itemAt]
		sameOrder := orders != nil && bytes.Equal(id, orderID)
		sameItem := sameOrder && bytes.Equal(item, itemID)
		orderID, itemID = append(orderID[:0], id...), append(itemID[:0], item...)
		if r.bool(strayAt) {
			return nil, fmt.Errorf("%w: what belongs to order %s", ErrForeign, r.key(0))
		}
		if !sameOrder {
			if !asked.has(order.RestaurantID(r.key(1))) {
				return nil, fmt.Errorf("%w: order %s", ErrForeign, r.key(0))
			}
			orders = append(orders, r.order())
		}
		o := &orders[len(orders)-1]
		if r.null(itemAt) { // an order without lines
			continue
		}
		if !sameItem {
			o.Items = append(o.Items, r.item())
			o.Stamp ^= r.int64(modifierAt - 1) // the last column of a line is its stamp
		}
		if !r.null(modifierAt) {
			i := &o.Items[len(o.Items)-1]
			i.Modifiers = append(i.Modifiers, r.modifier())
			o.Stamp ^= r.int64(strayAt - 1) // as that of a modifier is
		}
	}
	for _, o := range orders {
		slices.SortFunc(o.Items, func(a, b order.Item) int { return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID)) })
		for _, i := range o.Items {
			slices.SortFunc(i.Modifiers, func(a, b order.Modifier) int {
				return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
			})
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	return slices.DeleteFunc(orders, func(o order.Order) bool { return !o.Status.Known() }), rows.Err()
}
