package db

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"golang.org/x/text/encoding/charmap"

	"kitchen/db/charset"
	"kitchen/db/order"
)

// An order is read as plain rows: one for each modifier, or for each line without one, which repeats the order. Lines and
// modifiers put together by PostgreSQL, as JSON, cost its backend 0.65 ms of CPU for one order, and these rows 0.42,
// besides what it took here to read the JSON.
const (
	orderColumns = `
	select o.id::text, o.restaurant_id::text, coalesce(o.order_number, 0)::bigint, coalesce(o.order_type, 'dine_in')::text, o.status::text,
	       coalesce(o.priority, 0)::bigint, o.table_id::text, coalesce(o.table_label, '')::text, o.created_by::text,
	       coalesce(o.created_by_name, '')::text, coalesce(o.customer_name, '')::text, coalesce(o.notes, '')::text,
	       coalesce(o.allergy_note, '')::text, o.promised_at, o.open and o.left_at is not null,
	       coalesce(v.version, 0)::bigint, o.created_at, coalesce(v.changed_at, o.created_at), ` + orderStamp + `,
	       i.id::text, i.menu_item_id::text, coalesce(i.name, '')::text, coalesce(round(i.quantity::numeric * 1000), 1000)::bigint,
	       coalesce(i.notes, '')::text, coalesce(i.position, 9223372036854775807)::bigint, i.course::integer, coalesce(i.held, false), i.stations, ` + lineStamp + `,
	       m.id::text, m.modifier_option_id::text, coalesce(m.name, '')::text, coalesce(round(m.quantity::numeric * 1000), 1000)::bigint,
	       m.kind::text, coalesce(m.position, 9223372036854775807)::bigint, ` + modifierStamp + `, ` + strayRow

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

	// itsRows joins what belongs to orders o, row by row. Left to choose, PostgreSQL joins all lines to all modifiers first,
	// where it believes that there are none: as it does after all orders were deleted and the table was analysed. OFFSET 0
	// keeps it from that (https://www.postgresql.org/docs/current/queries-limit.html, and is_simple_subquery in
	// src/backend/optimizer/prep/prepjointree.c): a read of 2,000 orders took 327 s, and takes 0.04.
	itsRows     = itsVersion + linesWith + itsStations + ` as stations` + ofLines
	itsBareRows = itsVersion + linesWith + `null::text as stations` + ofLines // of a restaurant without stations

	itsVersion = `
	  left join lateral (select sum(c.version) as version, max(c.changed_at) as changed_at
	                       from kitchen.order_changes c where c.order_id = o.id) v on true`
	linesWith = `
	  left join lateral (select i.*, `
	ofLines = ` from kitchen.lines i where i.order_id = o.id offset 0) i on true
	  left join lateral (select m.* from kitchen.modifiers m where m.line_id = i.id offset 0) m on true`

	// itsStations is where a line i of an order o goes, in the order of the restaurant's stations, and stands: "id status", with a mark
	// after it where it has changed, the reason why it is made again behind a tilde, and a comma between two. Null in a restaurant without stations, for which nothing else is looked up.
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

	// newestOpen, with a limit, is the newest open orders of a restaurant r, by the order in which [order.OldestFirst] has
	// them. It begins with that of the queue's own index, because of the other indexes that begin with the restaurant, one looks
	// as good while there are few orders of the past.
	newestOpen = `
	       select o.* from kitchen.orders o
	        where ` + isOpen + `
	        order by o.created_at desc, o.order_number desc, o.id::text collate "C" desc limit `
)

// The stamp hashes what the views show of each row behind the order: it differs after any write that a kitchen would see, by
// whomever and with triggers disabled, too. Rows are combined with xor, so that [DB.Fingerprints] can combine those of a whole
// restaurant without sorting.
const (
	orderStamp    = `hash_record_extended(o, 0)`
	lineStamp     = `hash_record_extended(i, 0)`
	modifierStamp = `hash_record_extended(m, 0)`
)

func (db *DB) readOrders(ctx context.Context, asked scope, sql string, args ...any) (orders []Order, err error) {
	err = db.read(ctx, func(b *pgx.Batch) {
		b.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
			orders, err = collectOrders(rows, asked)
			return err
		})
	})
	return orders, err
}

// row is the values of one row, as they came.
type row struct {
	columns []pgconn.FieldDescription
	raw     [][]byte
	types   *pgtype.Map
	charset *charmap.Charmap // of text that came as it is stored, or nil
	err     error            // the first
}

func (r *row) null(i int) bool { return r.raw[i] == nil }

// text is the same in both formats of the protocol.
func (r *row) text(i int) string { return charset.Translate(r.charset, string(r.raw[i])) }

func (r *row) textOrNil(i int) *string {
	if r.null(i) {
		return nil
	}
	s := r.text(i)
	return &s
}

