package board_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"

	. "kitchen/ws/board/boardtest"
)

// alarm has the server say that nobody has touched an order.
func (k *kitchen) alarm(o *order) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.send(map[string]any{"type": "alarm", "restaurant_id": restaurant, "reason": "not_touched", "count": 1,
		"oldest_order_id": o.ID, "oldest_order_number": o.Number, "age_s": 95})
}

// A notice that may stay all evening hides no line of a ticket, and no button; nor does an alarm.
func TestLastingNoticesHideNoLine(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int64{{1280, 800}, {1024, 768}, {800, 600}, {360, 640}} {
		k := newKitchen(t)
		k.do(func() { k.omitted = 1234 })
		var orders []*order
		for number := range 8 {
			orders = append(orders, k.add(order{Number: number + 1, Items: []item{line(2, "Steak"), line(1, "Fries"), line(3, "Beer")}}))
		}
		p := openLive(t, k, Size(size[0], size[1]))
		hidesNothing := func(notices int) {
			t.Helper()
			p.Wait(fmt.Sprintf(`(() => {
				const said = [...document.querySelectorAll("#notices p")].map((e) => e.getBoundingClientRect());
				return said.length === %d && [...document.querySelectorAll("#bar button, #wall article")].map((e) => e.getBoundingClientRect()).every((r) =>
					r.bottom <= innerHeight && said.every((s) => s.bottom <= r.top + 1 || s.top >= r.bottom - 1 || s.right <= r.left || s.left >= r.right));
			})()`, notices))
		}
		p.Wait(notices + `.includes("1234 older open orders are not shown") && document.querySelector("#wall article")`)
		hidesNothing(1)
		k.alarm(orders[4])
		p.Wait(notices + `.includes("#5: not touched by anybody for 95 s")`)
		hidesNothing(2)
	}
}

// A line above the tickets moves them: it comes once no finger is on the screen.
func TestAlarmMovesNoTicketUnderAFinger(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 5, Items: []item{line(2, "Steak")}})
	p := openLive(t, k)
	x, y := p.At(Ticket(5) + `.querySelector("li")`)
	p.Finger(input.DispatchTouchEventTypeTouchStart, x, y)
	top := Eval[float64](p, Ticket(5)+`.getBoundingClientRect().top`)
	k.alarm(o)
	p.Wait(`chimes.includes("unseen")`)
	p.Hold(400*time.Millisecond, fmt.Sprintf(`!document.querySelector("#notices p") && %s.getBoundingClientRect().top === %g`, Ticket(5), top))
	p.Finger(input.DispatchTouchEventTypeTouchEnd, x, y)
	p.Wait(fmt.Sprintf(`document.querySelector("#notices p") && %s.getBoundingClientRect().top > %g`, Ticket(5), top))
}

// manyForTheGrill fills several pages.
func manyForTheGrill(t *testing.T) *kitchen {
	k := newKitchen(t).withStations(grillStation, barStation, passStation)
	for number := range 30 {
		k.add(order{Number: number + 1, Items: []item{line(2, "Steak").cookedAt(grillStation)}})
	}
	return k
}

// What the screen shows is read whole, and no word is broken, also where the pages need the most of the bar.
func TestStationInTheBarBreaksNoWord(t *testing.T) {
	t.Parallel()
	k := manyForTheGrill(t)
	for n, size := range [][2]int64{{1024, 768}, {1280, 768}, {1366, 768}, {390, 844}, {360, 640}} {
		p := ofStation(t, k, "Fryer", Size(size[0], size[1])) // there is none, so it shows everything
		p.Wait(`document.querySelector(".pager") && ` + showing + `.trim() === "Everything"`)
		p.Wait(`(() => { const e = document.querySelector(".showing bdi"); return e.getBoundingClientRect().height < 1.5 * parseFloat(getComputedStyle(e).lineHeight) })()`)
		p.Wait(`document.querySelector("#bar").getBoundingClientRect().height < 150`) // two lines, on a phone
		// Nor is anything of what waits on other pages cut.
		k.add(order{Number: 90 + n, Priority: 1, Items: []item{line(1, "Steak").cookedAt(grillStation)}})
		p.Wait(`(() => { const e = document.querySelector(".pager > span");
			return /NEW.*RUSH/.test(e.textContent) && [e, ...e.querySelectorAll("span")].every((x) => x.getBoundingClientRect().right <= e.getBoundingClientRect().right + 1) && e.scrollHeight <= e.clientHeight + 1 })()`)
	}
}

// Which stations no screen shows is read whole where the bar has room.
func TestStationsWithoutAScreenAreReadInTheBar(t *testing.T) {
	t.Parallel()
	k := manyForTheGrill(t)
	k.screensElsewhere(passStation)
	p := ofStation(t, k, "Grill", Size(1280, 800))
	p.Wait(`document.querySelector(".pager") && document.querySelector(".showing small")?.textContent === "no screen for Bar"`)
	p.Wait(`(() => { const e = document.querySelector(".showing small"); return e.scrollWidth <= e.clientWidth + 1 })()`)
	p.Wait(`document.querySelector("#bar").getBoundingClientRect().height < 100`)
}
