package board_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

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
	ready := k.add(order{Number: 4, Status: "ready", CreatedAt: k.now().Add(-11 * time.Minute)})
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
	p.Wait(on("#strip", 4) + " && " + Ticket(4) + `.matches(".late") && ` + Ticket(4) + `.ariaLabel.includes("LATE")`)
	p.Hold(0, Ticket(4)+`.innerText.includes("LATE")`) // nobody fetches it
	p.Click(Button(Ticket(4), "DONE"))
	k.until(t, "the ready order is done", func() bool { return ready.Status == "completed" })
	Eval[any](p, `choose("readyPlace", "hidden")`)
	k.add(order{Number: 5, Status: "ready"})
	p.Wait(`document.querySelector(".counts .ready b").textContent === "1" && !` + Ticket(5))

	// What comes later rings once for being elsewhere.
	waits := k.add(order{Number: 7, Status: "ready"})
	Eval[any](p, `choose("readyPlace", "strip")`)
	p.Wait(on("#strip", 7))
	p.Hold(0, `!`+Ticket(7)+`.innerText.includes("LATE")`)
	Eval[any](p, `chimes.length = 0`)
	early := k.add(order{Number: 8, PromisedAt: &tomorrow})
	p.Wait(on("#strip", 8) + ` && chimes.join() === "new,elsewhere"`)

	// Where the strip is a line of numbers, a touch or its number opens a ticket.
	p.Resize(640, 480)
	p.Wait(`[...document.querySelectorAll("#strip .acts")].every((e) => !e.getClientRects().length)`)
	dialog := `document.querySelector("dialog[open]")`
	p.Press("n")
	p.Wait(dialog + `?.querySelector(".keypad")`)
	p.Press("7")
	p.Wait(dialog + `.querySelector(".found button")`)
	p.Press("Enter")
	p.Wait(`document.activeElement === ` + Button(dialog, "DONE"))
	p.Press("Enter")
	k.until(t, "the ready order is done", func() bool { return waits.Status == "completed" })
	p.Wait(`!` + dialog)
	p.Tap(Ticket(8))
	p.Wait(dialog + `?.innerText.includes("Margherita") && ` + Button(dialog, "START"))
	p.Tap(Button(dialog, "START"))
	k.until(t, "the early order is begun", func() bool { return early.Status == "preparing" })
	p.Wait(`!` + dialog + ` && document.querySelectorAll("#strip article").length === 1`)
	p.Hold(0, `chimes.filter((c) => c === "elsewhere").length === 1`)
}

func TestTicketsStayInTheirPlacesWhenOneChangesAndNoRowIsCutWhenADueTimePasses(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.beat = 50 * time.Millisecond
	var orders []*order
	for n := 1; n <= 8; n++ {
		due := k.now().Add(50 * time.Second)
		o := order{Number: n, PromisedAt: &due, CreatedAt: k.now().Add(time.Duration(n-10) * time.Second)}
		for i := range n + 4 {
			o.Items = append(o.Items, line(1, fmt.Sprintf("Dish %d", i)))
		}
		orders = append(orders, k.add(o))
	}
	p := openLive(t, k, Script(boxes))
	p.Wait(Ticket(1) + ` && document.querySelectorAll("#wall article").length > 3`)
	Eval[any](p, `globalThis.stand = () => [...document.querySelectorAll("#wall article")].map((a) => a.ariaLabel.split(",")[0] + a.style.gridArea).join("|"), 0`)
	before := Eval[string](p, `drawn().then(stand)`)
	for _, o := range orders { // of every length, so that one of them just fills its place
		k.change(o, func(o *order) { o.Items[0].Quantity = 3 })
	}
	p.Wait(`document.querySelectorAll("#wall li.changed.banner:not(.turn)").length === document.querySelectorAll("#wall article").length`)
	if after := Eval[string](p, `drawn().then(stand)`); after != before {
		t.Errorf("tickets moved when one changed:\n%s\n%s", before, after)
	}
	// The text of the banner grows: seconds left, over due, by more than an hour.
	length := Eval[int](p, Ticket(1)+`.querySelector("li.due").innerText.length`)
	for _, passes := range []time.Duration{time.Minute, 61 * time.Minute} {
		k.do(func() { k.ahead += passes })
		p.Wait(Ticket(1) + `.querySelector("li.due").innerText.length > ` + fmt.Sprint(length))
		length = Eval[int](p, Ticket(1)+`.querySelector("li.due").innerText.length`)
		if found := Eval[[]string](p, `drawn().then(boxes)`); len(found) > 0 {
			t.Errorf("after %v more: %q", passes, found)
		}
	}
}

func TestPaperSaysAllThatTheScreenSays(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	due := k.now().Add(20 * time.Minute)
	k.add(order{
		Number: 1, Table: &named{ID: newID(), Label: "7"}, CustomerName: "Rossi", Priority: 1, PromisedAt: &due, AllergyNote: "peanuts",
		Items: []item{line(2, "Burger", "no onion")},
	})
	salad := line(1, "Salad")
	salad.Modifiers = []modifier{kind("allergy", "Nuts"), kind("remove", "Feta"), kind("note", "for the child")}
	k.add(order{Number: 2, Items: []item{salad}})
	p := openLive(t, k)
	p.Wait(Ticket(2))
	Eval[any](p, `dispatchEvent(new Event("beforeprint"))`)
	paper := Eval[string](p, `document.querySelector("#paper").textContent`)
	for _, want := range []string{"RUSH", "Due ", "Rossi", "to start", "NO ONION", "ALLERGY: peanuts", "Table 7"} {
		if !strings.Contains(paper, want) {
			t.Errorf("paper lacks %q:\n%s", want, paper)
		}
	}
	words := Eval[[]string](p, `[...document.querySelectorAll("#paper section:nth-of-type(2) li")].map((li) => li.textContent.replace(/\s+/g, " ").trim())`)
	want := []string{"⚠ ALLERGY: Nuts: Salad", "1× Salad", "ALLERGY Nuts", "− NO FETA", "for the child"}
	if strings.Join(words, "|") != strings.Join(want, "|") {
		t.Errorf("paper says %q, want %q", words, want)
	}
	if _, err := chromedp.Call(p.Context(), emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	loud := Eval[[]string](p, `[...document.querySelectorAll("#paper li.allergy")].map((li) => getComputedStyle(li).borderTopStyle)`)
	if strings.Join(loud, "|") != "solid|solid|solid" {
		t.Errorf("the allergies on paper have the borders %q, want three frames", loud)
	}
}
