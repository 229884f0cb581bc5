package board_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"

	. "kitchen/ws/board/boardtest"
)

// openLive opens the board and waits until it is live.
func openLive(t *testing.T, k *kitchen, options ...Option) *Page {
	t.Helper()
	p := chromium.Start(t).Open(t, k.address(), options...)
	p.Wait(Status + ` === "Live"`)
	return p
}

func TestOrderAppearsWithAllThatACookMustKnow(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	p := openLive(t, k)
	due := k.now().Add(20 * time.Minute)
	burger := line(2, "Burger", "no onion", "extra cheese")
	burger.Notes = "well done"
	k.add(order{
		Number: 42, Table: &named{ID: newID(), Label: "7"}, CreatedBy: &named{ID: newID(), Name: "Anna"}, Notes: "for the critic",
		AllergyNote: "peanuts", Priority: 1, PromisedAt: &due, Items: []item{burger, line(1, "Fries")},
	})
	p.Wait(Ticket(42))
	text := p.Read(Ticket(42))
	for _, want := range []string{
		"#42", "NEW", "Dine in", "Table 7", "Anna", "ALLERGY", "peanuts", "RUSH", "Due ", "for the critic", "2×", "Burger", "NO ONION",
		"extra cheese", "well done", "1×", "Fries", "START",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the ticket lacks %q:\n%s", want, text)
		}
	}
	p.Wait(`chimes.join() === "new"`)
}

func TestBoardKeepsItsContractWithScreenReadersAndOtherTests(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 7})
	k.add(order{Number: 8, Status: "preparing"})
	k.add(order{Number: 9, Status: "ready"})
	p := openLive(t, k)
	p.Wait(Ticket(9))
	names := p.Roles("article")
	if len(names) != 3 {
		t.Fatalf("articles are %q, want 3", names)
	}
	for i, want := range []string{"#7, ", "#8, ", "#9, "} {
		if !strings.HasPrefix(names[i], want) {
			t.Errorf("article %d is called %q, want it to begin with %q", i, names[i], want)
		}
	}
	buttons := "|" + strings.Join(p.Roles("button"), "|") + "|"
	for _, want := range []string{"|START|", "|READY|", "|DONE|"} {
		if !strings.Contains(buttons, want) {
			t.Errorf("no button is called %s: %s", want, buttons)
		}
	}
	if n := Eval[int](p, `document.querySelectorAll("[role=status]").length`); n != 1 {
		t.Errorf("%d elements have role status, want 1", n)
	}
	k.setLive(false)
	p.Wait(Status + `.startsWith("NOT LIVE")`)
	k.setLive(true)
	p.Wait(Status + ` === "Live"`)
}

func TestFirstQueueMakesNoSound(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	rush(k, 6)
	p := openLive(t, k)
	p.Wait(Ticket(101))
	p.Hold(300*time.Millisecond, `chimes.length === 0 && !document.querySelector("article.fresh")`)
}

func TestBumpByTouchMouseAndKey(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 5})
	p := openLive(t, k)
	p.Wait(Step(5) + ` === "START"`)
	p.Tap(Ticket(5) + `.querySelector("button")`)
	p.Wait(Step(5) + ` === "READY"`)
	k.until(t, "preparing", func() bool { return o.Status == "preparing" })
	p.Hold(400*time.Millisecond, Step(5)+` === "READY"`) // the click that follows a touch is not a second bump
	p.Click(Ticket(5) + `.querySelector("button")`)
	p.Wait(Step(5) + ` === "DONE"`)
	k.until(t, "ready", func() bool { return o.Status == "ready" })
	p.Hold(400*time.Millisecond, Step(5)+` === "DONE"`)
	p.Press("1")
	p.Wait(Ticket(5) + `.ariaCurrent === "true"`)
	p.Press("Enter")
	k.until(t, "completed", func() bool { return o.Status == "completed" })
	p.Wait(`!` + Ticket(5))
}

func TestTargetsAreLargeEnoughForGloves(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	rush(k, 12)
	for _, size := range [][2]int64{{1920, 1080}, {1024, 768}} {
		p := openLive(t, k, Size(size[0], size[1]))
		p.Wait(Ticket(101))
		small := Eval[[]string](p, `[...document.querySelectorAll("button")].map((b) => [b, b.getBoundingClientRect()])
			.filter(([b, r]) => r.width > 0 && (r.width < 64 || r.height < 64)).map(([b, r]) => b.outerHTML.slice(0, 90) + r.width + "x" + r.height)`)
		if len(small) > 0 {
			t.Errorf("%v: buttons below 64 px: %q", size, small)
		}
		outside := Eval[[]string](p, `[...document.querySelectorAll("button")].map((b) => [b, b.getBoundingClientRect()])
			.filter(([b, r]) => r.width > 0 && (r.left < 0 || r.top < 0 || r.right > innerWidth || r.bottom > innerHeight)).map(([b]) => b.outerHTML.slice(0, 90))`)
		if len(outside) > 0 {
			t.Errorf("%v: buttons outside the screen: %q", size, outside)
		}
	}
}

