package db_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"kitchen/db"
	"kitchen/db/order"
)

// withStations is a restaurant with a grill, a bar and a pass, and one order of a steak and a beer.
func (f fixture) withStations() (r order.RestaurantID, id order.OrderID, grill, bar string) {
	f.Helper()
	r = order.RestaurantID(f.id(`insert into restaurants (name) values ('Bistro') returning id::text`))
	grill = f.id(`insert into kitchen.stations (restaurant_id, name, position) values ($1, 'Grill', 1) returning id::text`, r)
	bar = f.id(`insert into kitchen.stations (restaurant_id, name, position) values ($1, 'Bar', 2) returning id::text`, r)
	f.exec(`insert into kitchen.stations (restaurant_id, name, kind, position) values ($1, 'Pass', 'expo', 3)`, r)
	f.exec(`insert into kitchen.routes (restaurant_id, station_id, category) values ($1, $2, 'meat'), ($1, $3, 'drinks')`, r, grill, bar)
	id = order.OrderID(f.id(`insert into orders (restaurant_id) values ($1) returning id::text`, r))
	f.exec(`insert into order_items (order_id, name, category) values ($1, 'Steak', 'meat'), ($1, 'Beer', 'drinks')`, id)
	return r, id, grill, bar
}

// standing prints where the lines of an order stand: "ready: Steak Grill=ready".
func (f fixture) standing(r order.RestaurantID, id order.OrderID) string {
	f.Helper()
	q, err := f.db.Queues(f.Context(), []order.RestaurantID{r})
	if err != nil {
		f.Fatal(err)
	}
	read, err := f.db.Orders(f.Context(), []db.OrderKey{{Restaurant: r, Order: id}})
	if err != nil || len(read) != 1 {
		f.Fatal(read, err)
	}
	names := map[string]string{}
	for _, s := range q[r].Restaurant.Stations.All() {
		names[s.ID] = s.Name
	}
	var lines []string
	for _, i := range read[0].Items {
		line := i.MenuItem.Name
		for _, at := range i.Stations {
			name := "-"
			if at.Station != nil {
				name = names[*at.Station]
			}
			line += " " + name + "=" + string(at.Status)
			if at.Changed {
				line += "!"
			}
			if at.Reason != "" {
				line += " (" + at.Reason + ")"
			}
		}
		lines = append(lines, line)
	}
	return string(read[0].Status) + ": " + strings.Join(lines, ", ")
}

func TestLinesAreReadAndMoved(t *testing.T) {
	t.Parallel()
	f := open(t)
	r, id, grill, bar := f.withStations()
	expect := func(want string) {
		t.Helper()
		if got := f.standing(r, id); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	expect("pending: Steak Grill=pending, Beer Bar=pending")
	move := func(station *string, to order.Status) (order.StatusResult, error) {
		return f.db.UpdateLines(t.Context(), order.LinesUpdate{Restaurant: r, Order: id, Status: to, Station: station})
	}
	if now, err := move(&grill, order.Preparing); err != nil || now != (order.StatusResult{Status: order.Preparing, Version: now.Version}) {
		t.Errorf("%+v, %v", now, err)
	}
	expect("preparing: Steak Grill=preparing, Beer Bar=pending")
	var waits *order.NotReadyError
	if _, err := f.db.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: id, Status: order.Ready}); !errors.As(err, &waits) ||
		len(waits.Waiting) != 2 || waits.Waiting[0] != (order.Waiting{Station: waits.Waiting[0].Station, Name: "Grill", Lines: 1}) ||
		*waits.Waiting[0].Station != grill || waits.Waiting[1].Name != "Bar" {
		t.Errorf("ready, with lines to cook: %v", err)
	}
	if _, err := move(&grill, order.Ready); err != nil {
		t.Error(err)
	}
	if now, err := move(&bar, order.Ready); err != nil || now.Status != order.Ready {
		t.Errorf("%+v, %v", now, err)
	}
	expect("ready: Steak Grill=ready, Beer Bar=ready")
	for _, reason := range []string{"cold", "50%, or less: \"raw\" %2C ~!"} {
		again := order.LinesUpdate{Restaurant: r, Order: id, Status: order.Pending, Station: &grill, Reason: reason}
		if _, err := f.db.UpdateLines(t.Context(), again); err != nil {
			t.Error(err)
		}
		expect("preparing: Steak Grill=pending (" + reason + "), Beer Bar=ready")
		if _, err := move(&grill, order.Ready); err != nil {
			t.Error(err)
		}
	}
	expect("ready: Steak Grill=ready, Beer Bar=ready")
	f.exec(`update order_items set quantity = 2 where name = 'Beer'`)
	expect("preparing: Steak Grill=ready, Beer Bar=pending!")
	if now, err := f.db.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: id, Status: order.Completed, Force: true}); err != nil || now.Status != order.Completed {
		t.Errorf("by force: %+v, %v", now, err)
	}
	expect("completed: Steak Grill=ready, Beer Bar=ready")
	var refused *order.RefusedError
	if _, err := move(&bar, order.Pending); !errors.As(err, &refused) || !strings.Contains(refused.Reason, "completed") {
		t.Errorf("a line of a completed order: %v", err)
	}
}

