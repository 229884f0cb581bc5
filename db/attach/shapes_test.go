package attach_test

import (
	"strings"
	"testing"

	"kitchen/db/attach"
)

// A row that was written is read through what kitchen.orders makes of its table, whatever the view is made of: one that leaves rows out,
// joins, groups, renames columns or gives the table no other name.
func TestOrdersAreAnnouncedThroughViewsOfEveryShape(t *testing.T) {
	t.Parallel()
	const from = "  from orders_order o\n"
	found, err := attach.FindTemplate("django")
	if err != nil {
		t.Fatal(err)
	}
	last := "  left join accounts_user u on u.id = o.created_by_id;"
	for name, change := range map[string][2]string{
		"as the template has it":      {"", ""},
		"a condition":                 {last, strings.TrimSuffix(last, ";") + "\n where o.status <> 'draft';"},
		"an inner join":               {from, from + "  join restaurants_restaurant r on r.id = o.restaurant_id\n"},
		"a group":                     {last, strings.TrimSuffix(last, ";") + "\n group by o.id, t.number, u.first_name, u.username;"},
		"columns by other names":      {from, "  from orders_order o (id, order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, completed_at, created_by_id, restaurant_id, place)\n"},
		"a restaurant out of a query": {"o.restaurant_id,", "(select r.id from restaurants_restaurant r where r.id = o.restaurant_id) as restaurant_id,"},
		"several rows of a join":      {from, from + "  left join (select distinct i.order_id from orders_orderitem i, generate_series(1, 2)) d on d.order_id = o.id\n"},
	} {
		t.Run(name, func(t *testing.T) {
			h := fixture(t, "django")
			text := strings.Replace(found.Text, change[0], change[1], 1)
			if name == "columns by other names" {
				text = strings.Replace(strings.Replace(text, "o.table_id, t.number", "o.place as table_id, t.number", 1), "t.id = o.table_id", "t.id = o.place", 1)
			}
			h.up(parse(t, "django.sql", text))
			for _, c := range []struct {
				sql  string
				want []string
			}{
				{`update orders_order set status = 'ready' where id = 1`, []string{"1 order_updated 1"}},
				{`update orders_order set total = total + 1 where id = 1`, nil},
				{`update orders_order set priority = 3 where id in (1, 2)`, []string{"1 order_updated 1", "2 order_updated 2"}},
				{`update orders_order set restaurant_id = 2 where id = 1`, []string{"1 order_deleted 1", "2 order_created 1"}},
				{`update orders_order set notes = 'x' where id = 99`, nil},
				{`begin; update orders_order set notes = 'x' where id = 1; update orders_order set notes = 'y' where id = 1; commit`, []string{"2 order_updated 1"}},
			} {
				h.exec(c.sql)
				h.expect(c.sql, c.want...)
			}
			if said := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); said != "" {
				t.Errorf("trigger errors: %s", said)
			}
		})
	}
}

// Tables that kitchen.orders joins for names alone say nothing of which order a row is: a writer takes no lock of them, for which it would
// wait beside a migration of theirs.
func TestWritersTakeNoLockOfTablesThatGiveNames(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	for what, sql := range map[string]string{
		"a status":   `update orders_order set status = 'ready' where id = 1`,
		"an order":   `insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id) values (9, 'dine_in', 'pending', 0, '', '', 1, now(), now(), 1)`,
		"a line":     `update orders_orderitem set quantity = quantity + 1 where id = (select min(id) from orders_orderitem)`,
		"a deletion": `delete from orders_orderitem where id = (select min(id) from orders_orderitem)`,
	} {
		h.exec(`begin; ` + sql)
		if got := h.one(`select coalesce(string_agg(distinct l.relation::regclass::text, ', '), '') from pg_locks l
			where l.pid = pg_backend_pid() and l.relation in ('tables_table'::regclass, 'accounts_user'::regclass, 'menu_menuitem'::regclass, 'kitchen.orders'::regclass)`); got != "" {
			t.Errorf("%s locked %s", what, got)
		}
		h.exec(`rollback`)
	}
}
