package board_test

import (
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

func TestPassSeesTicksLiveAndHandsOutWhatIsReady(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	o := k.gather(5)
	b := chromium.Start(t)
	_ = b
	grill, bar, pass := ofStation(t, k, "Grill"), ofStation(t, k, "Bar"), ofStation(t, k, "Pass")
	pass.Wait(Step(5) + ` === "SERVE"`)
	pass.Wait(says(5, "Grill: 2 to start; Bar: 1 to start"))
	grill.Wait(Step(5) + ` === "START"`)
	grill.Touch(lineRow(5, "Steak"))
	pass.Wait(ticked(5, "Steak"))
	pass.Wait(says(5, "Grill: 1 to start; Bar: 1 to start"))
	pass.Touch(Ticket(5) + `.querySelector("button")`)
	pass.Wait(says(5, "Grill still cooks: 1, Bar still cooks: 1"))
	pass.Hold(0, Button(Ticket(5), "SERVE anyway"))
	if got := k.status(o); got != "preparing" {
		t.Fatalf("the order is %s before anybody insisted", got)
	}
	pass.Touch(Ticket(5) + `.querySelector("header")`) // a touch closes it
	pass.Wait(`!` + Button(Ticket(5), "SERVE anyway"))
	bar.Touch(Ticket(5) + `.querySelector("button")`)
	bar.Wait(Step(5) + ` === "READY"`)
	pass.Wait(says(5, "Bar: 1 cooking"))
	bar.Touch(Ticket(5) + `.querySelector("button")`)
	pass.Wait(ticked(5, "Spritz"))
	pass.Hold(0, `!`+Ticket(5)+`.matches(".ready, .allready")`)
	grill.Touch(lineRow(5, "Burger"))
	pass.Wait(Ticket(5) + `.matches(".ready.allready")`)
	k.until(t, "ready", func() bool { return o.Status == "ready" })
	pass.Touch(Ticket(5) + `.querySelector("button")`)
	k.until(t, "completed", func() bool { return o.Status == "completed" })
	pass.Wait(`!` + Ticket(5))
}

func TestPassInsistsOnPurposeOnly(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	o, other := k.gather(5), k.gather(6)
	p := ofStation(t, k, "Pass")
	p.Wait(Step(5) + ` === "SERVE"`)
	p.Touch(Ticket(5) + `.querySelector("button")`)
	p.Wait(Button(Ticket(5), "SERVE anyway"))
	p.Touch(Button(Ticket(5), "SERVE anyway"))
	k.until(t, "completed", func() bool { return o.Status == "completed" })
	p.Wait(`!document.querySelector(".ghost") && !` + Ticket(5))
	p.Press("1")
	p.Wait(Ticket(6) + `.ariaCurrent === "true"`)
	p.Press("Enter")
	p.Wait(Button(Ticket(6), "SERVE anyway"))
	p.Press("Enter") // the same key says the same again
	p.Hold(300*time.Millisecond, Button(Ticket(6), "SERVE anyway"))
	p.Press("y")
	k.until(t, "completed", func() bool { return other.Status == "completed" })
}

func TestPassSendsALineBackWithAReason(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	o := k.gather(5)
	grill, pass := ofStation(t, k, "Grill"), ofStation(t, k, "Pass")
	grill.Wait(Step(5) + ` === "START"`)
	grill.Touch(Ticket(5) + `.querySelector("button")`)
	grill.Wait(Step(5) + ` === "READY"`)
	grill.Touch(Ticket(5) + `.querySelector("button")`)
	pass.Wait(ticked(5, "Burger"))
	grill.Wait(`!` + Ticket(5))
	pass.Touch(lineRow(5, "Burger"))
	pass.Wait(Button(`document.querySelector("dialog[open]")`, "cold"))
	pass.Touch(Button(`document.querySelector("dialog[open]")`, "cold"))
	k.until(t, "the burger is to be made again", func() bool {
		return o.Items[0].Stations[0].Status == "pending" && o.Items[0].Stations[0].Reason == "cold" && o.Items[1].Stations[0].Status == "ready"
	})
	grill.Wait(lineRow(5, "Burger") + `?.innerText.includes("MAKE AGAIN: COLD")`)
	grill.Wait(`chimes.at(-1) === "changed"`)
	pass.Wait(lineRow(5, "Burger") + `?.innerText.includes("MAKE AGAIN: COLD")`)
	grill.Hold(0, ticked(5, "Steak"))
	grill.Wait(Step(5) + ` === "START"`)
	grill.Touch(Ticket(5) + `.querySelector("button")`)
	grill.Wait(Step(5) + ` === "READY"`)
	grill.Wait(`!` + lineRow(5, "Burger") + `?.innerText.includes("MAKE AGAIN")`)
	pass.Press("1")
	pass.Press("i") // after the burger, which was touched, comes the steak
	pass.Press("x")
	pass.Wait(Button(`document.querySelector("dialog[open]")`, "dropped"))
	pass.Press("Escape")
	pass.Wait(`!document.querySelector("dialog[open]")`)
}

func TestHeldCourseStaysInPlaceUntilItIsFired(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	o := k.add(order{Number: 5, Items: []item{
		line(2, "Steak").cookedAt(grillStation).held(2), line(1, "Skewer").cookedAt(grillStation).inCourse(1), line(2, "Flambé").cookedAt(barStation).held(2),
	}})
	grill, bar, pass := ofStation(t, k, "Grill"), ofStation(t, k, "Bar"), ofStation(t, k, "Pass")
	grill.Wait(says(5, "Course 2 held"))
	grill.Hold(0, lineRow(5, "Steak")+`.matches(".held:not(.ticks)") && !`+Button(Ticket(5), "FIRE course 2"))
	grill.Touch(lineRow(5, "Steak")) // a touch of a held line ticks nothing off
	bar.Hold(0, `!`+Ticket(5))       // nothing to do there yet
	pass.Wait(Button(Ticket(5), "FIRE course 2"))
	grill.Touch(Ticket(5) + `.querySelector("button")`)
	grill.Wait(Step(5) + ` === "READY"`)
	grill.Touch(Ticket(5) + `.querySelector("button")`)
	pass.Wait(Ticket(5) + `.matches(".ready.allready")`)
	grill.Wait(`!` + Ticket(5))
	pass.Touch(Ticket(5) + `.querySelector("button")`) // SERVE would forget the second course
	pass.Wait(says(5, "Course 2 is still held"))
	if got := k.status(o); got != "ready" {
		t.Fatalf("the order is %s", got)
	}
	pass.Touch(Button(Ticket(5), "FIRE course 2"))
	k.until(t, "fired", func() bool { return !o.Items[0].Held && o.Status == "preparing" })
	for _, p := range []*Page{grill, bar, pass} {
		p.Wait(says(5, "FIRED"))
	}
	grill.Wait(Ticket(5) + `.matches(".fresh") && chimes.at(-1) === "new"`)
	pass.Wait(Ticket(5) + `.matches(".fired")`)
	pass.Hold(0, `!`+Button(Ticket(5), "FIRE course 2"))
}

func TestOrderThatNothingIsCookedOfIsServedAtThePass(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	water := line(1, "Water")
	water.Stations = []at{}
	o := k.add(order{Number: 5, Items: []item{water}})
	p := ofStation(t, k, "Pass")
	p.Wait(Step(5) + ` === "SERVE"`)
	p.Touch(Ticket(5) + `.querySelector("button")`)
	k.until(t, "completed", func() bool { return o.Status == "completed" })
}

func TestPassSaysReadyWhereTheRestaurantWantsThat(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	k.do(func() { k.readyWhen = "expo" })
	o := k.add(order{Number: 5, Status: "preparing", Items: []item{line(1, "Steak").cookedAt(grillStation).ready()}})
	p := ofStation(t, k, "Pass")
	p.Wait(Step(5) + ` === "READY"`)
	p.Hold(0, Ticket(5)+`.matches(".allready")`)
	p.Touch(Ticket(5) + `.querySelector("button")`)
	k.until(t, "ready", func() bool { return o.Status == "ready" })
	p.Wait(Step(5) + ` === "SERVE"`)
}

func TestBoardOfEverythingSaysWhereEachLineStandsAndAsksBeforeItInsists(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	o := k.gather(5)
	p := openLive(t, k)
	p.Wait(lineRow(5, "Burger") + `?.innerText.includes("Grill to start")`)
	p.Touch(Ticket(5) + `.querySelector("button")`)
	k.until(t, "begun", func() bool { return o.Status == "preparing" })
	p.Wait(lineRow(5, "Spritz") + `?.innerText.includes("Bar cooking")`)
	p.Wait(Step(5) + ` === "READY"`)
	p.Touch(lineRow(5, "Spritz"))
	p.Wait(ticked(5, "Spritz"))
	p.Touch(Ticket(5) + `.querySelector("button")`)
	p.Wait(says(5, "Grill still cooks: 2"))
	p.Touch(Button(Ticket(5), "READY anyway"))
	k.until(t, "ready", func() bool { return o.Status == "ready" })
	p.Wait(Step(5) + ` === "DONE"`)
	p.Touch(Ticket(5) + `.querySelector("button")`)
	k.until(t, "completed", func() bool { return o.Status == "completed" })
}
