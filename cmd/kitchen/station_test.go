package main

import (
	"strings"
	"testing"

	"kitchen/db/dbtest"
)

// An operator sets stations and routes up by commands alone, and can ask where a line would go, and why.
func TestStationsAreSetUpByCommands(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	env := onDatabase(url)
	pool := dbtest.Pool(t, url)
	run := func(want int, args ...string) (string, string) {
		t.Helper()
		out, errs, code := kitchen(t, env, args...)
		if code != want {
			t.Fatalf("%v: exit code %d, want %d: %s%s", args, code, want, out, errs)
		}
		return strings.TrimSpace(out), errs
	}
	run(0, "restaurant", "add", "Bistro")
	if _, err := pool.Exec(t.Context(), `insert into menu_items (restaurant_id, name, category) select id, n, c from restaurants, (values ('Steak', 'meat'), ('Cola', 'bottles'), ('Fries', 'fried')) m (n, c)`); err != nil {
		t.Fatal(err)
	}
	if _, errs := run(0, "station", "list"); !strings.Contains(errs, "kitchen station add NAME") {
		t.Errorf("without stations: %s", errs)
	}
	grill, _ := run(0, "station", "add", "Grill")
	bar, _ := run(0, "station", "add", "Bar")
	pass, _ := run(0, "station", "add", "Pass", "--kind", "expo")
	if _, errs := run(0, "station", "add", "Cold"); !strings.Contains(errs, "next: kitchen station route 'Cold' --category NAME\n") {
		t.Errorf("add: %s", errs)
	}
	if _, err := pool.Exec(t.Context(), `delete from kitchen.stations where name = 'Cold'`); err != nil {
		t.Fatal(err)
	}
	if out, _ := run(0, "station", "route", "grill", "--category", "meat"); out != `lines of the category "meat" are cooked at "grill" from now on, unless a more specific route decides` {
		t.Errorf("route: %s", out)
	}
	for category, want := range map[string]string{
		"Meat":    `no dish has the category "Meat" now; did you mean meat?`,
		"drinks":  `no dish has the category "drinks" now; there are bottles, fried, meat`,
		"bottles": "",
	} {
		out, errs := run(0, "station", "route", "Bar", "--category", category)
		if !strings.Contains(out, "cooked at \"Bar\"") || strings.TrimSpace(errs) != want {
			t.Errorf("route %s: %s%s", category, out, errs)
		}
	}
	if _, err := pool.Exec(t.Context(), `delete from kitchen.routes where station_id = $1`, bar); err != nil {
		t.Fatal(err)
	}
	run(0, "station", "route", "Bar", "--item", "steak", "--order-type", "delivery")
	run(0, "station", "route", "none", "--category", "bottles")
	if out, _ := run(0, "station", "list"); out != grill+"  Grill  prep\n  category meat\n"+bar+"  Bar  prep\n  item Steak, order type delivery\n"+pass+"  Pass  expo\nnone\n  category bottles" {
		t.Errorf("list:\n%s", out)
	}
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{0, "Grill\n  because of   category meat -> Grill", []string{"--item", "Steak"}},
		{0, "Bar\n  because of   item Steak, order type delivery -> Bar\n  and not of   category meat -> Grill, which is less specific", []string{"--item", "Steak", "--order-type", "delivery"}},
		{0, "nowhere: nothing is cooked\n  because of   category bottles -> none", []string{"--item", "Cola"}},
		{1, "no station: every screen shows it", []string{"--item", "Fries"}},
		{0, "Grill\n  because of   category meat -> Grill", []string{"--category", "meat"}},
	} {
		if out, _ := run(c.code, append([]string{"station", "test"}, c.args...)...); out != c.want {
			t.Errorf("%v:\n%s\nwant\n%s", c.args, out, c.want)
		}
	}
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{1, `there is a station "GRILL" already`, []string{"add", "GRILL"}},
		{2, `"oven" is not one of prep, expo`, []string{"add", "Oven", "--kind", "oven"}},
		{1, `stands for what is not cooked`, []string{"add", "none"}},
		{1, `there is no station "Oven"`, []string{"route", "Oven", "--category", "x"}},
		{1, `station "Pass" is a pass`, []string{"route", "Pass", "--category", "x"}},
		{1, `the menu has no "Pizza"`, []string{"route", "Grill", "--item", "Pizza"}},
		{1, "there is this route already", []string{"route", "Grill", "--category", "meat"}},
		{2, "say which line", []string{"test"}},
		{1, "there is no restaurant " + grill, []string{"list", "--restaurant", grill}},
	} {
		if _, errs := run(c.code, append([]string{"station"}, c.args...)...); !strings.Contains(errs, c.want) {
			t.Errorf("%v: %s", c.args, errs)
		}
	}
}

