package main

import (
	"strings"
	"testing"
	"time"

	"kitchen/db"
	"kitchen/db/dbtest"
)

func watch(t *testing.T, s *served, h house) *running {
	t.Helper()
	return start(t, []string{"KITCHEN_TOKEN=" + h.token(t), "KITCHEN_URL=" + s.url}, "watch", string(h.restaurant))
}

func TestWatchPrintsTheQueueAndEveryEvent(t *testing.T) {
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

// Whoever may write an order must not be able to write into the terminal of a cook.
func TestTextOfOrdersCannotCommandATerminal(t *testing.T) {
	var out output
	lines := newTranscript(&out)
	evil := "a\x1b]0;title\x07b\x9bc\r\nd\u202ee\te"
	lines.write(message{Type: "initial_queue", Live: true, Restaurant: nameOf{Name: evil}, Orders: []ticket{{Order: db.Order{
		ID: "1", Number: 1, Type: evil, Status: db.Status(evil), CustomerName: evil, Notes: evil, AllergyNote: evil,
		Table: &db.Table{Label: evil}, CreatedBy: &db.CreatedBy{Name: evil},
	}, Items: []line{{MenuItem: db.Ref{Name: evil}, Notes: evil, Modifiers: []modifier{{Option: db.Ref{Name: evil}}}}}}}})
	lines.write(message{Type: "order_status_changed", OrderID: db.OrderID(evil), Status: db.Status(evil)})
	lines.write(message{Type: "error", Code: evil, Message: evil})
	lines.lost(time.Second, clean(evil))
	text := out.String()
	if n := strings.Count(text, "\n"); n != 5 {
		t.Errorf("%d lines, want 5:\n%q", n, text)
	}
	for _, c := range "\x1b\x07\u009b\r\t\u202e" {
		if strings.ContainsRune(text, c) {
			t.Errorf("%U gets through: %q", c, text)
		}
	}
	if got := clean(strings.Repeat("é", 500)); len([]rune(got)) != longest || !strings.HasSuffix(got, "…") {
		t.Errorf("a long text becomes %q", got)
	}
}

func TestTranscriptHasTheTimesOfTheRestaurant(t *testing.T) {
	var out output
	lines := newTranscript(&out)
	at := time.Date(2026, 11, 23, 19, 0, 0, 0, time.UTC)
	due := at.Add(time.Hour)
	soup := ticket{Order: db.Order{ID: "1", Number: 1, Type: "takeaway", PromisedAt: &due}, Items: []line{{Quantity: "1.5", MenuItem: db.Ref{Name: "Soup"}}}}
	lines.write(message{At: at, Type: "initial_queue", Live: true, Restaurant: nameOf{Name: "Da Gino", Timezone: "Asia/Kolkata"}, Orders: []ticket{soup}})
	lines.write(message{At: at, Type: "order_status_changed", OrderID: "1", Status: cancelled, By: "till-3"})
	for _, want := range []string{"00:30:00.000  #1", "takeaway, promised 01:30: 1.5x Soup", "#1 cancelled (by till-3): STOP COOKING"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

func TestDisplaysDoNotComeBackInStep(t *testing.T) {
	seen := map[time.Duration]bool{}
	for failures := range 40 {
		bound := min(500*time.Millisecond<<min(failures, 10), 10*time.Second)
		for range 20 {
			wait := pause(nil, failures)
			if wait < 0 || wait >= bound {
				t.Fatalf("after %d failures, %s; the bound is %s", failures, wait, bound)
			}
			seen[wait] = true
		}
	}
	if len(seen) < 700 {
		t.Errorf("only %d different waits of 800", len(seen))
	}
}
