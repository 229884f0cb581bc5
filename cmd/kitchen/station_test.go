package main

import (
	"strings"
	"testing"

	"kitchen/db/dbtest"
)

// Who has a restaurant divides its kitchen with commands alone, and is told where a line would go, and why.
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
	run(0, "station", "route", "grill", "--category", "meat")
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
		{1, `"oven" is no kind of station`, []string{"add", "Oven", "--kind", "oven"}},
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