// A command that is printed as the next step works unchanged, and no success is silent.
func TestStationsOfOneOfTwoRestaurants(t *testing.T) {
	t.Parallel()
	env := onDatabase(dbtest.New(t))
	run := func(args ...string) (string, string) {
		t.Helper()
		out, errs, code := kitchen(t, env, args...)
		if code != 0 {
			t.Fatalf("%v: exit code %d: %s%s", args, code, out, errs)
		}
		return strings.TrimSpace(out), errs
	}
	run("restaurant", "add", "Bistro")
	two, _ := run("restaurant", "add", "Bar Due")
	_, errs := run("station", "add", "Grill", "--restaurant", strings.ToUpper(two))
	_, next, found := strings.Cut(errs, "next: kitchen ")
	if !found || !strings.Contains(next, "--restaurant "+two) {
		t.Fatalf("add: %s", errs)
	}
	if out, _ := run(strings.Fields(strings.ReplaceAll(next, "'", ""))...); !strings.Contains(out, `category "NAME" are cooked at "Grill"`) {
		t.Errorf("route: %s", out)
	}
	if out, _ := run("station", "route", "Grill", "--restaurant", two); !strings.Contains(out, "all lines that no other route matches are cooked") {
		t.Errorf("route of anything else: %s", out)
	}
	if out, _ := run("station", "route", "none", "--item", "", "--order-type", "delivery", "--restaurant", two); !strings.Contains(out, `of the type "delivery" are not cooked`) {
		t.Errorf("route to nowhere: %s", out)
	}
	if _, errs := run("station", "add", "Pass", "--kind", "expo", "--restaurant", two); !strings.Contains(errs, "a pass") {
		t.Errorf("add a pass: %s", errs)
	}
}

// Where the restaurants are another program's, the commands of our own tables say what to do instead.
func TestCommandsOnAnAttachedDatabase(t *testing.T) {
	t.Parallel()
	a := attachDjango(t)
	var restaurant string
	if err := a.pool.QueryRow(t.Context(), `select id::text from kitchen.restaurants limit 1`).Scan(&restaurant); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"user add bo --restaurant " + restaurant, 1, "attached to another program's tables"},
		{"migrate status", 0, "no migration is needed"},
		{"simulate --for 1s", 1, "attached to another program's tables"},
	} {
		out, errs, code := kitchen(t, onDatabase(a.url), strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out+errs, c.want) || strings.Contains(out, "pending") {
			t.Errorf("%s: exit code %d, want %d and %q:\n%s%s", c.args, code, c.code, c.want, out, errs)
			continue
		}
	}
}

// Stations and routes are the kitchen's own, also where the orders are another program's.
func TestStationsOfAnAttachedDatabase(t *testing.T) {
	t.Parallel()
	a := attachDjango(t)
	one := func(sql string) (v string) {
		t.Helper()
		if err := a.pool.QueryRow(t.Context(), sql).Scan(&v); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return v
	}
	a.exec(t, `update orders_order set updated_at = now(), priority = priority + 1`) // so that they are of late
	restaurant := one(`select o.restaurant_id::text from kitchen.lines l join kitchen.orders o on o.id = l.order_id where l.category is not null order by l.id limit 1`)
	of := ` from kitchen.lines l join kitchen.orders o on o.id = l.order_id where l.category is not null and o.restaurant_id = ` + restaurant + ` order by l.id limit 1`
	name, item, category := one(`select l.name`+of), one(`select l.menu_item_id::text`+of), one(`select l.category`+of)
	run := func(want int, url string, args ...string) string {
		t.Helper()
		out, errs, code := kitchen(t, onDatabase(url), append([]string{"station", args[0], "--restaurant", restaurant}, args[1:]...)...)
		if code != want {
			t.Fatalf("%v: exit code %d, want %d: %s%s", args, code, want, out, errs)
		}
		return strings.TrimSpace(out + errs)
	}
	run(0, a.url, "add", "Grill")
	run(0, a.url, "add", "Bar")
	run(0, a.url, "route", "Grill", "--category", category)
	if out := run(0, a.url, "test", "--item", name); out != "Grill\n  because of   category "+category+" -> Grill" {
		t.Errorf("test: %s", out)
	}
	run(0, a.url, "route", "Bar", "--item", name)
	run(0, a.url, "route", "Bar", "--item", "99999")
	if out := run(0, a.url, "test", "--item", item); out != "Bar\n  because of   item "+item+" -> Bar\n  and not of   category "+category+" -> Grill, which is less specific" {
		t.Errorf("test: %s", out)
	}
	if out := run(0, a.url, "list"); !strings.Contains(out, "Grill  prep\n  category "+category) || !strings.Contains(out, "  item "+item) {
		t.Errorf("list: %s", out)
	}
	if out := run(1, a.url, "test", "--item", "nothing like it"); !strings.Contains(out, "no order of late has an item") {
		t.Errorf("an unknown item: %s", out)
	}
	if got := one(`select (select count(*)::text from kitchen.lines l join kitchen.orders o on o.id = l.order_id
		 cross join lateral kitchen.line_stations(o.restaurant_id, o.id, o.order_type::text, l.id, l.menu_item_id::text, l.category::text, l.quantity::numeric, l.notes::text) s
		 join kitchen.stations t on t.id = s.station_id where t.name = 'Bar' and l.menu_item_id::text = '` + item + `')`); got == "0" {
		t.Error("the route leads no line to the bar")
	}
	run(0, a.nodeURL(t), "add", "Oven") // for the page of stations
	reads := dbtest.Role(t, a.url, func(role string) string {
		return `grant usage on schema kitchen to ` + role + `; grant select on all tables in schema kitchen to ` + role
	})
	if out := run(1, reads, "add", "Freezer"); !strings.Contains(out, "grant insert on kitchen.stations, kitchen.routes to ROLE") {
		t.Errorf("a role that may not: %s", out)
	}
}
