package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"kitchen/cmd/kitchen/trace"
	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

func TestTraceTellsTheWayOfAnOrder(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	n, admin := startMeasured(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	ask := func(code int, id order.OrderID, words ...string) string {
		t.Helper()
		out, errs, got := kitchen(t, nil, "trace", string(id), "--metrics-url", admin)
		if got != code || errs != "" {
			t.Errorf("exit code %d, want %d: %s%s", got, code, out, errs)
		}
		for _, w := range words {
			if !regexp.MustCompile(w).MatchString(out) {
				t.Errorf("nothing like %q in:\n%s", w, out)
			}
		}
		return out
	}
	early := h.order(t, "secret sauce")
	ask(1, early, `#1 of restaurant `+string(h.restaurant)+`: pending, version 1, .*not watched on node `, "no display of its restaurant is connected")
	one, two := open(t, n, h, h.token(t)), open(t, n, h, h.token(t))
	one.next()
	two.next()
	ask(0, early, "in the queue when the displays joined")

	before := time.Now()
	id := h.order(t, "secret sauce")
	one.next() // or both changes may be sent as one
	two.next()
	execute(t, h, `update orders set status = 'ready' where id = $1`, id)
	one.next()
	two.next()
	const way = `: changed [0-9:.]+, notified \+[0-9.]+.?s, read \+[0-9.]+.?s, sent \+[0-9.]+.?s to displays no\. \d+( \(reading\))?, \d+`
	out := ask(0, order.OrderID(strings.ToUpper(string(id))), "order_created pending, version 1"+way, "order_status_changed ready, version 2"+way,
		"the newest version was sent to 2 displays")
	if strings.Contains(out, "sauce") || strings.Count(out, "\n") != 4 {
		t.Errorf("more than the way of an order:\n%s", out)
	}

	var trail trace.Trail
	text, errs, code := kitchen(t, []string{"KITCHEN_METRICS_URL=" + admin}, "trace", string(id), "--json")
	if err := json.Unmarshal([]byte(text), &trail); err != nil || code != 0 || errs != "" {
		t.Fatalf("%v, %d: %s%s", err, code, text, errs)
	}
	if len(trail.Changes) != 2 || !trail.Arrived || !trail.Live || trail.Database.Version != 2 {
		t.Fatalf("an order of two changes that arrived is traced as %s", text)
	}
	last := before.Add(-100 * time.Millisecond) // the clocks of this machine and the database's agree within a round trip
	for _, c := range trail.Changes {
		if c.Notified == nil || c.Changed == nil {
			t.Fatalf("a time is missing: %+v", c)
		}
		for _, at := range []time.Time{*c.Notified, c.Hydrated, c.Sent} {
			if at.Before(last) {
				t.Errorf("the times go back: %s", text)
			}
			last = at
		}
		if len(c.Displays) != 2 || !c.Displays[0].Connected || c.Displays[0].Number == c.Displays[1].Number {
			t.Errorf("which displays: %+v", c.Displays)
		}
	}

	_ = two.conn.Close()
	until(t, "the display that left", func() bool {
		out, _, _ := kitchen(t, nil, "trace", string(id), "--metrics-url", admin)
		return strings.Count(out, "(gone since)") == 2
	})
	till := dbtest.Conn(t, url+"&application_name=till-3")
	if _, err := till.Exec(t.Context(), `update orders set notes = 'x' where id = $1`, id); err != nil {
		t.Fatal(err)
	}
	one.next()
	ask(0, id, "order_updated ready, version 3 by till-3: changed .* to display no. ", "watched on node ")
	execute(t, h, `delete from orders where id = $1`, id)
	one.next()
	ask(0, id, "order_deleted: notified", "the order was deleted, and that was sent to 1 display")
	ask(1, "00000000-0000-4000-8000-000000000000", "the database has no such order: its transaction was rolled back", "--metrics-url")

	for _, c := range [][2]string{{"2", "order_number = 2 "}, {"foo", "order_number = … "}} {
		_, errs, code := kitchen(t, nil, "trace", c[0], "--metrics-url", admin)
		if code != 1 || !strings.Contains(errs, `"`+c[0]+`" can be no order's id`) || !strings.Contains(errs, "select id from kitchen.orders where "+c[1]) {
			t.Errorf("trace %s: exit code %d, %s", c[0], code, errs)
		}
	}
	if status, _ := get(t, admin+"/trace/7"); status != http.StatusNotFound {
		t.Errorf("what is no order answers %d", status)
	}
}

// An order that a full queue omits is on no display, though its restaurant is watched and live.
func TestTraceSaysThatAnOrderIsOmitted(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	n, admin := startMeasured(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	old := h.order(t, "secret sauce")
	d := open(t, n, h, h.token(t))
	d.next()
	ask := func(want string, code int, id order.OrderID) {
		t.Helper()
		out, errs, got := kitchen(t, nil, "trace", string(id), "--metrics-url", admin)
		if got != code || !strings.Contains(out, want) {
			t.Errorf("exit code %d, want %d and %q: %s%s", got, code, want, out, errs)
		}
	}
	ask("in the queue when the displays joined", 0, old)
	execute(t, h, `insert into orders (restaurant_id) select $1 from generate_series(1, $2::int)`, h.restaurant, db.MaxQueue+1)
	until(t, "orders that are omitted", func() bool {
		out, _, _ := kitchen(t, nil, "trace", string(old), "--metrics-url", admin)
		return strings.Contains(out, "one of 2 older ones")
	})
	ask("is not on the displays", 1, old)
	newest := h.order(t, "secret sauce")
	until(t, "the newest order", func() bool {
		out, _, _ := kitchen(t, nil, "trace", string(newest), "--metrics-url", admin)
		return strings.Contains(out, "was sent to 1 display")
	})
	execute(t, h, `update orders set status = 'completed' where id <> $1`, old)
	until(t, "room in the queue", func() bool {
		out, _, _ := kitchen(t, nil, "trace", string(old), "--metrics-url", admin)
		return !strings.Contains(out, "older ones")
	})
}

func TestTraceSaysWhatIsWrongWithItsQuestion(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	defer elsewhere.Close()
	const id = "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"trace", 2, "say which order"},
		{"trace se/ven", 2, "can be no order's id: find it by the number on the ticket"},
		{"trace " + id + " --metrics-url ftp://x", 2, "not an address like http://"},
		{"trace " + id + " --metrics-url http://127.0.0.1:1", 1, "is a node there?"},
		{"trace " + id + " --metrics-url " + elsewhere.URL, 1, "404 Not Found, and not like a node"},
	} {
		out, errs, code := kitchen(t, nil, strings.Fields(c.args)...)
		if code != c.code || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit code %d, %s%s", c.args, code, out, errs)
		}
	}
}
