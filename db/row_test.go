package db_test

import (
	"testing"
	"time"

	"kitchen/db"
)

// Another program's keys are of any type. Each is read in the server's own spelling, whatever the driver makes of it; and what is not
// there has its default, as a promise for never.
func TestKeysOfAnyTypeAreReadAsTheServerSpellsThem(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	order := f.order(r)
	for typed, want := range map[string]string{
		"'12'::text": "12", "'ab'::varchar": "ab", "'ab'::char(5)": "ab", "'ab'::name": "ab", "12::smallint": "12", "-12::int": "-12",
		"9223372036854775807::bigint": "9223372036854775807", "12.50::numeric": "12.50", "1e20::numeric": "100000000000000000000",
		"'0C0FFEE0-0000-4000-8000-00000000000A'::uuid": "0c0ffee0-0000-4000-8000-00000000000a",
	} {
		from := ` from (select o.id, o.restaurant_id, null::int as order_number, null::text as order_type, o.status, null::int as priority,
		                       (` + typed + `) as table_id, null::text as table_label, (` + typed + `) as created_by, null::text as created_by_name,
		                       null::text as customer_name, null::text as notes, null::text as allergy_note, timestamptz 'infinity' as promised_at,
		                       o.open, o.left_at, o.created_at, 1::bigint as stamp
		                  from kitchen.orders o where o.restaurant_id = '` + string(r) + `' and o.id = '` + string(order) + `') o
		   cross join (select null::bigint as version, null::timestamptz as changed_at) v
		   cross join (select (` + typed + `) as id, (` + typed + `) as menu_item_id, o.id as order_id, null::text as name, null::text as quantity,
		                      null::text as notes, null::bigint as position, null::int as course, null::bool as held, null::text as stations, 1::bigint as stamp
		                 from kitchen.orders o where o.restaurant_id = '` + string(r) + `' and o.id = '` + string(order) + `') i
		   cross join (select (` + typed + `) as id, (` + typed + `) as modifier_option_id, (` + typed + `) as line_id, null::text as name, '0.5'::text as quantity,
		                      null::text as kind, null::bigint as position, 1::bigint as stamp) m`
		orders, err := db.ReadWrongly(t.Context(), f.db, r, from)
		if err != nil || len(orders) != 1 || len(orders[0].Items) != 1 || len(orders[0].Items[0].Modifiers) != 1 {
			t.Errorf("%s: %+v, %v", typed, orders, err)
			continue
		}
		o := orders[0]
		i, m := o.Items[0], o.Items[0].Modifiers[0]
		for what, got := range map[string]string{
			"table": o.Table.ID, "user": string(o.CreatedBy.ID), "line": i.ID, "dish": *i.MenuItem.ID, "modifier": m.ID, "option": *m.Option.ID,
		} {
			if got != want {
				t.Errorf("%s: the id of the %s is %q, want %q", typed, what, got, want)
			}
		}
		if o.Type != "dine_in" || o.PromisedAt != nil || o.Number != 0 || o.Version != 0 || !o.UpdatedAt.Equal(o.CreatedAt) || time.Since(o.CreatedAt) > time.Hour {
			t.Errorf("an order of which little is known: %+v", o)
		}
		if i.Quantity != 1000 || i.Held || i.Course != nil || i.Position != m.Position || i.Position < 1<<62 || m.Quantity != 500 {
			t.Errorf("a line and a modifier of which little is known: %+v", i)
		}
	}
}
