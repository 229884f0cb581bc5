package attach_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"kitchen/db"
	"kitchen/db/attach"
	"kitchen/db/order"
)

// The program reads attached tables with the statements that it reads its own with, whatever the keys.
func TestTheProgramReadsEveryAttachedSystem(t *testing.T) {
	t.Parallel()
	for _, found := range attach.Templates() {
		t.Run(found.Name, func(t *testing.T) {
			h := fixture(t, found.Name)
			h.up(mapping(t, found.Name))
			d, err := db.Open(t.Context(), h.url)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if err := d.CheckSchema(t.Context()); err != nil {
				t.Error(err)
			}
			if wrong, err := d.CheckTriggers(t.Context()); err != nil || len(wrong) > 0 {
				t.Errorf("triggers: %v, %v", wrong, err)
			}
			restaurant := order.RestaurantID(h.one(`select restaurant_id::text from kitchen.orders where id = '2'`))
			queues, err := d.Queues(t.Context(), []order.RestaurantID{restaurant})
			if err != nil {
				t.Fatal(err)
			}
			q := queues[restaurant]
			if q == nil || len(q.Orders) == 0 || q.Orders[0].ID != "2" || len(q.Orders[0].Items) == 0 {
				t.Fatalf("the queue of %s: %+v", restaurant, q)
			}
			// Anybody can name an id in a notification or an address: one that cannot be makes no read of others fail.
			for _, junk := range []string{"junk", "007", "99999999999999999999", "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10", ""} {
				orders, err := d.Orders(t.Context(), []db.OrderKey{{Restaurant: restaurant, Order: order.OrderID(junk)}, {Restaurant: restaurant, Order: "2"}})
				if err != nil || len(orders) != 1 {
					t.Errorf("with %q: %d orders, %v", junk, len(orders), err)
				}
				if queues, err := d.Queues(t.Context(), []order.RestaurantID{order.RestaurantID(junk), restaurant}); err != nil || len(queues) != 1 {
					t.Errorf("with %q: %d queues, %v", junk, len(queues), err)
				}
				if prints, err := d.Fingerprints(t.Context(), []order.RestaurantID{order.RestaurantID(junk), restaurant}); err != nil || len(prints) != 1 {
					t.Errorf("with %q: %d fingerprints, %v", junk, len(prints), err)
				}
				if _, err := d.Users(t.Context(), []order.UserID{order.UserID(junk)}); err != nil {
					t.Error(err)
				}
				if _, err := d.User(t.Context(), order.UserID(junk)); !errors.Is(err, order.ErrNotFound) {
					t.Errorf("user %q: %v", junk, err)
				}
				if _, err := d.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: restaurant, Order: order.OrderID(junk), Status: "ready"}); !errors.Is(err, order.ErrNotFound) {
					t.Errorf("order %q: %v", junk, err)
				}
			}
			if _, err := d.Recent(t.Context(), restaurant); err != nil {
				t.Error(err)
			}
			if _, err := d.Fingerprints(t.Context(), []order.RestaurantID{restaurant}); err != nil {
				t.Error(err)
			}
			if _, err := d.User(t.Context(), order.UserID(h.one(`select id::text from kitchen.users where restaurant_id::text = $1 limit 1`, string(restaurant)))); err != nil {
				t.Error(err)
			}
			done, err := d.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: restaurant, Order: "2", Status: "ready"})
			if err != nil || done.Version != 1 {
				t.Errorf("moved on: %+v, %v", done, err)
			}
			if caught := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); caught != "" {
				t.Errorf("trigger errors: %s", caught)
			}
		})
	}
}

// A line with a quantity that is no number of a kitchen is shown as one piece, with the host's number as a note, and all others as they are.
func TestOneBadQuantityBlanksNoKitchen(t *testing.T) {
	t.Parallel()
	h := bare(t, stampedHost)
	h.exec(`alter table dishes add n numeric not null default 2; alter table facts add n double precision not null default 1`)
	h.up(parse(t, "bad.sql", strings.NewReplacer("name, 1 as quantity, array_to_string", "name, n as quantity, array_to_string", "value as name, 1 as quantity", "value as name, n as quantity").Replace(stampedMapping)))
	h.exec(`update dishes set n = 1e20 where id = 6; update dishes set n = 'NaN' where id = 12; update facts set n = 'infinity' where dish_id = 18`)
	d, err := db.Open(t.Context(), h.url)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	queues, err := d.Queues(t.Context(), []order.RestaurantID{"1"})
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{}
	for _, o := range queues["1"].Orders {
		for _, i := range o.Items {
			shown[i.ID] = fmt.Sprintf("%s x %s (%s)", i.Quantity, i.MenuItem.Name, i.Notes)
			for _, m := range i.Modifiers {
				shown[i.ID] += fmt.Sprintf("; %s x %s", m.Quantity, m.Option.Name)
			}
		}
	}
	for id, want := range map[string]string{
		"4": "2 x Soup (hot); 1 x L", "6": "1 x Soup (quantity 100000000000000000000? hot); 1 x L", "12": "1 x Soup (quantity NaN? hot); 1 x L", "18": "2 x Soup (hot); 1 x quantity Infinity? L",
	} {
		if shown[id] != want {
			t.Errorf("line %s is %q, want %q", id, shown[id], want)
		}
	}
}

