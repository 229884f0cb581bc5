package migrations_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
)

// Every notification says who wrote: the application_name that the writer's session gave, cut, and as JSON whatever it is.
// Nobody's transaction fails for its name.
func TestNotificationsSayWhoWrote(t *testing.T) {
	t.Parallel()
	h := open(t)
	kinds := map[string]bool{}
	// What is announced of an order, in each form that a payload has.
	statements := []string{
		`insert into orders (id, restaurant_id) values ('00000000-0000-4000-8000-000000000001', $A)`, // order_created
		`update orders set status = 'preparing'`,                                                     // order_status_changed
		`insert into order_items (order_id, name) select id, 'Soup' from orders`,                     // order_updated
		`update orders set restaurant_id = $B`,                                                       // order_deleted, order_created
		`delete from orders`,
		`insert into orders (restaurant_id) select $A from generate_series(1, 60)`, // queue_changed
		`update orders set notes = 'x'`,
		`delete from orders`,
		`insert into orders (restaurant_id) select $A from generate_series(1, 51); truncate orders cascade`,
	}
	for _, name := range []string{"till-3", "", " ", `quoted "name" \ and \u0000`, "Zoë's till ☕ café", "tab\tbell\a\x1b[31m\x7f", "'; drop table orders; --",
		strings.Repeat("x", 63), strings.Repeat(`"`, 63), strings.Repeat(`\`, 200), strings.Repeat("é", 40), `</script><b>`} {
		writer, err := pgx.Connect(t.Context(), h.url)
		if err != nil {
			t.Fatal(err)
		}
		var is string // what the server makes of it
		if err := writer.QueryRow(t.Context(), `select set_config('application_name', $1, false)`, name).Scan(&is); err != nil {
			t.Fatal(err)
		}
		if len(is) > 40 {
			is = is[:40]
		}
		for _, s := range statements {
			s = strings.NewReplacer("$A", "'"+h.a+"'", "$B", "'"+h.b+"'").Replace(s)
			if _, err := writer.PgConn().Exec(t.Context(), s).ReadAll(); err != nil {
				t.Fatalf("%q: %s: %v", name, s, err)
			}
		}
		_ = writer.Close(context.Background())
		for _, payload := range h.payloads() {
			var p struct {
				Type string  `json:"type"`
				By   *string `json:"by"`
			}
			if err := json.Unmarshal([]byte(payload), &p); err != nil || len(payload) >= 300 {
				t.Errorf("%q: %d bytes %s: %v", name, len(payload), payload, err)
			}
			if (p.By == nil) != (is == "") || p.By != nil && *p.By != is {
				t.Errorf("%q: %s, want by %q", name, payload, is)
			}
			kinds[p.Type] = true
		}
	}
	if len(kinds) != 5 {
		t.Errorf("not every form of a payload was received: %v", kinds)
	}

	// The longest that there can be.
	writer := dbtest.Conn(t, h.url)
	if _, err := writer.Exec(t.Context(), `set application_name = '`+strings.Repeat(`"`, 63)+`'; insert into orders (restaurant_id) values ('`+h.a+`');
		alter table orders disable trigger "~orders_complete_update"; update orders set kitchen_changes = 9223372036854775806, kitchen_xact = 0;
		alter table orders enable always trigger "~orders_complete_update";
		update orders set status = 'completed'`); err != nil {
		t.Fatal(err)
	}
	longest := h.payloads()
	if last := longest[len(longest)-1]; !strings.Contains(last, "9223372036854775807") || len(last) >= 300 || !json.Valid([]byte(last)) {
		t.Errorf("%d bytes: %s", len(last), last)
	}
}

// payloads are those that were announced since the last time.
func (h *house) payloads() (all []string) {
	h.Helper()
	h.sentinel++
	if _, err := h.pool.Exec(h.Context(), `select pg_notify('sentinel', $1)`, fmt.Sprint(h.sentinel)); err != nil {
		h.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(h.Context(), 20*time.Second)
	defer cancel()
	for {
		n, err := h.ear.WaitForNotification(ctx)
		switch {
		case err != nil:
			h.Fatal(err)
		case n.Channel == "sentinel" && n.Payload == fmt.Sprint(h.sentinel):
			return all
		case n.Channel != "sentinel":
			all = append(all, n.Payload)
		}
	}
}
