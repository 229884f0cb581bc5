package board_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

// laterClock lets a test move the page's steady clock, and counts what the server says, so that it can be kept live meanwhile.
const laterClock = `{ globalThis.skipped = 0; const now = performance.now.bind(performance); performance.now = () => now() + skipped;
	globalThis.heard = 0; globalThis.WebSocket = class extends WebSocket {
		constructor(...a) { super(...a); this.addEventListener("message", () => heard++); }
	}; }`

// later lets time pass for a page with laterClock, of a server that beats often: in steps, between which the server is heard.
func later(p *Page, d time.Duration) {
	const step = 5 * time.Second // less than a silence that is a lost connection
	for ; d > 0; d -= step {
		Eval[any](p, fmt.Sprintf(`new Promise((done) => {
			skipped += %d;
			const from = heard, look = () => { if (heard > from + 1) done(0); else setTimeout(look, 5); };
			look();
		})`, min(d, step).Milliseconds()))
	}
}

func TestPagesSpeakAndTheFirstComesBack(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	for n := 1; n <= 14; n++ {
		o := order{Number: n}
		if n == 13 {
			o.Priority = 1
		}
		k.add(o)
	}
	p := openLive(t, k, Script(laterClock), Script(boxes))
	p.Wait(Ticket(10))
	k.add(order{Number: 15})
	p.Wait(`document.querySelector(".elsewhere")?.textContent === "1 NEW · RUSH"`)
	Eval[any](p, `(`+Button(`document`, "Next page")+`.click(), 0)`) // as a screen reader does
	p.Wait(Ticket(15))
	p.Hold(300*time.Millisecond, Ticket(15))
	Eval[any](p, `skipped += 31_000`)
	p.Wait(Ticket(1))

	Eval[any](p, `choose("rushFirst", "true")`)
	p.Wait(`/^#13\b/.test(document.querySelector("article").ariaLabel)`)
	Eval[any](p, `choose("density", "6")`)
	p.Wait(`document.querySelectorAll("#wall article").length === 6`)
	before := Eval[float64](p, `parseFloat(getComputedStyle(document.querySelector(".rows .item > div")).fontSize)`)
	Eval[any](p, `choose("size", "l")`)
	p.Wait(fmt.Sprintf(`parseFloat(getComputedStyle(document.querySelector(".rows .item > div")).fontSize) > %g`, before*1.2))
}

func TestScheduledAndReadyOrdersStandAside(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	tomorrow, soon := k.now().Add(20*time.Hour), k.now().Add(40*time.Minute)
	k.add(order{Number: 1, PromisedAt: &tomorrow, CreatedAt: k.now().Add(-time.Hour)})
	k.add(order{Number: 2, PromisedAt: &soon})
	k.add(order{Number: 3, Items: []item{{ID: newID(), MenuItem: ref{Name: "Steak"}, Quantity: 1.5, Modifiers: []modifier{}}}})
	ready := k.add(order{Number: 4, Status: "ready"})
	p := openLive(t, k, Script(boxes))
	on := func(where string, n int) string { return Ticket(n) + `?.closest("` + where + `")` }
	p.Wait(on("#strip", 1) + " && " + on("#wall", 2) + " && " + on("#wall", 4))
	if text := p.Read(Ticket(3)); !strings.Contains(text, "1.5×") {
		t.Errorf("one and a half is not shown: %s", text)
	}
	if text := p.Read(`document.querySelector("#strip")`); !strings.Contains(text, "1 later") || !strings.Contains(text, "Due ") {
		t.Errorf("the strip does not say what comes later: %s", text)
	}
	p.Click(Button(Ticket(1), "START")) // begun early
	p.Wait(on("#wall", 1))
	Eval[any](p, `choose("readyPlace", "strip")`)
	p.Wait(on("#strip", 4))
	p.Click(Button(Ticket(4), "DONE"))
	k.until(t, "the ready order is done", func() bool { return ready.Status == "completed" })
	Eval[any](p, `choose("readyPlace", "hidden")`)
	k.add(order{Number: 5, Status: "ready"})
	p.Wait(`document.querySelector(".counts .ready b").textContent === "1" && !` + Ticket(5))
}

func TestPaperSaysAllThatTheScreenSays(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	due := k.now().Add(20 * time.Minute)
	k.add(order{
		Number: 1, Table: &named{ID: newID(), Label: "7"}, CustomerName: "Rossi", Priority: 1, PromisedAt: &due, AllergyNote: "peanuts",
		Items: []item{line(2, "Burger", "no onion")},
	})
	p := openLive(t, k)
	p.Wait(Ticket(1))
	Eval[any](p, `dispatchEvent(new Event("beforeprint"))`)
	paper := Eval[string](p, `document.querySelector("#paper").textContent`)
	for _, want := range []string{"RUSH", "Due ", "Rossi", "to start", "NO ONION", "ALLERGY: peanuts", "Table 7"} {
		if !strings.Contains(paper, want) {
			t.Errorf("paper lacks %q:\n%s", want, paper)
		}
	}
}