// Keys that became wider, with down and up around the host's migration, are read by a node that was open all the time.
func TestANodeLearnsOfKeysOfAnotherType(t *testing.T) {
	t.Parallel()
	h := bare(t, `create table shop (id int primary key, name text); create table ticket (id int primary key, shop int)`)
	const views = `create view kitchen.restaurants as select id, coalesce(name, '') as name, 'UTC' as timezone from shop;
		create view kitchen.users as select 1 as id, id as restaurant_id, 'x' as name, 'owner' as role, true as is_active from shop;
		create view kitchen.orders as select id, shop as restaurant_id, shop is not null as open, 'pending' as status, 1 as order_number, 'dine_in' as order_type, 0 as priority,
		  null as table_id, null as table_label, null as created_by, null as created_by_name, '' as customer_name, '' as notes, '' as allergy_note,
		  null::timestamptz as promised_at, now() as created_at, null::timestamptz as left_at from ticket where shop is not null;
		create view kitchen.lines as select id, id as order_id, null as menu_item_id, null as category, 'x' as name, 1 as quantity, '' as notes, 1 as position, 1 as course, false as held from ticket where false;
		create view kitchen.modifiers as select 1 as id, id as line_id, null as modifier_option_id, 'x' as name, 1 as quantity, null as kind, 1 as position from ticket where false;
		create view kitchen.watch (source, order_id, restaurant_id) as values ('ticket', 'id', null), ('shop', null, 'id')`
	h.up(parse(t, "ticket.sql", views))
	d, err := db.Open(t.Context(), h.url)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	h.down()
	if _, err := d.CheckTriggers(t.Context()); err != nil || d.Keys().Order != "integer" {
		t.Errorf("after down keys are %v, %v", d.Keys(), err)
	}
	h.exec(`alter table ticket alter column id type bigint; insert into shop values (1, 'x'); insert into ticket values (3000000001, 1)`)
	h.up(parse(t, "ticket.sql", views))
	if wrong, err := d.CheckTriggers(t.Context()); err != nil || len(wrong) > 0 {
		t.Errorf("triggers: %v, %v", wrong, err)
	}
	orders, err := d.Orders(t.Context(), []db.OrderKey{{Restaurant: "1", Order: "3000000001"}})
	if err != nil || len(orders) != 1 {
		t.Errorf("%d orders, %v", len(orders), err)
	}
}

// The host's program learns a new word after its mapping was installed. An open order of that status is pending to a kitchen, wherever it
// is read, and can be moved on; one that is not open is no order of a kitchen's. The doctor says so.
func TestOrdersOfAnUnknownStatusAreNotHidden(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	found, err := attach.FindTemplate("django")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(found.Text, "o.status in ('pending', 'confirmed', 'preparing', 'ready') as open", "o.status not in ('served', 'delivered', 'completed', 'cancelled', 'archived') as open", 1)
	h.up(parse(t, "django.sql", text))
	d, err := db.Open(t.Context(), h.url)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	restaurant := order.RestaurantID(h.one(`select restaurant_id::text from orders_order where id = 2`))
	statuses := func() (inQueue, alone string) {
		t.Helper()
		queues, err := d.Queues(t.Context(), []order.RestaurantID{restaurant})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range queues[restaurant].Orders {
			if o.ID == "2" {
				inQueue = string(o.Status)
			}
		}
		orders, err := d.Orders(t.Context(), []db.OrderKey{{Restaurant: restaurant, Order: "2"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range orders {
			alone = string(o.Status)
		}
		return inQueue, alone
	}
	doctor := func() string {
		t.Helper()
		report, err := attach.Installed(t.Context(), h.conn)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(report)
	}
	for word, want := range map[string]string{"on_hold": "pending", "archived": ""} {
		h.exec(`update orders_order set status = '` + word + `' where id = 2`)
		if inQueue, alone := statuses(); inQueue != want || alone != want {
			t.Errorf("%s: %q in the queue, %q alone; want %q", word, inQueue, alone, want)
		}
		if unseen := h.one(`select count(*)::text from kitchen.unseen where order_id = 2`); (unseen == "1") != (want == "pending") {
			t.Errorf("%s: %s alarms for the order", word, unseen)
		}
		if said := doctor(); !strings.Contains(said, "a status that is none of the five") || !strings.Contains(said, "order 2") {
			t.Errorf("%s: the doctor says nothing: %s", word, said)
		}
	}
	h.exec(`update orders_order set status = 'archived' where id = 2`)
	if _, err := d.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: restaurant, Order: "2", Status: "preparing"}); !errors.Is(err, order.ErrNotFound) {
		t.Errorf("an order that is none of a kitchen's was moved: %v", err)
	}
	h.exec(`update orders_order set status = 'on_hold' where id = 2`)
	if now, err := d.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: restaurant, Order: "2", Status: "preparing"}); err != nil || now.Status != "preparing" {
		t.Errorf("moved on: %v, %v", now, err)
	}
	if said := doctor(); strings.Contains(said, "none of the five") {
		t.Errorf("the doctor: %s", said)
	}
}
