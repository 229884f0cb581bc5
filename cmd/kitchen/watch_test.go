package main

import (
	"strings"
	"testing"

	"kitchen/db/dbtest"
)

func watch(t *testing.T, s *served, h house) *running {
	t.Helper()
	return start(t, []string{"KITCHEN_TOKEN=" + h.token(t), "KITCHEN_URL=" + s.url}, "watch", string(h.restaurant))
}

func TestWatchPrintsTheQueueAndEveryEvent(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	s := startServe(t, onDatabase(url)...)
	id := string(h.order(t, "waiting"))
	w := watch(t, s, h)
	if line := w.line(t, "LIVE"); !strings.Contains(line, "House of anna, 1 open order; LIVE") {
		t.Errorf("first: %q", line)
	}
	for _, step := range []struct{ sql, want string }{
		{``, "#1 pending dine-in — “waiting”"},
		{`insert into order_items (order_id, name, quantity) values ($1::text::uuid, 'Calzone', 2) returning ''`,
			"#1 changed dine-in: 2x Calzone — “waiting”"},
		{`update orders set status = 'preparing' where id = $1::text::uuid returning ''`, "#1 preparing"},
		{`update orders set status = 'completed' where id = $1::text::uuid returning ''`, "#1 completed"},
		{`update orders set status = 'ready' where id = $1::text::uuid returning ''`, "#1 RECALLED dine-in"},
		{`delete from orders where id = $1::text::uuid returning ''`, "#1 deleted"},
	} {
		if step.sql != "" {
			h.ask(t, step.sql, id)
		}
		w.line(t, step.want)
	}
	h.order(t, "another")
	w.line(t, "NEW dine-in — “another”")
}

func TestWatchEndsWhereItIsRefused(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h, other, gone := newHouse(t, url, "anna"), newHouse(t, url, "bo"), newHouse(t, url, "cy")
	gone.ask(t, `update users set is_active = false where username = 'cy' returning ''`)
	s := startServe(t, onDatabase(url)...)
	for _, c := range []struct{ token, want string }{
		{"not.a.token", "(4001)"},
		{gone.token(t), "(4001)"},
		{other.token(t), "(4003)"},
	} {
		_, errs, code := kitchen(t, []string{"KITCHEN_TOKEN=" + c.token}, "watch", "--url", s.url, string(h.restaurant))
		if code != 1 || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("exit code %d, %q; want %s", code, errs, c.want)
		}
	}
}

func TestWatchComesBack(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	s := startServe(t, onDatabase(url)...)
	w := watch(t, s, h)
	w.line(t, "LIVE")
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	w.line(t, "NOT CONNECTED: the node is stopping (1012); again in")
	again := start(t, onDatabase(url), "serve", "--listen", strings.TrimPrefix(s.url, "http://"))
	again.line(t, "http://")
	h.order(t, "while away")
	w.line(t, "“while away”")
}

func TestWatchSaysThatTheFeedIsDeaf(t *testing.T) {
	t.Parallel()
	server := dbtest.Cluster(t, nil)
	h := newHouse(t, server.URL(), "anna")
	s := startServe(t, onDatabase(server.URL())...)
	w := watch(t, s, h)
	w.line(t, "; LIVE")
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	w.line(t, "NOT LIVE")
	if err := server.Restart(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	w.line(t, "LIVE")
}

func TestWatchAsksWhetherANodeIsThere(t *testing.T) {
	t.Parallel()
	w := start(t, []string{"KITCHEN_TOKEN=x", "KITCHEN_LISTEN=127.0.0.1:1"}, "watch", "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10")
	if line := w.line(t, "NOT CONNECTED"); !strings.Contains(line, "127.0.0.1:1: ") || !strings.Contains(line, "is kitchen serve running there, and is --url right?") {
		t.Errorf("where nothing listens, watch says %s", line)
	}
}

// A display of one station prints its lines and where the others stand, and what of another station nobody else shows.
func TestWatchOfAStation(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	station := func(name, category string) string {
		return h.ask(t, `
			with s as (insert into kitchen.stations (restaurant_id, name) values ($1, $2) returning id)
			insert into kitchen.routes (restaurant_id, station_id, category) select $1, id, $3 from s returning station_id::text`, h.restaurant, name, category)
	}
	grill, bar := station("Grill", "meat"), station("Bar", "drinks")
	s := startServe(t, onDatabase(url)...)
	other := open(t, s, h, h.token(t))
	other.next()
	other.send(fields{"type": "show", "stations": []string{bar}})
	w := start(t, []string{"KITCHEN_TOKEN=" + h.token(t), "KITCHEN_URL=" + s.url}, "watch", "--station", "grill", "--station", "Sushi", string(h.restaurant))
	w.line(t, "there is no station Sushi: there are Bar, Grill")
	for m := range other.history() {
		if m["type"] == "screens" && m["all"] == 0. {
			break
		}
	}
	order := func(lines string) string {
		return h.ask(t, `
			with o as (insert into orders (restaurant_id) values ($1) returning id),
			     i as (insert into order_items (restaurant_id, order_id, name, category) select $1, o.id, c, c from o, unnest($2::text[]) c)
			select id::text from o`, h.restaurant, lines)
	}
	id := order("{meat,drinks}")
	w.line(t, "#1 NEW dine-in: 1x meat, (Bar: 1 to cook)")
	beer := order("{drinks}")
	h.ask(t, `select (kitchen.set_lines($1, $2, 'preparing')).order_status`, id, bar)
	w.line(t, "#1 changed dine-in: 1x meat, (Bar: 1 cooking)")
	h.ask(t, `select (kitchen.set_lines($1, $2, 'ready')).order_status`, id, grill)
	w.line(t, "#1 done here, dine-in: 1x meat, (Bar: 1 cooking)")
	other.conn.Close()
	w.line(t, "no screen shows Bar now: their lines are shown here")
	w.line(t, "#2 pending dine-in: 1x drinks")
	h.ask(t, `update orders set status = 'cancelled' where id = $1 returning ''`, beer)
	w.line(t, "#2 cancelled")
}
