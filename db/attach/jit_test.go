package attach_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// What the kitchen does inside the transactions of others is never compiled: for a plan over tables without the right index that took two
// seconds a statement, in which a new station held the rows of orders.
func TestNothingIsCompiledInWritersTransactions(t *testing.T) {
	t.Parallel()
	h, text := withCourses(t)
	h.up(parse(t, "django.sql", text))
	config, err := pgx.ParseConfig(h.url)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var plans []string
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		mu.Lock()
		defer mu.Unlock()
		plans = append(plans, n.Message)
	}
	writer, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close(t.Context())
	if _, err := writer.Exec(t.Context(), `load 'auto_explain'; set jit = on; set jit_above_cost = 0; set client_min_messages = log;
		set auto_explain.log_nested_statements = on; set auto_explain.log_min_duration = 0; set auto_explain.log_analyze = on`); err != nil {
		t.Fatal(err)
	}
	views := regexp.MustCompile(`kitchen\.(orders|lines|derived_status|waiting|order_rows)\b`)
	for _, sql := range []string{
		`insert into kitchen.stations (restaurant_id, name) values (1, 'Oven'), (1, 'Bar')`,
		`insert into kitchen.routes (restaurant_id, station_id, category) select 1, id, 'x' from kitchen.stations where name = 'Bar'`,
		`insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id) values (1, 3, '', 3, 1)`,
		`select kitchen.set_lines(1, null, 'preparing')`,
		`select kitchen.fire_course(1, 1, 2)`,
		`update orders_order set status = 'ready' where id = 1`,
		`delete from kitchen.routes`,
	} {
		plans = nil
		if _, err := writer.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		read := 0
		for _, plan := range plans {
			_, text, _ := strings.Cut(plan, "Query Text: ")
			if strings.HasPrefix(text, sql) || !views.MatchString(text) {
				continue // the writer's own, or a look-up by a key in a table of the kitchen's
			}
			read++
			if strings.Contains(plan, "JIT:") {
				t.Errorf("%s: compiled: %.120s", sql, text)
			}
		}
		if read == 0 {
			t.Errorf("%s: the server told of no plan over views: %d plans", sql, len(plans))
		}
	}
}
