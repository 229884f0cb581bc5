package board_test

import (
	"fmt"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

// lineRow is an expression for the first row of a line of a ticket, by its name.
func lineRow(number int, name string) string {
	return fmt.Sprintf(`[...(%s?.querySelectorAll("li.item") ?? [])].find((li) => li.innerText.includes(%q))`, Ticket(number), name)
}

// ticked is an expression that is true where a line of a ticket is ticked off.
func ticked(number int, name string) string {
	return lineRow(number, name) + `?.querySelector("[role=checkbox]")?.ariaChecked === "true"`
}

// says is an expression that is true where a ticket says something.
func says(number int, text string) string {
	return fmt.Sprintf(`%s?.innerText.replace(/\s+/g, " ").includes(%q)`, Ticket(number), text)
}

// gather is an order that grill and bar work at.
func (k *kitchen) gather(number int) *order {
	return k.add(order{Number: number, Table: &named{ID: newID(), Label: "7"}, Items: []item{
		line(2, "Burger", "no onion").cookedAt(grillStation), line(1, "Steak").cookedAt(grillStation), line(2, "Spritz").cookedAt(barStation),
	}})
}

func threeStations(t *testing.T) *kitchen {
	k := newKitchen(t).withStations(grillStation, barStation, passStation)
	k.screensElsewhere(grillStation, barStation, passStation)
	return k
}

func TestStationTicksItsLinesOffByTouchAndItsPartLeavesWithAnUndo(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	o := k.gather(5)
	p := ofStation(t, k, "Grill")
	p.Wait(Step(5) + ` === "START"`)
	p.Wait(`!` + lineRow(5, "Spritz"))
	p.Wait(says(5, "Bar: 1 to start 2× Spritz"))
	p.Touch(Ticket(5) + `.querySelector("button")`)
	k.until(t, "the grill's lines are cooking", func() bool {
		return o.Items[0].Stations[0].Status == "preparing" && o.Items[1].Stations[0].Status == "preparing" && o.Items[2].Stations[0].Status == "pending"
	})
	p.Wait(Step(5) + ` === "READY"`)
	p.Touch(lineRow(5, "Burger"))
	k.until(t, "the burger is ready", func() bool { return o.Items[0].Stations[0].Status == "ready" && o.Status == "preparing" })
	p.Wait(ticked(5, "Burger"))
	p.Hold(350*time.Millisecond, `!(`+ticked(5, "Steak")+`) && `+lineRow(5, "Burger")) // a second touch so soon would mean the first
	p.Touch(Ticket(5) + `.querySelector("li.modifier")`)                               // the rows below a line belong to it: this takes the tick back
	k.until(t, "the burger is cooking again", func() bool { return o.Items[0].Stations[0].Status == "preparing" })
	p.Wait(`!(` + ticked(5, "Burger") + `)`)
	p.Touch(Ticket(5) + `.querySelector("button")`)
	p.Wait(Button(`document.querySelector(".ghost")`, "Undo #5"))
	k.until(t, "the grill is ready, the order not", func() bool {
		return o.Items[0].Stations[0].Status == "ready" && o.Items[1].Stations[0].Status == "ready" && o.Status == "preparing"
	})
	p.Touch(Button(`document.querySelector(".ghost")`, "Undo #5"))
	k.until(t, "the grill cooks again", func() bool { return o.Items[0].Stations[0].Status == "preparing" })
	p.Wait(Step(5) + ` === "READY"`)
	p.Hold(0, `!(`+Ticket(5)+`.classList.contains("fresh"))`)
	p.Touch(Ticket(5) + `.querySelector("button")`)
	p.Wait(`document.querySelector(".ghost")`)
	p.Wait(`!document.querySelector(".ghost") && !` + Ticket(5)) // while the bar goes on
	if got := k.status(o); got != "preparing" {
		t.Errorf("the order is %s, want preparing", got)
	}
	p.Hold(0, `chimes.length === 0`)
}

func TestStationWorksByKeysAlone(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	o := k.gather(5)
	k.gather(6)
	p := ofStation(t, k, "Grill")
	p.Wait(Ticket(6))
	p.Press("x")
	p.Wait(`document.querySelector("#notices").innerText.includes("No ticket is selected")`)
	p.Press("1")
	p.Press("i")
	p.Wait(lineRow(5, "Burger") + `.classList.contains("chosen")`)
	p.Press("i")
	p.Wait(lineRow(5, "Steak") + `.classList.contains("chosen")`)
	p.Press("x")
	k.until(t, "the steak is ready", func() bool {
		return o.Items[1].Stations[0].Status == "ready" && o.Items[0].Stations[0].Status == "pending"
	})
	p.Wait(ticked(5, "Steak"))
	p.Press("x")
	k.until(t, "it is not", func() bool { return o.Items[1].Stations[0].Status == "preparing" })
	p.Press("Enter")
	k.until(t, "the grill is ready", func() bool {
		return o.Items[0].Stations[0].Status == "ready" && o.Items[1].Stations[0].Status == "ready"
	})
	p.Wait(Ticket(6) + `.ariaCurrent === "true"`)
	p.Press("Backspace")
	k.until(t, "both are where they were", func() bool {
		return o.Items[0].Stations[0].Status == "pending" && o.Items[1].Stations[0].Status == "preparing"
	})
	p.Press("Backspace")
	p.Press("Backspace")
	k.until(t, "all is as at first", func() bool { return o.Items[1].Stations[0].Status == "pending" })
	p.Press("?")
	p.Wait(`document.querySelector("dialog[open]")?.innerText.includes("Next line of the selected ticket")`)
}

func TestCancelledLineStaysStruckOutOnItsStationUntilTouched(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	o := k.gather(5)
	grill, bar := ofStation(t, k, "Grill"), ofStation(t, k, "Bar")
	bar.Wait(Ticket(5))
	grill.Wait(Ticket(5))
	k.change(o, func(o *order) { o.Items = o.Items[:2] })
	bar.Wait(Ticket(5) + `?.querySelector("li.removed")?.innerText.includes("Spritz")`)
	bar.Wait(says(5, "CHANGED"))
	bar.Hold(500*time.Millisecond, Ticket(5)+` && `+Step(5)+` === "CLEAR"`)
	grill.Hold(0, `!(`+says(5, "CHANGED")+`)`) // nothing that the grill does
	bar.Press("1")
	bar.Wait(`!` + Ticket(5)) // a touch, or a key: somebody has seen it
}

func TestLineThatChangedAfterItWasReadySaysSo(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	o := k.gather(5)
	p := ofStation(t, k, "Bar")
	p.Wait(Ticket(5))
	p.Touch(lineRow(5, "Spritz"))
	p.Wait(`document.querySelector(".ghost")`)
	p.Wait(`!document.querySelector(".ghost")`)
	k.change(o, func(o *order) {
		o.Items[2].Quantity = 4
		o.Items[2].Stations = []at{{ID: o.Items[2].Stations[0].ID, Status: "pending", Changed: true}}
	})
	p.Wait(lineRow(5, "Spritz") + `?.innerText.includes("CHANGED")`)
	p.Wait(`chimes.at(-1) === "changed"`)
}

func TestLineOfAChangedRouteIsNewAtItsNewStation(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	o := k.gather(5)
	grill, bar := ofStation(t, k, "Grill"), ofStation(t, k, "Bar")
	grill.Wait(Ticket(5))
	bar.Wait(Ticket(5))
	bar.Touch(lineRow(5, "Spritz"))
	bar.Wait(`document.querySelector(".ghost")`)
	bar.Wait(`!document.querySelector(".ghost")`)
	k.change(o, func(o *order) { o.Items[1].Stations = []at{{ID: &barStation.ID, Status: "pending"}} })
	bar.Wait(Ticket(5) + `.matches(".fresh") && ` + lineRow(5, "Steak") + ` && chimes.at(-1) === "new"`)
	grill.Wait(Ticket(5) + `?.querySelector("li.removed")?.innerText.includes("Steak")`)
}

func TestConflictOfLinesIsSaidOnTheTicket(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	o := k.gather(5)
	p := ofStation(t, k, "Grill")
	p.Wait(Ticket(5))
	k.do(func() { // another screen of the grill was faster, and this one has not received that
		o.Items[0].Stations[0].Status, o.Items[1].Stations[0].Status = "ready", "ready"
	})
	p.Touch(Ticket(5) + `.querySelector("button")`)
	p.Wait(says(5, "Somebody else has moved these lines"))
	p.Wait(Step(5) + ` === "START"`)
	p.Press("Backspace")
	p.Wait(`document.querySelector("#notices").innerText.includes("Nothing to undo")`)
	k.change(o, func(*order) {})
	p.Wait(`!` + Ticket(5))
}

func TestStationRecallsWhatItFinished(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	going := k.gather(5)
	over := k.add(order{Number: 6, Status: "ready", Items: []item{line(1, "Steak").cookedAt(grillStation).ready(), line(1, "Beer").cookedAt(barStation).ready()}})
	p := ofStation(t, k, "Grill")
	p.Wait(Ticket(5))
	k.set(over, "completed")
	p.Touch(lineRow(5, "Burger"))
	p.Wait(ticked(5, "Burger"))
	p.Touch(lineRow(5, "Steak"))
	p.Wait(`document.querySelector(".ghost")`)
	p.Wait(`!document.querySelector(".ghost")`)
	p.Press("r")
	p.Wait(Button(openDialog+"?", "RECALL #5"))
	p.Touch(Button(openDialog, "RECALL #5"))
	k.until(t, "the grill cooks again", func() bool {
		return going.Items[0].Stations[0].Status == "preparing" && going.Items[1].Stations[0].Status == "preparing" && going.Items[2].Stations[0].Status == "pending"
	})
	p.Wait(Step(5) + ` === "READY"`)
	p.Hold(350*time.Millisecond, `!`+openDialog) // a second touch at the spot of the first would mean that
	p.Press("r")
	p.Wait(Button(openDialog+"?", "RECALL #6"))
	p.Touch(Button(openDialog, "RECALL #6"))
	k.until(t, "the grill's part is back, the bar's is not", func() bool {
		return over.Status == "preparing" && over.Items[0].Stations[0].Status == "preparing" && over.Items[1].Stations[0].Status == "ready"
	})
	p.Wait(says(6, "RECALLED"))
}

func TestTwoTapsOfALineTickItOnce(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	o := k.gather(5)
	p := ofStation(t, k, "Grill")
	p.Wait(Ticket(5))
	x, y := p.At(lineRow(5, "Steak"))
	// Both in one breath of the page: on a busy machine, two of a driver's may be further apart than a bounce is.
	Eval[any](p, fmt.Sprintf(`(() => {
		const at = { bubbles: true, pointerId: 9, button: 0, pointerType: "touch", clientX: %f, clientY: %f };
		for (const kind of ["pointerdown", "pointerup", "pointerdown", "pointerup"]) document.elementFromPoint(at.clientX, at.clientY).dispatchEvent(new PointerEvent(kind, at));
		return 0;
	})()`, x, y))
	p.Wait(ticked(5, "Steak"))
	p.Hold(400*time.Millisecond, ticked(5, "Steak"))
	if got := k.lineStatus(o, 1); got != "ready" {
		t.Errorf("the line is %s after a double tap, want ready", got)
	}
}

func TestLinesWithoutAStationOrAScreenSayWhichOnEveryScreen(t *testing.T) {
	t.Parallel()
	k := newKitchen(t).withStations(grillStation, barStation, passStation)
	k.screensElsewhere(grillStation, barStation)
	k.add(order{Number: 5, Items: []item{line(1, "Candle").cookedAt(), line(2, "Spritz").cookedAt(barStation), line(1, "Burger").cookedAt(grillStation)}})
	grill, pass := ofStation(t, k, "Grill"), ofStation(t, k, "Pass")
	grill.Wait(lineRow(5, "Candle") + `?.innerText.includes("no station")`)
	pass.Wait(lineRow(5, "Candle") + `?.innerText.includes("no station")`)
	grill.Hold(0, `!`+lineRow(5, "Spritz"))
	grill.Touch(Ticket(5) + `.querySelector("header")`)
	k.screensElsewhere(grillStation)
	grill.Wait(lineRow(5, "Spritz") + `?.innerText.includes("no screen for Bar")`)
	grill.Wait(lineRow(5, "Spritz") + `?.matches(".arrived") && chimes.at(-1) === "new"`)
	pass.Wait(lineRow(5, "Spritz") + `?.innerText.includes("no screen for Bar")`)
	k.screensElsewhere(grillStation, barStation)
	grill.Wait(`!` + lineRow(5, "Spritz"))
}