func (r *row) int32(i int) (n int32) {
	if raw := r.raw[i]; r.columns[i].Format == pgtype.BinaryFormatCode && len(raw) == 4 {
		return int32(binary.BigEndian.Uint32(raw)) //nolint:gosec // two's complement, either way
	}
	r.scan(i, &n)
	return n
}

func (r *row) int64(i int) (n int64) {
	if raw := r.raw[i]; r.columns[i].Format == pgtype.BinaryFormatCode && len(raw) == 8 {
		return int64(binary.BigEndian.Uint64(raw)) //nolint:gosec // two's complement, either way
	}
	r.scan(i, &n)
	return n
}

func (r *row) bool(i int) (is bool) {
	if raw := r.raw[i]; r.columns[i].Format == pgtype.BinaryFormatCode && len(raw) == 1 {
		return raw[0] != 0
	}
	r.scan(i, &is)
	return is
}

func (r *row) time(i int) (t time.Time) {
	r.scan(i, &t)
	return t.UTC()
}

func (r *row) timeOrNil(i int) *time.Time {
	if r.null(i) {
		return nil
	}
	t := r.time(i)
	return &t
}

// scan leaves a value to pgx: one that comes as text, because the address says so (default_query_exec_mode), among others.
func (r *row) scan(i int, dst any) {
	if err := r.types.Scan(r.columns[i].DataTypeOID, r.columns[i].Format, r.raw[i], dst); err != nil && r.err == nil {
		r.err = fmt.Errorf("column %d: %w", i, err)
	}
}

// collectOrders makes orders of rows, all of them of restaurants that were asked for: see [ErrForeign]. Those of an order
// follow each other, as do those of a line.
//
// The values are taken as they come, because rows.Scan makes a plan for each column of each statement: it took 35 of the
// 270 µs in which one order is read, and three times as long for a queue of many.
func collectOrders(rows pgx.Rows, asked scope) (orders []Order, err error) {
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
			return nil, fmt.Errorf("%w: what belongs to order %s", ErrForeign, r.text(0))
		}
		if !sameOrder {
			if !asked.has(r.raw[1]) {
				return nil, fmt.Errorf("%w: order %s", ErrForeign, r.text(0))
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
		slices.SortFunc(o.Items, func(a, b Item) int { return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID)) })
		for _, i := range o.Items {
			slices.SortFunc(i.Modifiers, func(a, b Modifier) int {
				return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
			})
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	return orders, rows.Err()
}

func (r *row) order() Order {
	o := Order{
		ID: OrderID(r.text(0)), RestaurantID: RestaurantID(r.text(1)), Number: r.int64(2), Type: r.text(3), Status: Status(r.text(4)),
		Priority: r.int64(5), CustomerName: r.text(10), Notes: r.text(11), AllergyNote: r.text(12), PromisedAt: r.timeOrNil(13),
		Recalled: r.bool(14), Version: r.int64(15), CreatedAt: r.time(16), UpdatedAt: r.time(17), Items: []Item{}, Stamp: r.int64(18),
	}
	if !r.null(6) {
		o.Table = &Table{ID: r.text(6), Label: r.text(7)}
	}
	if !r.null(8) {
		o.CreatedBy = &CreatedBy{ID: UserID(r.text(8)), Name: r.text(9)}
	}
	return o
}

func (r *row) item() Item {
	const i = itemAt
	item := Item{ID: r.text(i), MenuItem: Ref{ID: r.textOrNil(i + 1), Name: r.text(i + 2)}, Quantity: order.Quantity(r.int64(i + 3)),
		Notes: r.text(i + 4), Modifiers: []Modifier{}, Position: r.int64(i + 5), Held: r.bool(i + 7), Stations: stationsOf(r.text(i + 8))}
	if !r.null(i + 6) {
		course := r.int32(i + 6)
		item.Course = &course
	}
	return item
}

func (r *row) modifier() Modifier {
	const m = modifierAt
	return Modifier{ID: r.text(m), Option: Ref{ID: r.textOrNil(m + 1), Name: r.text(m + 2)}, Quantity: order.Quantity(r.int64(m + 3)),
		Kind: r.textOrNil(m + 4), Position: r.int64(m + 5)}
}

// stationsOf reads what [itsStations] prints.
func stationsOf(printed string) []order.At {
	all := []order.At{}
	if printed == "" {
		return all
	}
	for one := range strings.SplitSeq(printed, ",") {
		id, status, _ := strings.Cut(one, " ")
		at := order.At{}
		if id != "" {
			at.Station = &id
		}
		status, reason, _ := strings.Cut(status, "~")
		at.Reason = strings.NewReplacer("%2C", ",", "%25", "%").Replace(reason)
		status, at.Changed = strings.CutSuffix(status, "!")
		at.Status = Status(status)
		all = append(all, at)
	}
	return all
}
