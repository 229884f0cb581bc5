package board_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

// laterClock lets a test move the page's monotonic clock, and counts the server's messages, so that the page can be kept live meanwhile.
const laterClock = `{ globalThis.skipped = 0; const now = performance.now.bind(performance); performance.now = () => now() + skipped;
	globalThis.received = 0; globalThis.WebSocket = class extends WebSocket {
		constructor(...a) { super(...a); this.addEventListener("message", () => received++); }
	}; }`

// later moves the time of a page with laterClock, in steps: after each it waits for heartbeats of the server, which must be frequent.
func later(p *Page, d time.Duration) {
	const step = 5 * time.Second // less than a silence that is a lost connection
	for ; d > 0; d -= step {
		Eval[any](p, fmt.Sprintf(`new Promise((done) => {
			skipped += %d;
			const from = received, look = () => { if (received > from + 1) done(0); else setTimeout(look, 5); };
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
	p.Hold(350*time.Millisecond, Ticket(4)+`.innerText.includes("LATE")`) // nobody fetches it, and it has not just moved
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

// placesScript defines places(), which lists the tickets with their places on the wall.
const placesScript = `globalThis.places = () => [...document.querySelectorAll("#wall article")].map((a) => a.ariaLabel.split(",")[0] + a.style.gridArea).join("|");`

func TestTicketsStayInTheirPlacesWhenTheyAreChangedOrCancelled(t *testing.T) {
	t.Parallel()
	sizes := [][2]int64{{1920, 1080}, {390, 844}}
	if *everySize {
		sizes = gallerySizes
	}
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			k := newKitchen(t)
			var orders []*order
			for n := 1; n <= 16; n++ { // of every length, so that one of them just fills its place
				o := order{Number: n, CreatedAt: k.now().Add(time.Duration(n-20) * time.Second)}
				for i := range n%9 + 3 {
					o.Items = append(o.Items, line(2, fmt.Sprintf("Dish %d", i)))
				}
				orders = append(orders, k.add(o))
			}
			p := openLive(t, k, Size(size[0], size[1]), Script(boxes), Script(placesScript))
			p.Wait(Ticket(1) + ` && document.title.startsWith("16 ")`)
			before := Eval[string](p, `drawn().then(places)`)
			k.do(func() { k.by = "a till of a very long name that stands behind the word and must not need another line" })
			for _, o := range orders {
				k.change(o, func(o *order) { o.Items[0].Quantity = 3 })
			}
			p.Wait(`[...document.querySelectorAll("#wall article")].every((a) => a.matches(".edited") && a.innerText.includes("CHANGED"))`)
			if after := Eval[string](p, `drawn().then(places)`); after != before {
				t.Errorf("tickets moved when they were changed:\n%s\n%s", before, after)
			}
			for _, o := range orders {
				k.set(o, "cancelled")
			}
			p.Wait(`[...document.querySelectorAll("#wall article")].every((a) => a.matches(".gone") && a.innerText.includes("CANCELLED"))`)
			if after := Eval[string](p, `drawn().then(places)`); after != before {
				t.Errorf("tickets moved when they were cancelled:\n%s\n%s", before, after)
			}
			if found := Eval[[]string](p, `boxes()`); len(found) > 0 {
				t.Errorf("these boxes do not fit: %q", found)
			}
		})
	}
}

func TestNoRowIsCutAndNoTicketMovesWhenTheTextOfADueTimeGrows(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.beat = 50 * time.Millisecond
	for n := 1; n <= 8; n++ {
		due := k.now().Add(50 * time.Second)
		o := order{Number: n, PromisedAt: &due, CreatedAt: k.now().Add(time.Duration(n-10) * time.Second)}
		for i := range n + 2 {
			o.Items = append(o.Items, line(1, fmt.Sprintf("Dish %d", i)))
		}
		k.add(o)
	}
	p := openLive(t, k, Script(boxes), Script(placesScript))
	p.Wait(Ticket(1))
	// A width at which the banner is on one line now and will be on two: there the ticket would grow.
	banner := Ticket(1) + `.querySelector("li.due")`
	Eval[any](p, `globalThis.bannerHeights = (text) => {
		const now = `+banner+`, later = now.cloneNode(true);
		later.querySelector("b").textContent = text;
		now.after(later);
		const both = [now.offsetHeight, later.offsetHeight];
		later.remove();
		return both;
	}, 0`)
	Eval[any](p, `choose("size", "l"), choose("density", "15")`)
	width := int64(0)
	for w := int64(955); w > 725 && width == 0; w -= 15 {
		p.Resize(w, 720)
		if both := Eval[[]float64](p, `drawn().then(() => bannerHeights("Due 00:00, 1:00 h ago"))`); both[1] > both[0] {
			width = w
		}
	}
	if width == 0 {
		t.Fatal("the banner grows at no width")
	}
	before := Eval[string](p, `drawn().then(places)`)
	lines := Eval[float64](p, banner+`.offsetHeight`)
	for _, passes := range []time.Duration{time.Minute, 61 * time.Minute} {
		length := Eval[int](p, banner+`.innerText.length`)
		k.do(func() { k.ahead += passes })
		p.Wait(banner + `.innerText.length > ` + fmt.Sprint(length))
		if found := Eval[[]string](p, `drawn().then(boxes)`); len(found) > 0 {
			t.Errorf("at a width of %d, after %v more: %q", width, passes, found)
		}
		if after := Eval[string](p, `places()`); after != before {
			t.Errorf("at a width of %d tickets moved when the banner grew:\n%s\n%s", width, before, after)
		}
	}
	if grown := Eval[float64](p, banner+`.offsetHeight`); grown <= lines {
		t.Errorf("the banner is %g high, and was %g: nothing grew", grown, lines)
	}
}

func TestScheduledOrderComesWhenWorkAtItBegins(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.beat, k.lead = 50*time.Millisecond, 20*time.Minute
	due, tomorrow := k.now().Add(30*time.Minute), k.now().Add(20*time.Hour)
	k.add(order{Number: 1, PromisedAt: &due, Items: []item{line(3, "Lasagne")}})
	k.add(order{Number: 2, PromisedAt: &tomorrow, Items: []item{line(20, "Tiramisù")}})
	p := openLive(t, k, Script(boxes))
	on := func(where string, n int) string { return Ticket(n) + `?.closest("` + where + `")` }
	p.Wait(on("#strip", 1) + " && " + on("#strip", 2))
	// What is not to be cooked now is neither counted nor loud.
	p.Press("a")
	p.Wait(`document.querySelector("aside.allday")?.innerText.includes("Nothing to cook")`)
	p.Wait(`document.querySelector(".counts .pending b").textContent === "0"`)
	p.Hold(0, `chimes.length === 0`)
	k.do(func() { k.ahead += 11 * time.Minute })
	p.Wait(on("#wall", 1) + ` && ` + Ticket(1) + `.matches(".fresh") && chimes.join() === "new"`)
	p.Wait(`document.querySelector("aside.allday").innerText.includes("Lasagne")`)
	p.Hold(0, on("#strip", 2)+` && !document.querySelector("aside.allday").innerText.includes("Tiramisù")`)
	// This screen may want to see them earlier, or later, than the restaurant says.
	Eval[any](p, `choose("lead", "all")`)
	p.Wait(on("#wall", 2))
	Eval[any](p, `choose("lead", "15")`)
	p.Wait(on("#strip", 1) + " && " + on("#strip", 2))
	Eval[any](p, `choose("lead", "restaurant")`)
	p.Wait(on("#wall", 1) + " && " + on("#strip", 2))
	p.Press("o")
	p.Wait(Button(`document.querySelector("dialog[open]")`, "The restaurant's 20 min") + `.ariaPressed === "true"`)
}
