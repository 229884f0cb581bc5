package board_test

import (
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

func TestUndoTakesBackTheLastBumpAndTheOneBefore(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 5, Status: "preparing"})
	p := openLive(t, k)
	p.Wait(Ticket(5))
	p.Tap(Ticket(5) + `.querySelector("button")`)
	k.until(t, "ready", func() bool { return o.Status == "ready" })
	p.Wait(Step(5) + ` === "DONE"`)
	p.Tap(Ticket(5) + `.querySelector("button")`)
	k.until(t, "completed", func() bool { return o.Status == "completed" })
	p.Press("Backspace")
	k.until(t, "ready again", func() bool { return o.Status == "ready" })
	p.Wait(Step(5) + ` === "DONE"`)
	p.Press("Backspace")
	k.until(t, "preparing again", func() bool { return o.Status == "preparing" })
	p.Wait(Step(5) + ` === "READY"`)
	p.Press("Backspace")
	p.Wait(`document.querySelector("#notices").innerText.includes("Nothing to undo")`)
}

func TestFinishedTicketOffersItsUndoInItsPlaceForFiveSeconds(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 5, Status: "ready"})
	k.add(order{Number: 6})
	p := openLive(t, k)
	p.Wait(Ticket(5))
	p.Tap(Ticket(5) + `.querySelector("button")`)
	p.Wait(Button(`document.querySelector(".ghost")`, "Undo #5"))
	p.Tap(Button(`document.querySelector(".ghost")`, "Undo #5"))
	k.until(t, "ready again", func() bool { return o.Status == "ready" })
	p.Wait(Step(5) + ` === "DONE"`)
	p.Tap(Ticket(5) + `.querySelector("button")`)
	p.Wait(`document.querySelector(".ghost")`)
	p.Wait(`!document.querySelector(".ghost")`)
	p.Wait(Ticket(6) + `.style.gridColumn.startsWith("1 ")`)
}

func TestRecallBringsAnOrderBackToItsPlace(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 5, Status: "ready", CreatedAt: k.now().Add(-8 * time.Minute)})
	k.add(order{Number: 6, CreatedAt: k.now().Add(-2 * time.Minute)})
	p := openLive(t, k)
	p.Wait(Ticket(5))
	k.set(o, "completed")
	p.Wait(`!` + Ticket(5))
	p.Press("r")
	p.Wait(Button(`document.querySelector("dialog[open]")`, "RECALL #5"))
	p.Press("Enter") // the first of the list has the focus
	k.until(t, "it is back", func() bool { return o.Status == "ready" })
	p.Wait(Ticket(5) + `?.innerText.includes("RECALLED")`)
	p.Wait(Ticket(5) + `.style.gridColumn.startsWith("1 ")`)
	p.Wait(Ticket(5) + `.querySelector("time").innerText.startsWith("8:")`) // its timer never stopped
}
