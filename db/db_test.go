package db_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"kitchen/db"
	"kitchen/db/order"
)

func TestQueuesAreWholeAndOldestFirst(t *testing.T) {
	t.Parallel()
	f := open(t)
	a, b, empty := f.restaurant(), f.restaurant(), f.restaurant()
	var want []order.OrderID
	for i := range 5 {
		want = append([]order.OrderID{order.OrderID(f.id(`
			insert into orders (restaurant_id, created_at) values ($1, now() - $2 * interval '1 minute') returning id::text`, a, i))}, want...)
	}
	f.exec(`insert into orders (restaurant_id, status) values ($1, 'completed'), ($1, 'cancelled')`, a)
	of := f.order(b)
	f.exec(`insert into order_items (order_id, name) values ($1, 'Soup'), ($1, 'Bread'), ($1, 'Tea')`, of)
	f.exec(`insert into order_item_modifiers (order_item_id, name) select id, 'no onion' from order_items where name = 'Bread'`)

	queues, err := f.db.Queues(t.Context(), []order.RestaurantID{a, b, empty, "00000000-0000-0000-0000-000000000000"})
	if err != nil {
		t.Fatal(err)
	}
	if len(queues) != 3 {
		t.Errorf("%d queues, want those of the 3 restaurants that exist", len(queues))
	}
	var got []order.OrderID
	for _, o := range queues[a].Orders {
		got = append(got, o.ID)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(queues[empty].Orders) != 0 || queues[empty].Restaurant.Name != "Test" {
		t.Errorf("an empty queue is %+v", queues[empty])
	}
	items := queues[b].Orders[0].Items
	if len(items) != 3 || items[0].MenuItem.Name != "Soup" || items[2].MenuItem.Name != "Tea" || len(items[0].Modifiers) != 0 ||
		items[0].Modifiers == nil || len(items[1].Modifiers) != 1 || items[1].Modifiers[0].Option.Name != "no onion" {
		t.Errorf("lines are %+v", items)
	}
}

func TestOrderIsEncodedAsTheProtocolSays(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	f.order(r)
	doc, _ := json.Marshal(f.queue(r).Orders[0])
	var fields map[string]any
	_ = json.Unmarshal(doc, &fields)
	for _, name := range strings.Fields(`id restaurant_id order_number order_type status priority table created_by customer_name
		notes allergy_note promised_at recalled version created_at updated_at items`) {
		if _, ok := fields[name]; !ok {
			t.Errorf("%s lacks %s", doc, name)
		}
		delete(fields, name)
	}
	if len(fields) != 0 {
		t.Errorf("not in the protocol: %v", fields)
	}
	if !strings.Contains(string(doc), `"items":[]`) {
		t.Errorf("no lines are an empty list: %s", doc)
	}
}

func TestOrdersAreReadInTheirRestaurantOnly(t *testing.T) {
	t.Parallel()
	f := open(t)
	mine, theirs := f.restaurant(), f.restaurant()
	a, b := f.order(mine), f.order(theirs)
	got, err := f.db.Orders(t.Context(), []db.OrderKey{{Restaurant: mine, Order: a}, {Restaurant: mine, Order: b}, {Restaurant: theirs, Order: a}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].ID != a {
		t.Errorf("read %d orders, want mine only", len(got))
	}
}

func TestFingerprintFollowsEveryWrite(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	id := f.order(r)
	f.exec(`insert into tables (restaurant_id, label) values ($1, 'T1')`, r)
	f.exec(`insert into users (restaurant_id, username) values ($1, 'ana')`, r)
	f.exec(`update orders set table_id = (select id from tables), created_by = (select id from users)`)
	f.exec(`insert into order_items (order_id, name) values ($1, 'Soup'), ($1, 'Tea')`, id)
	f.exec(`insert into order_item_modifiers (order_item_id, name) select id, 'hot' from order_items`)
	f.order(r)
	last := db.Fingerprint{}
	for _, change := range []string{
		`select 1`,
		`update orders set notes = 'x'`, `update order_items set quantity = quantity + 1`, `update order_items set held = true`,
		`update order_item_modifiers set quantity = 0.5`, `update order_item_modifiers set kind = 'add'`, `update tables set label = 'T2'`, `update users set name = 'Ana'`,
		`update restaurants set name = 'Other'`, `delete from order_item_modifiers`, `delete from order_items where name = 'Tea'`,
		`update orders set status = 'completed' where order_number = 2`, `truncate orders cascade`,
	} {
		f.exec(`begin; set session_replication_role = replica; ` + change + `; commit; reset session_replication_role`)
		prints, err := f.db.Fingerprints(t.Context(), []order.RestaurantID{r, "00000000-0000-0000-0000-000000000000"})
		if err != nil || len(prints) != 1 {
			t.Fatal(prints, err)
		}
		if told := f.queue(r).Fingerprint(); told != prints[0] {
			t.Errorf("after %s the queue's is %+v, the database's %+v", change, told, prints[0])
		}
		if prints[0] == last {
			t.Errorf("not seen: %s", change)
		}
		last = prints[0]
	}
}

func TestRecentOrdersAreThoseWithinTheWindow(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	f.exec(`insert into orders (restaurant_id, status, completed_at) select $1, 'completed', now() - n * interval '1 minute' from generate_series(1, 70) n`, r)
	f.exec(`insert into orders (restaurant_id, status) values ($1, 'cancelled'), ($1, 'pending')`, r)
	f.exec(`insert into orders (restaurant_id, status) values ($1, 'completed')`, f.restaurant())
	recent, err := f.db.Recent(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if len(recent) != 50 || recent[0].Status != order.Cancelled {
		t.Fatalf("%d orders, first %+v", len(recent), recent[0])
	}
	for i, o := range recent[1:] {
		if o.Number != int64(i+1) {
			t.Errorf("place %d has number %d: not newest first", i+1, o.Number)
		}
	}
	f.exec(`insert into kitchen.settings (restaurant_id, recall_window) select id, '5 minutes 30 seconds' from restaurants`)
	if recent, _ = f.db.Recent(t.Context(), r); len(recent) != 6 {
		t.Errorf("%d orders within the window, want 6", len(recent))
	}
}

func TestReadFailsRatherThanHidesRows(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	f.order(r)
	// The views read with the rights of their owner, who is subject to the policies of a table that forces them.
	role := "cook_" + strings.ReplaceAll(string(r), "-", "")
	f.exec(`create role ` + role + ` login; grant usage on schema kitchen to ` + role + `; grant select on all tables in schema kitchen to ` + role + `;
		alter table order_items owner to ` + role + `; alter view kitchen.lines owner to ` + role + `;
		alter table order_items enable row level security; alter table order_items force row level security`)
	t.Cleanup(func() {
		_, _ = f.pool.Exec(context.Background(), `drop owned by `+role+`; drop role `+role)
	})
	d, err := db.Open(t.Context(), f.pool.Config().ConnString()+"&user="+role)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if q, err := d.Queues(t.Context(), []order.RestaurantID{r}); err == nil {
		t.Errorf("read %+v in spite of a policy that hides lines", q[r])
	}
	// Users who are hidden are not gone: every display of theirs would be closed.
	f.exec(`alter table users owner to ` + role + `; alter view kitchen.users owner to ` + role + `;
		alter table users enable row level security; alter table users force row level security`)
	if users, err := d.Users(t.Context(), []order.UserID{"0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"}); err == nil {
		t.Errorf("read %+v in spite of a policy that hides users", users)
	}
}

func TestDatabaseWithoutSchemaIsSaidToBe(t *testing.T) {
	t.Parallel()
	f := open(t)
	if err := f.db.CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
	f.exec(`alter view kitchen.orders rename column left_at to gone_at`)
	if err := f.db.CheckSchema(t.Context()); !errors.Is(err, db.ErrNotMigrated) || !strings.Contains(err.Error(), "orders.left_at") {
		t.Error(err)
	}
}

// Who writes behind the triggers' back leaves out what only they know, and is read all the same.
func TestOrdersWrittenWithoutTriggersAreRead(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	f.exec(`alter table orders disable trigger user; alter table order_items disable trigger user; alter table order_item_modifiers disable trigger user`)
	o := f.id(`insert into orders (restaurant_id, order_number) values ($1, 7) returning id::text`, r)
	for _, line := range []string{"Soup", "Tea"} {
		f.exec(`insert into order_items (restaurant_id, order_id, name) values ($1, $2, $3)`, r, o, line)
	}
	f.exec(`insert into order_item_modifiers (restaurant_id, order_item_id, name) select $1, id, 'hot' from order_items`, r)
	f.exec(`alter table order_items enable trigger user`)
	f.exec(`insert into order_items (restaurant_id, order_id, name) values ($1, $2, 'Cake')`, r, o)
	queues, err := f.db.Queues(t.Context(), []order.RestaurantID{r})
	if err != nil {
		t.Fatal(err)
	}
	if q := queues[r]; len(q.Orders) != 1 || len(q.Orders[0].Items) != 3 || q.Orders[0].Items[0].MenuItem.Name != "Soup" || q.Orders[0].Items[2].MenuItem.Name != "Cake" {
		t.Errorf("lines are not in the order in which they were written: %+v", queues[r].Orders)
	}
}
