package board_test

import (
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

func TestCancelledAndDeletedOrdersStayUntilAWhileAfterATouch(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.beat = 50 * time.Millisecond
	cooking := k.add(order{Number: 5, Status: "preparing"})
	other := k.add(order{Number: 6})
	third := k.add(order{Number: 7})
	p := openLive(t, k, Script(laterClock))
	p.Wait(Ticket(7))
	k.set(cooking, "cancelled")
	p.Wait(Ticket(5) + `?.innerText.includes("CANCELLED")`)
	k.do(func() { k.by = "till-3" })
	k.remove(other)
	p.Wait(Ticket(6) + `?.querySelector("li.deleted")?.innerText.trim() === "DELETED till-3"`)
	p.Hold(0, Ticket(5)+`.querySelector("li.cancelled").innerText.trim() === "CANCELLED"`)
	p.Wait(`chimes.join() === "void,void"`)
	if got := Eval[string](p, `getComputedStyle(`+Ticket(5)+`.querySelector("li.item")).textDecorationLine`); got != "line-through" {
		t.Errorf("the lines of a cancelled order are decorated with %s", got)
	}
	p.Hold(1500*time.Millisecond, Ticket(5)+` && `+Ticket(6))
	k.set(third, "cancelled")
	p.Wait(Step(7) + ` === "CLEAR"`)
	p.Tap(Ticket(5)) // it stays for a while, for other cooks
	p.Hold(400*time.Millisecond, Ticket(5))
	later(p, 61*time.Second)
	p.Wait(`!` + Ticket(5))
	p.Hold(0, Ticket(6)+` && `+Ticket(7)) // nobody has touched these
	p.Tap(`document.querySelector("[data-act=undo]")`)
	p.Wait(Step(5) + ` === "CLEAR"`)
	later(p, 61*time.Second)
	p.Hold(400*time.Millisecond, Ticket(5)) // until it is touched again
	p.Tap(Ticket(5) + `.querySelector("button")`)
	p.Wait(`!` + Ticket(5))
	p.Press("1")
	p.Press("Enter")
	p.Wait(`!` + Ticket(6))
}
