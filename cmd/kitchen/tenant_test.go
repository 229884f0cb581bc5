package main

import (
	"strings"
	"testing"

	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// Who has an empty database gets to a display with commands alone.
func TestFromAnEmptyDatabaseToADisplay(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	env := onDatabase(url)
	run := func(want int, args ...string) (string, string) {
		t.Helper()
		out, errs, code := kitchen(t, env, args...)
		if code != want {
			t.Fatalf("%v: exit code %d, want %d: %s%s", args, code, want, out, errs)
		}
		return strings.TrimSpace(out), errs
	}
	run(0, "migrate", "down", "--all")
	if _, errs := run(1, "restaurant", "add", "Da Gino"); !strings.Contains(errs, "kitchen migrate up") {
		t.Errorf("without tables: %s", errs)
	}
	run(0, "migrate", "up")
	if _, errs := run(1, "user", "add", "anna"); !strings.Contains(errs, "kitchen restaurant add NAME") {
		t.Errorf("a user without a restaurant: %s", errs)
	}
	restaurant, _ := run(0, "restaurant", "add", "Da Gino", "--timezone", "Europe/Rome")
	user, _ := run(0, "user", "add", "anna")
	if out, _ := run(0, "restaurant", "list"); out != restaurant+"  Da Gino  Europe/Rome" {
		t.Errorf("restaurants: %q", out)
	}
	if out, _ := run(0, "user", "list"); out != user+"  anna  kitchen  restaurant "+restaurant {
		t.Errorf("users: %q", out)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"restaurant", "add", " "}, "needs a name"},
		{[]string{"restaurant", "add", "x", "--timezone", "Rome"}, "Europe/Rome"},
		{[]string{"user", "add", "anna"}, `there is a user "anna" already`},
		{[]string{"user", "add", "b\xff"}, "the name has characters that the database cannot keep"},
		{[]string{"restaurant", "add", "Caf\xe9"}, "the name has characters that the database cannot keep"},
		{[]string{"station", "route", "none", "--order-type", "take_away"}, `"take_away" is no type of order: give dine_in, takeaway or delivery`},
		{[]string{"station", "test", "--category", "x", "--order-type", "take_away"}, `"take_away" is no type of order`},
		{[]string{"user", "add", "bo", "--restaurant", user}, "there is no restaurant " + user},
	} {
		if _, errs := run(1, c.args...); !strings.Contains(errs, c.want) {
			t.Errorf("%v: %s", c.args, errs)
		}
	}
	if _, errs := run(2, "user", "add", "bo", "--role", "chef"); !strings.Contains(errs, `"chef" is not one of owner, manager`) {
		t.Errorf("a role that does not exist: %s", errs)
	}
	if _, errs := run(0, "user", "add", "Anna O'Hara"); !strings.Contains(errs, `next: kitchen token 'Anna O'\''Hara'`) {
		t.Errorf("what is next for a name of two words: %s", errs)
	}
	run(0, "restaurant", "add", "Bar Due")
	if _, errs := run(1, "user", "add", "bo"); !strings.Contains(errs, "say which one with --restaurant") {
		t.Errorf("one of two restaurants: %s", errs)
	}
	run(0, "user", "add", "bo", "--restaurant", restaurant, "--role", "viewer")

	token, _ := run(0, "token", "anna")
	s := startServe(t, env...)
	if m := connect(t, s.socket(order.RestaurantID(restaurant)), token).untilType(t, "initial_queue"); m.Restaurant.Name != "Da Gino" {
		t.Errorf("the display shows %+v", m.Restaurant)
	}
}

func TestRestaurantsOfAnotherProgramAreItsOwn(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	if _, err := h.pool.Exec(t.Context(), `create schema if not exists kitchen; create table if not exists kitchen.mapping (text text)`); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"restaurant", "add", "x"}, {"user", "add", "bo"}, {"restaurant", "list"}, {"migrate", "down"}, {"migrate", "down", "--all"}, {"migrate", "repair"}} {
		if _, errs, code := kitchen(t, onDatabase(url), args...); code != 1 || !strings.Contains(errs, "attached to another program's tables") {
			t.Errorf("%v: exit code %d, %s", args, code, errs)
		}
	}
}

func TestTenantCommandsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"restaurant": "say add or list", "restaurant remove": `"remove" is not add or list`, "restaurant add": "give a name",
		"user list anna": `unexpected argument "anna"`, "user add": "kitchen user add USERNAME",
	} {
		if _, errs, code := kitchen(t, nil, strings.Fields(args)...); code != 2 || !strings.Contains(errs, want) {
			t.Errorf("%s: exit code %d, %s", args, code, errs)
		}
	}
}
