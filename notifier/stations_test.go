package notifier_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
	"kitchen/notifier"
)

// What stations do arrives as events, one a transaction, and so does a changed route.
func TestStationsAreToldAsEvents(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	r := k.restaurant()
	grill := k.id(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Grill') returning id::text`, r)
	bar := k.id(`insert into kitchen.stations (restaurant_id, name, position) values ($1, 'Bar', 2) returning id::text`, r)
	k.exec(`insert into kitchen.routes (restaurant_id, station_id, category) values ($1, $2, 'meat'), ($1, $3, 'drinks')`, r, grill, bar)
	s, _ := k.watch(r)
	step := func(kind string, change func(), parts ...string) {
		t.Helper()
		n := s.count()
		change()
		got, doc := s.next(n)
		if got != kind {
			t.Errorf("got %s, want %s: %s", got, kind, doc)
		}
		contains(t, doc, parts...)
		k.converges(s)
		if s.count() != n+1 {
			t.Errorf("%s came with more: %v", kind, s.said())
		}
	}
	exec := func(sql string, args ...any) func() { return func() { t.Helper(); k.exec(sql, args...) } }
	at := func(station, status string) string {
		return `"stations":[{"id":"` + station + `","status":"` + status + `"}]`
	}

	var order string
	step("order_created", func() {
		order = k.id(`
			with o as (insert into orders (restaurant_id) values ($1) returning id),
			     i as (insert into order_items (restaurant_id, order_id, name, category) select $1, id, c, c from o, unnest(array['meat', 'drinks']) c)
			select id::text from o`, r)
	}, at(grill, "pending"), at(bar, "pending"))
	step("order_updated", exec(`select kitchen.set_lines($1, $2, 'ready')`, order, grill), `"status":"preparing"`, at(grill, "ready"))
	step("order_updated", exec(`select kitchen.set_lines($1, $2, 'ready')`, order, bar), `"status":"ready"`, at(bar, "ready"))
	step("order_updated", exec(`update order_items set quantity = 2 where name = 'meat'`), `"status":"preparing"`,
		`"stations":[{"id":"`+grill+`","status":"pending","changed":true}]`)
	step("initial_queue", exec(`delete from kitchen.routes where station_id = $1`, bar), `"stations":[{"id":null,"status":"pending"}]`)
	step("initial_queue", exec(`update kitchen.stations set name = 'Plancha' where id = $1`, grill), `{"id":"`+grill+`","name":"Plancha","kind":"prep"}`)
	step("initial_queue", exec(`insert into kitchen.settings (restaurant_id, ready_when) values ($1, 'expo')`, r), `"ready_when":"expo"`)
}

// Two transactions that did not see each other leave an order whose status does not follow from its lines. A node that reads it corrects it.
func TestStaleStatusIsSetWhenAnOrderIsRead(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{CheckEvery: 500 * time.Millisecond})
	r := k.restaurant()
	k.exec(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Grill')`, r)
	order := k.id(`insert into orders (restaurant_id) values ($1) returning id::text`, r)
	k.exec(`insert into order_items (order_id, name) values ($1, 'meat')`, order)
	s, _ := k.watch(r)
	for _, c := range []struct{ behind, want string }{
		{`insert into kitchen.line_changes (order_id, line_id, status, quantity) select order_id, id, 'ready', 1 from order_items`, "ready"},
		{`insert into order_items (order_id, name) select id, 'egg' from orders`, "preparing"},
	} {
		// As if nobody had seen it: the triggers that follow are silent, or all of them are.
		k.exec(`alter table orders disable trigger user; alter table order_items disable trigger user; alter table kitchen.line_changes disable trigger user;
			alter table order_items enable always trigger "~order_items_complete_insert"`)
		k.exec(c.behind)
		k.exec(`alter table orders enable trigger user; alter table order_items enable trigger user; alter table kitchen.line_changes enable trigger user`)
		deadline := time.Now().Add(20 * time.Second)
		for k.id(`select status from orders`) != c.want {
			if time.Now().After(deadline) {
				t.Fatalf("the order is %s, want %s: %v", k.id(`select status from orders`), c.want, s.said())
			}
		}
		k.converges(s)
	}
}

// A station's last line and a new route that do not see each other leave an order ready whose line waits at another station. No display
// shows it as ready, not even until a node has taken the status back: neither in a queue nor in an event.
func TestDisplaysNeverShowReadyWhileALineWaits(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	r := k.restaurant()
	grill := k.id(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Grill') returning id::text`, r)
	fryer := k.id(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Fryer') returning id::text`, r)
	k.exec(`insert into kitchen.routes (restaurant_id, station_id, category) values ($1, $2, 'meat')`, r, grill)
	s, _ := k.watch(r)
	begin := func() pgx.Tx {
		t.Helper()
		tx, err := k.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return tx
	}
	exec := func(tx pgx.Tx, sql string, args ...any) {
		t.Helper()
		if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	commit := func(tx pgx.Tx) {
		t.Helper()
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, routeLast := range []bool{true, false} {
		k.exec(`update kitchen.routes set station_id = $1`, grill)
		order := k.order(r)
		k.exec(`insert into order_items (order_id, name, category) values ($1, 'steak', 'meat')`, order)
		k.exec(`select kitchen.set_lines($1, $2, 'preparing')`, order, grill)
		cook, owner := begin(), begin()
		exec(cook, `select kitchen.set_lines($1, $2, 'ready')`, order, grill)
		exec(owner, `update kitchen.routes set station_id = $1`, fryer)
		if routeLast {
			commit(cook)
			commit(owner)
		} else {
			commit(owner)
			commit(cook)
		}
		s.until("a status that follows from the lines", func() bool {
			o := s.queue[order]
			return o.Status == "preparing" && strings.Contains(o.Doc, fryer) && k.id(`select status from orders where id = $1`, order) == "preparing"
		})
		k.converges(s)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range s.docs {
		var m struct {
			Order  json.RawMessage
			Orders []json.RawMessage
		}
		if err := json.Unmarshal(doc, &m); err != nil {
			t.Fatal(err)
		}
		for _, o := range append(m.Orders, m.Order) {
			if strings.Contains(string(o), `"status":"ready","priority"`) && strings.Contains(string(o), `"status":"pending"`) {
				t.Errorf("a display showed as ready what still waits: %s", o)
			}
		}
	}
}
