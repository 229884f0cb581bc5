package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kitchen/cmd/kitchen/terminal"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// What orders share is announced: names and settings reach a display within a second while others write, and the periodic check
// finds nothing that nobody announced. What no kitchen sees causes no read.
func TestNamesOfAnAttachedHostReachADisplayWithinASecond(t *testing.T) {
	a := attachDjango(t)
	node, admin, token := a.serve(t, "1")
	d := connect(t, node.socket("1"), token)
	first := d.untilType(t, "initial_queue")
	if len(first.Orders) != 1 || first.Orders[0].ID != "1" || first.Restaurant.Name != "Trattoria" {
		t.Fatalf("the first queue: %+v", first)
	}
	stop := a.write(t, 2)
	defer stop()
	shown := func(what, sql string, want func(terminal.Message) bool) {
		t.Helper()
		began := time.Now()
		a.exec(t, sql)
		d.until(t, what, want)
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s took %v", what, took)
		}
	}
	ticket := func(m terminal.Message) terminal.Ticket {
		if m.Type == "initial_queue" && len(m.Orders) == 1 {
			return m.Orders[0]
		}
		if m.Order != nil && m.Order.ID == "1" {
			return *m.Order
		}
		return terminal.Ticket{}
	}
	for i := range 5 {
		name := fmt.Sprintf("n%d", i)
		shown("the restaurant's name", `update restaurants_restaurant set name = '`+name+`' where id = 1`, func(m terminal.Message) bool { return m.Restaurant.Name == name })
		shown("a setting", fmt.Sprintf(`insert into kitchen.settings (restaurant_id, warn_after) values (1, '%d minutes') on conflict (restaurant_id) do update set warn_after = excluded.warn_after`, 6+i),
			func(m terminal.Message) bool { return m.Restaurant.WarnAfter == int64(60*(6+i)) })
		shown("a table's name", `update tables_table set number = '`+name+`' where id = 1`, func(m terminal.Message) bool { o := ticket(m); return o.Table != nil && o.Table.Label == name })
		shown("a user's name", `update accounts_user set first_name = '`+name+`' where id = 1`, func(m terminal.Message) bool { o := ticket(m); return o.CreatedBy != nil && o.CreatedBy.Name == name })
		shown("a dish's name", `update menu_menuitem set name = '`+name+`' where id = 1`, func(m terminal.Message) bool {
			o := ticket(m)
			return len(o.Items) == 1 && o.Items[0].MenuItem.Name == name
		})
	}
	stop()
	reads := func() (n uint64) {
		for _, m := range scrape(t, admin)["kitchen_hydration_seconds"].GetMetric() {
			n += m.GetHistogram().GetSampleCount()
		}
		return n
	}
	was := reads()
	for range 50 { // as many as in a second
		a.exec(t, `update orders_order set total = total + 1, updated_at = now() where id = 1; insert into payments_payment (amount, order_id) values (1, 1)`)
	}
	shown("a change after the payments", `update orders_order set notes = 'now' where id = 1`, func(m terminal.Message) bool { return ticket(m).Notes == "now" })
	if more := reads() - was; more > 1 {
		t.Errorf("50 payments, which no kitchen sees, and one change made %v reads", more)
	}
	if n := value(t, scrape(t, admin), "kitchen_repairs_total", ""); n != 0 {
		t.Errorf("the periodic check repaired %v times", n)
	}
}

