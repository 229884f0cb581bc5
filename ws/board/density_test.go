package board_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"

	. "kitchen/ws/board/boardtest"
)

// TestLargeEveningMakesTicketsSmaller until the evening is over, and never under a finger.
func TestLargeEveningMakesTicketsSmaller(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 1})
	p := openLive(t, k, Script(laterClock), Script(boxes))
	p.Wait(Ticket(1))
	text := `parseFloat(getComputedStyle(document.querySelector("#wall")).fontSize)`
	usual := Eval[float64](p, text)
	tidy := func(what string) {
		t.Helper()
		if found := Eval[[]string](p, `drawn().then(boxes)`); len(found) > 0 {
			t.Errorf("%s: %q", what, found)
		}
	}
	orders := []order{}
	for n := 2; n <= 40; n++ {
		orders = append(orders, order{Number: n, CreatedAt: k.now().Add(time.Duration(n) * time.Second), Items: []item{line(1, "Ribs"), line(2, "Fries", "no salt"), line(1, "Coleslaw")}})
	}
	x, y := p.At(Ticket(1) + `.querySelector("header")`)
	p.Finger(input.DispatchTouchEventTypeTouchStart, x, y)
	k.addAll(orders...)
	p.Wait(`document.querySelectorAll("#wall article").length > 8`)
	Eval[any](p, `skipped += 5000`)
	p.Hold(400*time.Millisecond, fmt.Sprintf(`%s === %g`, text, usual))
	p.Finger(input.DispatchTouchEventTypeTouchEnd, x, y)
	p.Wait(fmt.Sprintf(`%s < %g && document.querySelectorAll("#wall article").length > 14`, text, usual*0.9))
	tidy("40 tickets")
	k.do(func() {
		for _, o := range k.orders[8:] {
			o.Status = "completed"
		}
		k.send(k.snapshot())
	})
	p.Wait(fmt.Sprintf(`%s === %g && document.querySelectorAll("#wall article").length === 8`, text, usual))

	Eval[any](p, `choose("density", "28")`)
	p.Wait(fmt.Sprintf(`%s < %g && document.querySelector("#wall").dataset.cells === "7 4"`, text, usual*0.9))
	tidy("28 tickets on a page")
	Eval[any](p, `choose("density", "auto")`)
	p.Resize(390, 844)
	p.Wait(`document.querySelector("#wall").dataset.cells.startsWith("1 ")`)
	tidy("a phone")
}
