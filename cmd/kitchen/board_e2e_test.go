package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/db/local"
	. "kitchen/ws/board/boardtest"
)

// The board in a real browser, the real program, a real Postgres: what ws/board tests against a scripted server holds
// here, too.

func (s *served) board(t *testing.T, h house) string {
	t.Helper()
	return s.url + "/kitchen/" + string(h.restaurant) + "#token=" + h.token(t)
}

// status waits until an order is in a status, in the database. Its statements are polled: nothing signals a commit to a
// test that must not listen.
func (h house) status(t *testing.T, number int, want string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		got := h.ask(t, `select status from orders where restaurant_id = $1 and order_number = $2`, string(h.restaurant), number)
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("#%d is %s in the database, not %s", number, got, want)
		}
	}
}

func TestBoardShowsWhatSQLWroteAndWritesWhatTheCookDid(t *testing.T) {
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	h, other := newHouse(t, url, "ana"), newHouse(t, url, "bea")
	browser := Start(t)
	one, two := browser.Open(t, n.board(t, h)), browser.Open(t, n.board(t, h))
	for _, p := range []*Page{one, two} {
		p.Wait(Status + ` === "Live"`)
	}
	other.order(t, "of another restaurant")
	execute(t, h, `
		with o as (insert into orders (restaurant_id, allergy_note, notes, customer_name)
		           values ('`+string(h.restaurant)+`', 'peanuts', '<img src=x onerror=alert(1)>', 'Zoë') returning id),
		     i as (insert into order_items (restaurant_id, order_id, name, quantity, notes)
		           select '`+string(h.restaurant)+`', id, 'Burger', 2, 'well done' from o returning id)
		insert into order_item_modifiers (restaurant_id, order_item_id, name) select '`+string(h.restaurant)+`', id, 'no onion' from i`)
	for _, p := range []*Page{one, two} {
		p.Wait(Ticket(1))
		text := p.Read(Ticket(1))
		for _, want := range []string{"#1", "ALLERGY", "peanuts", "<img src=x", "Zoë", "2×", "Burger", "well done", "NO ONION", "START"} {
			if !strings.Contains(text, want) {
				t.Errorf("the ticket lacks %q:\n%s", want, text)
			}
		}
	}

	one.Tap(Ticket(1) + `.querySelector("button")`)
	h.status(t, 1, "preparing")
	two.Wait(Step(1) + ` === "READY"`)
	two.Press("1")
	two.Wait(Ticket(1) + `.ariaCurrent === "true"`)
	two.Press("Enter")
	h.status(t, 1, "ready")
	one.Wait(Step(1) + ` === "DONE"`)
	two.Press("Backspace") // undo
	h.status(t, 1, "preparing")
	one.Wait(Step(1) + ` === "READY"`)
	execute(t, h, `update orders set status = 'completed'`)
	one.Wait(`!` + Ticket(1))
	one.Press("r")
	one.Wait(Button(`document.querySelector("dialog[open]")`, "RECALL #1"))
	one.Press("Enter")
	h.status(t, 1, "ready")
	two.Wait(Ticket(1) + `?.innerText.includes("RECALLED")`)
	execute(t, h, `update orders set status = 'cancelled'`)
	for _, p := range []*Page{one, two} {
		p.Wait(Ticket(1) + `?.innerText.includes("CANCELLED")`)
		if body := p.Read(`document.body`); strings.Contains(body, "of another restaurant") {
			t.Errorf("the board shows another restaurant's order:\n%s", body)
		}
	}
}

func TestBoardSurvivesTheServerAndPostgres(t *testing.T) {
	server := dbtest.Cluster(t, nil)
	n := startServe(t, onDatabase(server.URL())...)
	h := newHouse(t, server.URL(), "ana")
	h.order(t, "")
	h.order(t, "")
	p := Start(t).Open(t, n.board(t, h))
	p.Wait(Status + ` === "Live"`)
	p.Wait(Ticket(2))

	// Postgres goes and comes back.
	if err := server.Halt(local.Immediate); err != nil {
		t.Fatal(err)
	}
	p.Wait(Status + `.startsWith("NOT LIVE")`)
	p.Wait(Ticket(1) + `.querySelector("button").disabled`)
	if err := server.Restart(t.Context(), local.Fast); err != nil {
		t.Fatal(err)
	}
	p.Wait(Status + ` === "Live"`)
	h.pool.Reset()
	h.order(t, "")
	p.Wait(Ticket(3))

	// The node goes, orders are written, and another comes in its place.
	address := strings.TrimPrefix(n.url, "http://")
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	p.Wait(Status + `.startsWith("NOT LIVE")`)
	execute(t, h, `update orders set status = 'cancelled' where order_number = 1`)
	h.order(t, "")
	h.order(t, "")
	again := start(t, onDatabase(server.URL()), "serve", "--listen", address)
	again.line(t, "http://")
	p.Wait(Status + ` === "Live"`)
	p.Wait(`document.querySelector("#notices").innerText.includes("Back: 2 new, 1 cancelled while away")`)
	p.Wait(Ticket(5))
}

// TestFromCommitToPixelsWithFortyTickets measures on one machine, where the browser's clock is the writer's.
func TestFromCommitToPixelsWithFortyTickets(t *testing.T) {
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	execute(t, h, `
		with o as (insert into orders (restaurant_id) select $1 from generate_series(1, 40) returning id)
		insert into order_items (restaurant_id, order_id, name, position) select $1, o.id, 'Line', l from o, generate_series(1, 6) l`, string(h.restaurant))
	p := Start(t).Open(t, n.board(t, h))
	p.Wait(Status + ` === "Live"`)
	p.Wait(Ticket(1))
	Eval[any](p, `(() => {
		globalThis.pixels = new Map();
		new MutationObserver(() => {
			for (const q of document.querySelectorAll("#wall li.note q")) {
				const t = q.textContent;
				if (!t.startsWith("t") || pixels.has(t)) continue;
				pixels.set(t, 0);
				requestAnimationFrame(() => {
					const c = new MessageChannel();
					c.port1.onmessage = () => pixels.set(t, Date.now());
					c.port2.postMessage(0);
				});
			}
		}).observe(document.querySelector("#wall"), { subtree: true, childList: true, characterData: true });
		return 0;
	})()`)
	const rounds = 5 // a machine that does other things as well may need more than one
	var p50, p99 time.Duration
	for round := range rounds {
		var took []time.Duration
		for i := range 60 {
			note := fmt.Sprintf("t%d-%d", round, i)
			execute(t, h, `update orders set notes = $1 where order_number = $2`, note, 1+i%2)
			committed := time.Now()
			p.Wait(fmt.Sprintf(`pixels.get(%q) > 0`, note))
			at := Eval[float64](p, fmt.Sprintf(`pixels.get(%q)`, note))
			took = append(took, time.UnixMilli(int64(at)).Sub(committed))
		}
		slices.Sort(took)
		p50, p99 = took[len(took)/2], took[len(took)*99/100]
		t.Logf("round %d: from commit to pixels p50 %v, p99 %v", round+1, p50, p99)
		if p99 < 100*time.Millisecond {
			return
		}
	}
	t.Errorf("from commit to pixels p99 %v, want below 100 ms", p99)
}