// A cook's tap sets the host's own word, with a token as simplejwt issues it for a user whose id is a number.
func TestATapOnAnAttachedHostSetsItsOwnWords(t *testing.T) {
	t.Parallel()
	a := attachDjango(t)
	node, admin, _ := a.serve(t, "1")
	claims := jwt.MapClaims{"user_id": 2, "token_type": "access", "exp": time.Now().Add(time.Hour).Unix(), "jti": "x"}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(testSecret))
	if err != nil {
		t.Fatal(err)
	}
	d := &frames{t: t, conn: connect(t, node.socket("2"), token).Conn, restaurant: "2"}
	if m := d.next(); m["type"] != "initial_queue" || len(m["orders"].([]any)) != 1 {
		t.Fatalf("the first queue: %v", m)
	}
	if m := d.ask(fields{"type": "update_status", "order_id": "2", "status": "ready", "request_id": "a"}); m["type"] != "ack" || m["version"] != 1.0 {
		t.Errorf("a tap is answered %v", m)
	}
	if m := d.ask(fields{"type": "update_status", "order_id": "2", "status": "completed", "version": 0, "request_id": "b"}); m["code"] != "conflict" {
		t.Errorf("a tap on what was seen before is answered %v", m)
	}
	if m := d.ask(fields{"type": "update_status", "order_id": "1", "status": "ready", "request_id": "c"}); m["code"] != "order_not_found" {
		t.Errorf("a tap on another restaurant's order is answered %v", m)
	}
	if m := d.ask(fields{"type": "update_status", "order_id": "2", "status": "completed", "version": 1, "request_id": "d"}); m["type"] != "ack" {
		t.Errorf("a tap is answered %v", m)
	}
	var status string
	if err := a.pool.QueryRow(t.Context(), `select status || ' ' || (completed_at is not null) from orders_order where id = 2`).Scan(&status); err != nil || status != "served true" {
		t.Errorf("the host's order is %s, %v", status, err)
	}
	if m := d.ask(fields{"type": "list_recent", "request_id": "e"}); m["type"] != "recent_orders" || len(m["orders"].([]any)) != 1 {
		t.Errorf("the orders that left: %v", m)
	}
	var way string // the ack may come before the change has been read and sent
	if !dbtest.Poll(5*time.Second, func() bool {
		out, errs, code := kitchen(t, nil, "trace", "2", "--metrics-url", admin)
		way = fmt.Sprintf("%d\n%s%s", code, out, errs)
		return code == 0 && strings.Contains(out, "of restaurant 2: completed, version 2") && strings.Contains(out, "order_status_changed completed, version 2")
	}) {
		t.Errorf("the order's way: %s", way)
	}
	for _, c := range []struct {
		restaurant string
		user       any
		code       int
	}{{"1", 2, 4003}, {"2", 999, 4001}, {"2", 3, 4001}, {"2", "junk", 4001}} {
		claims["user_id"] = c.user
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(testSecret))
		if err != nil {
			t.Fatal(err)
		}
		other := &frames{t: t, conn: connect(t, node.socket(order.RestaurantID(c.restaurant)), token).Conn, restaurant: order.RestaurantID(c.restaurant)}
		if code := other.closed(); code != c.code {
			t.Errorf("user %v at restaurant %s: closed with %d, want %d", c.user, c.restaurant, code, c.code)
		}
	}
}

// A view that breaks at run time stops no writer: the display says that it is not live, the doctor says why, and another restaurant's
// goes on. The same where the mapping is taken off under a display.
func TestABrokenViewOfAnAttachedHostIsSaid(t *testing.T) {
	t.Parallel()
	a := attachDjango(t)
	text, err := os.ReadFile(a.mapping)
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(text), "o.order_number, o.order_type, o.priority,", "o.order_number, o.order_type, (10 / (5 - o.priority))::int as priority,", 1)
	if err := os.WriteFile(a.mapping, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	owner := []string{"DATABASE_URL=" + a.url}
	if out, errs, code := kitchen(t, owner, "attach", "up", a.mapping); code != 0 {
		t.Fatalf("attach up: %d %s%s", code, out, errs)
	}
	node, _, token := a.serve(t, "1")
	other, errs, code := kitchen(t, onDatabase(a.url), "token", "2")
	if code != 0 {
		t.Fatal(errs)
	}
	d, second := connect(t, node.socket("1"), token), connect(t, node.socket("2"), strings.TrimSpace(other))
	d.untilType(t, "initial_queue")
	second.untilType(t, "initial_queue")

	a.exec(t, `update orders_order set priority = 5 where id = 1`)
	d.until(t, "a message that it is not live", func(m terminal.Message) bool { return m.Type == "heartbeat" && !m.Live })
	a.exec(t, `update orders_order set notes = 'goes on' where id = 2`)
	second.until(t, "the other restaurant's change", func(m terminal.Message) bool { return m.Order != nil && m.Order.Notes == "goes on" })
	if out, _, code := kitchen(t, onDatabase(a.url), "doctor"); code != 2 || !strings.Contains(out, "division by zero") {
		t.Errorf("the doctor: %d\n%s", code, out)
	}
	a.exec(t, `update orders_order set priority = 0, notes = 'mended' where id = 1`)
	d.until(t, "the change after it", func(m terminal.Message) bool {
		return m.Order != nil && m.Order.Notes == "mended" || len(m.Orders) == 1 && m.Orders[0].Notes == "mended"
	})

	if out, errs, code := kitchen(t, owner, "attach", "down"); code != 0 {
		t.Fatalf("attach down: %d %s%s", code, out, errs)
	}
	for _, d := range []*display{d, second} {
		d.until(t, "a message that it is not live", func(m terminal.Message) bool { return m.Type == "heartbeat" && !m.Live })
	}
	if said := node.stderr.String(); strings.Contains(said, "migrate up") {
		t.Errorf("the log of a node on attached tables advises to migrate:\n%s", said)
	}
}
