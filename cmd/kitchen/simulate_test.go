package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"kitchen/db/dbtest"
	"kitchen/db/rush"
)

func TestSimulateWritesARushAndLeavesNothingOpen(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	real := h.order(t, "real")
	if _, errs, code := kitchen(t, []string{"DATABASE_URL=" + url}, "simulate", "--for", "1s"); code != 1 || !strings.Contains(errs, "say --demo") {
		t.Errorf("a demo restaurant in somebody's database: %d, %s", code, errs)
	}
	if n := h.ask(t, `select count(*)::text from restaurants`); n != "1" {
		t.Errorf("%s restaurants", n)
	}
	for _, c := range []struct {
		args       []string
		restaurant string
	}{
		{[]string{"--demo"}, string(rush.DemoID)},
		{[]string{"--restaurant", string(h.restaurant)}, string(h.restaurant)},
	} {
		args := append([]string{"simulate", "--for", "1s", "--rate", "1200"}, c.args...)
		out, errs, code := kitchen(t, []string{"DATABASE_URL=" + url}, args...)
		if code != 0 || !strings.Contains(errs, c.restaurant) {
			t.Fatalf("exit code %d, %s", code, errs)
		}
		found := regexp.MustCompile(`^simulate: (\d+) orders? written in \S+, (\d+) changes?; (\d+) completed, (\d+) cancelled, (\d+) still open and completed at the end\n$`).
			FindStringSubmatch(out)
		if found == nil {
			t.Fatalf("summary: %q", out)
		}
		written := h.ask(t, `select count(*)::text from orders where restaurant_id = $1::text::uuid and external_id is not null`, c.restaurant)
		open := h.ask(t, `select count(*)::text from orders where restaurant_id = $1::text::uuid and external_id is not null
			and status in ('pending', 'preparing', 'ready')`, c.restaurant)
		if n, _ := strconv.Atoi(written); n == 0 || open != "0" {
			t.Errorf("%s orders written, %s open", written, open)
		}
		if found[1] != written {
			t.Errorf("summary says %s orders, the database %s", found[1], written)
		}
	}
	if status := h.ask(t, `select o.status || v.version from orders o join kitchen.order_versions v on v.order_id = o.id where o.id = $1::text::uuid`, string(real)); status != "pending1" {
		t.Errorf("an order that is real became %s", status)
	}
	// The demo restaurant is there now, and needs no word.
	if _, errs, code := kitchen(t, []string{"DATABASE_URL=" + url}, "simulate", "--for", "100ms"); code != 0 {
		t.Errorf("exit code %d, %s", code, errs)
	}
}
