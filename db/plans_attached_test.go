package db_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kitchen/db"
	"kitchen/db/attach"
	"kitchen/db/dbtest"
	"kitchen/db/order"
	"kitchen/db/rush"
)

// On another program's tables, too, a node reads along indexes and few pages, whatever lies behind a queue: with those indexes that the
// check of the mapping names over the same tables. `make past` looks at 1,000,000 past orders.
func TestEveryReadOfAnAttachedHostGoesByIndexOverManyPastOrders(t *testing.T) {
	t.Parallel()
	url := dbtest.Empty(t)
	conn := dbtest.Conn(t, url)
	exec := func(sql string) {
		t.Helper()
		if _, err := conn.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
			t.Fatalf("%.200s: %v", sql, err)
		}
	}
	exec(rush.DjangoTables)
	exec(fmt.Sprintf(`
		set session_replication_role = replica; -- foreign keys would take minutes
		insert into restaurants_restaurant (name, timezone, is_active, created_at) select 'r' || n, 'UTC', true, now() from generate_series(1, 20) n;
		insert into accounts_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined, role, restaurant_id)
		select '!', false, 'u' || n, 'U', '', '', false, true, now(), 'kitchen', 1 + n %% 20 from generate_series(1, 400) n;
		insert into tables_table (number, seats, restaurant_id) select n, 4, 1 + n %% 20 from generate_series(1, 400) n;
		insert into menu_category (name, restaurant_id) select 'c', n from generate_series(1, 20) n;
		insert into menu_menuitem (name, price, is_available, category_id, restaurant_id) select 'Soup', 1, true, n, n from generate_series(1, 20) n;
		insert into menu_modifieroption (name, price, restaurant_id) select 'hot', 0, n from generate_series(1, 20) n;
		insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, completed_at, created_by_id, restaurant_id, table_id)
		select n, 'dine_in', 'served', 0, '', '', 1, at, at, at, 1 + n %% 400, 1 + n %% 20, 1 + n %% 400
		  from generate_series(1, %[1]d) n, lateral (select now() - interval '2 hours' - n / 20 * interval '3 minutes') a (at);
		insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, completed_at, created_by_id, restaurant_id, table_id)
		select n, 'dine_in', case when n <= 400 then 'pending' else 'served' end, 0, '', '', 1, now(), now(), case when n > 400 then now() end, 1 + n %% 400, 1 + n %% 20, 1 + n %% 400
		  from generate_series(1, 500) n;
		insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id)
		select 1, 1, '', o.restaurant_id, o.id from orders_order o, generate_series(1, 3) where o.id > %[1]d - 50000;
		insert into orders_orderitemmodifier (quantity, modifier_option_id, order_item_id) select 1, 1, id from orders_orderitem;
		reset session_replication_role;
		analyze`, *pastOrders))

	template, err := attach.FindTemplate("django")
	if err != nil {
		t.Fatal(err)
	}
	m, err := attach.Parse("django.sql", []byte(template.Text))
	if err != nil {
		t.Fatal(err)
	}
	report, err := attach.Check(t.Context(), conn, m)
	if err != nil {
		t.Fatal(err)
	}
	indexes := 0
	for _, f := range report {
		if index, named := strings.CutPrefix(f.Mend, "create index concurrently "); named {
			exec("create index " + index)
			t.Log(f.Mend)
			indexes++
		}
	}
	if indexes == 0 {
		t.Error("the check names no index, and all past orders of a restaurant are read for its queue")
	}
	exec("analyze")
	if _, err := attach.Up(t.Context(), conn, m); err != nil {
		t.Fatal(err)
	}

	received := &said{statements: map[string][]any{}}
	d, err := db.OpenTraced(t.Context(), url, received)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	var id string
	if err := conn.QueryRow(t.Context(), `select id::text from kitchen.orders where open and restaurant_id = 7 limit 1`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	one := db.OrderKey{Restaurant: "7", Order: order.OrderID(id)}
	for name, read := range map[string]func() (int, error){
		"queue": func() (int, error) {
			q, err := d.Queues(t.Context(), []order.RestaurantID{"7"})
			return len(q["7"].Orders), err
		},
		"one order":  func() (int, error) { o, err := d.Orders(t.Context(), []db.OrderKey{one}); return len(o), err },
		"two orders": func() (int, error) { o, err := d.Orders(t.Context(), []db.OrderKey{one, one}); return len(o), err },
		"recent":     func() (int, error) { o, err := d.Recent(t.Context(), "7"); return len(o), err },
		"fingerprints": func() (int, error) {
			p, err := d.Fingerprints(t.Context(), []order.RestaurantID{"7"})
			return len(p), err
		},
		"user": func() (int, error) { _, err := d.User(t.Context(), "6"); return 1, err },
	} {
		var took []time.Duration
		for range 9 {
			began := time.Now()
			n, err := read()
			if err != nil || n == 0 {
				t.Fatalf("%s: %d, %v", name, n, err)
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		t.Logf("%-12s %v", name, took[len(took)/2].Round(10*time.Microsecond))
	}
	explained := 0
	for sql, args := range received.statements {
		if !regexp.MustCompile(`kitchen\.(orders|order_rows|users|restaurants)`).MatchString(sql) {
			continue
		}
		explained++
		plan, pages := explain(t, conn, sql, args, true)
		for _, table := range []string{"orders_order", "orders_orderitem", "orders_orderitemmodifier"} {
			if strings.Contains(plan, "Seq Scan on "+table+" ") {
				t.Errorf("reads all of %s:\n%s\n%s", table, sql, plan)
			}
		}
		if pages > 2500 {
			t.Errorf("touches %d pages:\n%s\n%s", pages, sql, plan)
		}
	}
	if explained < 6 {
		t.Errorf("%d statements were explained", explained)
	}
}
