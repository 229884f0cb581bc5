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
		t.Errorf("%s", line)
	}
}
