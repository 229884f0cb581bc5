package main

import (
	"strings"
	"testing"
	"time"

	"kitchen/db/dbtest"
	. "kitchen/ws/board/boardtest"
)

// The board in a real browser, the real program, a real Postgres: what ws/board tests against a scripted server holds
// here, too. TestBoard has one node, one database and one browser for all that need nothing of their own; each has a
// restaurant of its own.

// scene is a restaurant with a board.
type scene struct {
	house
	*served
	url     string // of the database
	browser *Browser
}

func TestBoard(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	node := startServe(t, onDatabase(url)...)
	browser := chromium.Start(t)
	for promise, test := range map[string]func(*testing.T, scene){
		"shows what SQL wrote and writes what the cook did":          boardShowsAndWrites,
		"undo and recall reach the database":                         boardUndoesAndRecalls,
		"says in a conflict who was faster, and changes nothing":     boardTellsConflicts,
		"keeps an order struck out that is cancelled while cooking":  boardKeepsCancelled,
		"moves each order on by its accessible names alone":          boardByAccessibleNames,
		"never shows nor changes another restaurant's order":         boardIsOfOneRestaurant,
		"shows every text of the database as text":                   boardShowsTextAsText,
		"reads Arabic from right to left":                            boardReadsArabic,
		"shows all of a ticket of 20 lines":                          boardShowsLongTickets,
		"takes no age from a clock of the device that is wrong":      boardDistrustsTheDevice,
		"is right when a hidden tab is shown again":                  boardWhenHidden,
		"survives a proxy that goes mute without closing":            boardBehindMuteProxy,
		"renews a token that expires without leaving the connection": boardRenewsItsToken,
	} {
		t.Run(promise, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, url, promise)
			test(t, scene{house: h, served: node, url: url, browser: browser})
		})
	}
}

func (s *served) board(t *testing.T, h house) string {
	t.Helper()
	return s.url + "/kitchen/" + string(h.restaurant) + "#token=" + h.token(t)
}

// open opens the restaurant's board on a device of its own, and waits until it is live.
func (s scene) open(t *testing.T, options ...Option) *Page {
	t.Helper()
	p := s.browser.Open(t, s.board(t, s.house), options...)
	p.Wait(Status + ` === "Live"`)
	return p
}

// run executes SQL with the restaurant's id as $1.
func (s scene) run(t *testing.T, sql string, args ...any) {
	t.Helper()
	execute(t, s.house, sql, append([]any{string(s.restaurant)}, args...)...)
}

// status waits until an order is in a status, in the database. Its statements are polled: nothing signals a commit to a
// test that must not listen.
func (h house) status(t *testing.T, number int, want string) {
	t.Helper()
	deadline := time.Now().Add(waitLimit)
	for ; ; time.Sleep(2 * time.Millisecond) {
		got := h.ask(t, `select status from orders where restaurant_id = $1 and order_number = $2`, string(h.restaurant), number)
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("#%d is %s in the database, not %s", number, got, want)
		}
	}
}

// step is an expression for a ticket's primary button, where it names this step.
func step(number int, name string) string { return Button(Ticket(number)+`?`, name) }

func boardShowsAndWrites(t *testing.T, s scene) {
	one, two := s.open(t), s.open(t)
	s.run(t, `
		with o as (insert into orders (restaurant_id, allergy_note, notes, customer_name)
		           values ($1::text::uuid, 'peanuts', 'at the window', 'Zoë') returning id),
		     i as (insert into order_items (restaurant_id, order_id, name, quantity, notes)
		           select $1::text::uuid, id, 'Burger', 2, 'well done' from o returning id)
		insert into order_item_modifiers (restaurant_id, order_item_id, name) select $1::text::uuid, id, 'no onion' from i`)
	for _, p := range []*Page{one, two} {
		p.Wait(Ticket(1))
		text := p.Read(Ticket(1))
		for _, want := range []string{"#1", "ALLERGY", "peanuts", "at the window", "Zoë", "2×", "Burger", "well done", "NO ONION", "START"} {
			if !strings.Contains(text, want) {
				t.Errorf("the ticket lacks %q:\n%s", want, text)
			}
		}
	}
	one.Tap(step(1, "START"))
	s.status(t, 1, "preparing")
	two.Wait(step(1, "READY"))
	two.Press("1")
	two.Press("Enter")
	s.status(t, 1, "ready")
	one.Wait(step(1, "DONE"))
	one.Click(step(1, "DONE"))
	s.status(t, 1, "completed")
	two.Wait(`!` + Ticket(1))
	if got := s.ask(t, `select version::text from kitchen.order_versions where restaurant_id = $1`, string(s.restaurant)); got != "4" {
		t.Errorf("three steps on two boards made it version %s, want 4", got)
	}
}