func TestTwoBoardsShowOneBump(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 5})
	b := chromium.Start(t)
	one, two := b.Open(t, k.address()), b.Open(t, k.address())
	one.Wait(Step(5) + ` === "START"`)
	two.Wait(Step(5) + ` === "START"`)
	one.Tap(Ticket(5) + `.querySelector("button")`)
	two.Wait(Step(5) + ` === "READY"`)
	two.Tap(Ticket(5) + `.querySelector("button")`)
	one.Wait(Step(5) + ` === "DONE"`)
	one.Tap(Ticket(5) + `.querySelector("button")`)
	two.Wait(`!` + Ticket(5))
}

func TestNothingMovesUnderAFinger(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	orders := rush(k, 8)
	p := openLive(t, k)
	p.Wait(Ticket(108))
	where := `JSON.stringify([...document.querySelectorAll("article")].map((a) => [a.dataset.id, a.style.gridColumn, a.style.gridRow]).filter(([id]) => id !== "` + orders[1].ID + `"))`
	before := Eval[string](p, where)
	x, y := p.At(Ticket(105) + `.querySelector("button")`)
	p.Finger(input.DispatchTouchEventTypeTouchStart, x, y)
	k.set(orders[1], "completed") // by another board
	p.Wait(`!` + Ticket(102))
	p.Hold(1200*time.Millisecond, where+" === "+quote(before))
	p.Finger(input.DispatchTouchEventTypeTouchEnd, x, y)
	k.until(t, "the one that was touched is preparing", func() bool { return orders[4].Status == "preparing" })
	p.Wait(Ticket(103) + `.style.gridColumn.startsWith("2 ")`) // and then the gap closes
}

func TestConflictTellsWhoWasFasterAndChangesNothingElse(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 5, Status: "preparing"})
	k.add(order{Number: 6})
	p := openLive(t, k)
	p.Wait(Ticket(5))
	// Somebody else moved it on, and this screen has not received that yet.
	k.do(func() { o.Status, o.Version = "completed", 2 })
	p.Tap(Ticket(5) + `.querySelector("button")`)
	p.Wait(`document.querySelector("#notices").innerText.includes("#5 is already DONE: another screen was faster")`)
	p.Wait(Step(5) + ` === "READY"`) // as before, until the event comes
	k.do(func() {
		k.send(map[string]any{"type": "order_status_changed", "order_id": o.ID, "status": "completed", "version": 2})
	})
	p.Wait(`!` + Ticket(5))
	if got := Eval[string](p, Step(6)); got != "START" {
		t.Errorf("the other ticket's step is %s", got)
	}
}

func TestRefusedBumpIsTakenBackVisibly(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 5})
	k.do(func() { k.deny[o.ID] = "unavailable" })
	p := openLive(t, k)
	p.Wait(Ticket(5))
	p.Tap(Ticket(5) + `.querySelector("button")`)
	p.Wait(`document.querySelector("#notices").innerText.includes("#5: it did not work")`)
	p.Wait(Step(5) + ` === "START"`)
	p.Press("Backspace")
	p.Wait(`document.querySelector("#notices").innerText.includes("Nothing to undo")`)
}

func TestChangesAreMarkedUntilTouched(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 5, Items: []item{line(1, "Soup"), line(1, "Fish")}})
	p := openLive(t, k)
	p.Wait(Ticket(5))
	k.change(o, func(o *order) { o.Items = []item{o.Items[0], line(2, "Steak")} })
	p.Wait(Ticket(5) + `.innerText.includes("CHANGED")`)
	p.Wait(Ticket(5) + `.querySelector("li.added")?.innerText.includes("Steak")`)
	p.Wait(Ticket(5) + `.querySelector("li.removed")?.innerText.includes("Fish")`)
	p.Wait(`chimes.join() === "changed"`)
	p.Tap(Ticket(5) + `.querySelector("header")`)
	p.Wait(`!` + Ticket(5) + `.innerText.includes("CHANGED") && !document.querySelector("li.removed, li.added")`)
	if got := Eval[string](p, Step(5)); got != "START" {
		t.Errorf("looking at a ticket made it %s", got)
	}

	// The writer of a change is named beside it. Who moved the ticket on since is not.
	k.do(func() { k.by = "psql" })
	k.change(o, func(o *order) { o.Notes = "hurry" })
	p.Wait(Ticket(5) + `.querySelector("li.changed.banner")?.innerText.trim() === "CHANGED psql"`)
	k.do(func() { k.by = "till-3" })
	k.set(o, "preparing")
	p.Wait(Step(5) + ` === "READY"`)
	p.Hold(0, Ticket(5)+`.querySelector("li.changed.banner")?.innerText.trim() === "CHANGED psql"`)
	k.do(func() { k.by = "" })
	k.change(o, func(o *order) { o.Notes = "no hurry" })
	p.Wait(Ticket(5) + `.querySelector("li.changed.banner")?.innerText.trim() === "CHANGED"`)
}

func quote(s string) string { return "`" + s + "`" }