func TestLinesRefuseWhatCannotBe(t *testing.T) {
	t.Parallel()
	f := open(t)
	r, id, grill, _ := f.withStations()
	other, foreign, _, _ := f.withStations()
	beer := f.id(`select id::text from order_items where order_id = $1 and name = 'Beer'`, id)
	preparing := order.Preparing
	good := order.LinesUpdate{Restaurant: r, Order: id, Status: order.Ready, Station: &grill}
	is := func(change func(*order.LinesUpdate)) error {
		u := good
		change(&u)
		_, err := f.db.UpdateLines(t.Context(), u)
		return err
	}
	var conflict *order.ConflictError
	var refused *order.RefusedError
	if err := is(func(u *order.LinesUpdate) { u.Restaurant = other }); !errors.Is(err, order.ErrNotFound) {
		t.Errorf("an order of another restaurant: %v", err)
	}
	if err := is(func(u *order.LinesUpdate) { u.Order = foreign }); !errors.Is(err, order.ErrNotFound) {
		t.Errorf("an order of another restaurant: %v", err)
	}
	if err := is(func(u *order.LinesUpdate) { u.From = &preparing }); !errors.As(err, &conflict) || conflict.Status != order.Pending {
		t.Errorf("a line that the cook saw elsewhere: %v", err)
	}
	if err := is(func(u *order.LinesUpdate) { u.Lines = []string{beer} }); !errors.As(err, &conflict) {
		t.Errorf("a line that is not the station's: %v", err)
	}
	if err := is(func(u *order.LinesUpdate) { u.Lines = []string{"soup"} }); !errors.As(err, &refused) {
		t.Errorf("no line: %v", err)
	}
	if err := is(func(u *order.LinesUpdate) { u.Station = &beer }); !errors.As(err, &refused) {
		t.Errorf("no station: %v", err)
	}
	if _, err := f.db.Fire(t.Context(), other, id, 1); !errors.Is(err, order.ErrNotFound) {
		t.Errorf("a course of another restaurant's order: %v", err)
	}
	f.exec(`update order_items set held = true, course = 2 where name = 'Steak'`)
	steak := f.id(`select id::text from order_items where order_id = $1 and name = 'Steak'`, id)
	if err := is(func(u *order.LinesUpdate) { u.Lines = []string{steak} }); !errors.As(err, &refused) {
		t.Errorf("a held line: %v", err)
	}
	if _, err := f.db.Fire(t.Context(), r, id, 2); err != nil {
		t.Error(err)
	}
	if err := is(func(u *order.LinesUpdate) { u.Lines = []string{steak} }); err != nil {
		t.Errorf("a line that was fired: %v", err)
	}
	f.exec(`drop function kitchen.fire(kitchen.order_key, int)`)
	if _, err := f.db.Fire(t.Context(), r, id, 2); !errors.Is(err, order.ErrNotAllowed) {
		t.Errorf("without kitchen.fire: %v", err)
	}
}

// The periodic check finds what moves lines behind the triggers' back.
func TestFingerprintsCoverTheStatesOfLines(t *testing.T) {
	t.Parallel()
	f := open(t)
	r, id, _, _ := f.withStations()
	print := func() db.Fingerprint {
		t.Helper()
		prints, err := f.db.Fingerprints(t.Context(), []order.RestaurantID{r})
		if err != nil || len(prints) != 1 {
			t.Fatal(prints, err)
		}
		q, err := f.db.Queues(t.Context(), []order.RestaurantID{r})
		if err != nil || q[r].Fingerprint() != prints[0] {
			t.Errorf("the queue's fingerprint is %+v, and asked for %+v, %v", q[r].Fingerprint(), prints[0], err)
		}
		return prints[0]
	}
	before := print()
	for _, sql := range []string{
		`insert into kitchen.line_changes (order_id, line_id, station_id, status) select i.order_id, i.id, s.id, 'ready' from order_items i, kitchen.stations s where i.order_id = $1 and i.name = 'Beer' and s.name = 'Bar'`,
		`update kitchen.routes set station_id = null where category = 'drinks' and restaurant_id = (select restaurant_id from orders where id = $1)`,
		`update kitchen.stations set name = 'Plancha' where name = 'Grill' and restaurant_id = (select restaurant_id from orders where id = $1)`,
		`insert into kitchen.settings (restaurant_id, ready_when) select restaurant_id, 'expo' from orders where id = $1`,
	} {
		f.exec(`alter table kitchen.line_changes disable trigger user; alter table kitchen.routes disable trigger user; alter table kitchen.stations disable trigger user`)
		f.exec(sql, id)
		now := print()
		if now == before {
			t.Errorf("the fingerprint is the same after %s", sql)
		}
		before = now
	}
}

// Two nodes, a station each, at one order at once: no conflict, nothing lost, ready in the end.
func TestTwoNodesMoveLinesOfOneOrder(t *testing.T) {
	t.Parallel()
	f := open(t)
	r, _, grill, bar := f.withStations()
	second, err := db.Open(t.Context(), f.pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(second.Close)
	for range 50 {
		id := order.OrderID(f.id(`insert into orders (restaurant_id) values ($1) returning id::text`, r))
		f.exec(`insert into order_items (order_id, name, category) values ($1, 'Steak', 'meat'), ($1, 'Beer', 'drinks')`, id)
		var both sync.WaitGroup
		pending := order.Pending
		for node, station := range map[*db.DB]string{f.db: grill, second: bar} {
			both.Go(func() {
				if _, err := node.UpdateLines(t.Context(), order.LinesUpdate{Restaurant: r, Order: id, Status: order.Ready, Station: &station, From: &pending}); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if got := f.standing(r, id); got != "ready: Steak Grill=ready, Beer Bar=ready" {
			t.Fatal(got)
		}
	}
}