func boardUndoesAndRecalls(t *testing.T, s scene) {
	s.order(t, "")
	one, two := s.open(t), s.open(t)
	one.Wait(Ticket(1))
	one.Press("1")
	for _, status := range []string{"preparing", "ready", "completed"} {
		one.Press("Space")
		s.status(t, 1, status)
	}
	for _, status := range []string{"ready", "preparing", "pending"} {
		one.Press("Backspace")
		s.status(t, 1, status)
	}
	two.Wait(step(1, "START"))
	created := s.ask(t, `select created_at::text from orders where restaurant_id = $1`, string(s.restaurant))
	s.run(t, `update orders set status = 'completed' where restaurant_id = $1::text::uuid`)
	one.Wait(`!` + Ticket(1))
	one.Press("r")
	one.Wait(Button(`document.querySelector("dialog[open]")`, "RECALL #1"))
	one.Press("Enter") // the newest has the focus
	s.status(t, 1, "ready")
	for _, p := range []*Page{one, two} {
		p.Wait(Ticket(1) + `?.innerText.includes("RECALLED")`)
	}
	if now := s.ask(t, `select created_at::text from orders where restaurant_id = $1`, string(s.restaurant)); now != created {
		t.Errorf("a recalled order is of %s, was of %s", now, created)
	}
}

// slowWire holds the server's events about orders back while the page says so; answers come through.
const slowWire = `{
	globalThis.held = null;
	const set = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage").set;
	Object.defineProperty(WebSocket.prototype, "onmessage", { set(f) {
		set.call(this, f && ((e) => held && /"type":"order_/.test(e.data) ? held.push(() => f(e)) : f(e)));
	} });
}`

func boardTellsConflicts(t *testing.T, s scene) {
	s.order(t, "")
	s.order(t, "untouched")
	s.run(t, `update orders set status = 'preparing' where restaurant_id = $1::text::uuid and order_number = 1`)
	p := s.open(t, Script(slowWire))
	p.Wait(step(1, "READY"))
	Eval[any](p, `held = [], 0`) // from now on no event reaches this screen
	s.run(t, `update orders set status = 'completed' where restaurant_id = $1::text::uuid and order_number = 1`)
	p.Tap(step(1, "READY"))
	p.Wait(`document.querySelector("#notices").innerText.includes("#1 is already DONE: another screen was faster")`)
	p.Wait(step(1, "READY")) // as before, until the event comes
	s.status(t, 1, "completed")
	Eval[any](p, `{ const all = held; held = null; for (const deliver of all) deliver(); 0 }`)
	p.Wait(`!` + Ticket(1))
	p.Wait(step(2, "START"))
	if got := s.ask(t, `select v.version::text from orders o join kitchen.order_versions v on v.order_id = o.id where o.restaurant_id = $1 and o.order_number = 2`, string(s.restaurant)); got != "1" {
		t.Errorf("the other order is of version %s, want 1", got)
	}
}

func boardKeepsCancelled(t *testing.T, s scene) {
	s.order(t, "")
	s.order(t, "")
	p := s.open(t)
	p.Wait(step(1, "START"))
	p.Tap(step(1, "START"))
	s.status(t, 1, "preparing")
	s.run(t, `update orders set status = 'cancelled' where restaurant_id = $1::text::uuid and order_number = 1`)
	s.run(t, `delete from orders where restaurant_id = $1::text::uuid and order_number = 2`)
	p.Wait(Ticket(1) + `?.innerText.includes("CANCELLED")`)
	p.Wait(Ticket(2) + `?.innerText.includes("DELETED")`)
	p.Wait(`chimes.filter((c) => c === "void").length === 2`)
	p.Wait(step(1, "CLEAR"))
	p.Hold(400*time.Millisecond, `!!(`+step(1, "CLEAR")+`)`) // a tap that follows the one on START at once is its echo
	p.Tap(step(1, "CLEAR"))
	p.Wait(`!` + Ticket(1) + ` && ` + Ticket(2))
	s.status(t, 1, "cancelled") // clearing it away is this screen's business
}

// boardByAccessibleNames knows nothing of the page but what the protocol's documentation promises to tests from outside.
func boardByAccessibleNames(t *testing.T, s scene) {
	for range 3 {
		s.order(t, "")
	}
	p := s.open(t)
	p.Wait(Ticket(3))
	if names := p.Roles("article"); len(names) != 3 || !strings.HasPrefix(names[0], "#1") || !strings.HasPrefix(names[2], "#3") {
		t.Errorf("articles are called %q", names)
	}
	if n := len(p.Roles("status")); n != 1 {
		t.Errorf("%d elements have the role status, want 1", n)
	}
	for n := 1; n <= 2; n++ {
		for _, name := range []string{"START", "READY", "DONE"} {
			p.Wait(step(n, name))
			p.Click(step(n, name)) // as soon as it shows
		}
		s.status(t, n, "completed")
	}
	p.Press("a")
	p.Wait(`document.querySelector("aside")`)
	if names := p.Roles("complementary"); len(names) != 1 || names[0] != "All-day" {
		t.Errorf("the all-day panel is called %q", names)
	}
	p.Press("a")
	p.Press("r")
	p.Wait(Button(`document.querySelector("dialog[open]")`, "RECALL #2"))
	if names := p.Roles("dialog"); len(names) != 1 || names[0] != "Recall" {
		t.Errorf("the recall list is called %q", names)
	}
	p.Click(Button(`document.querySelector("dialog[open]")`, "RECALL #1"))
	s.status(t, 1, "ready")
}
