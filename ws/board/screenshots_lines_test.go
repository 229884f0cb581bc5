package board_test

import (
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	. "kitchen/ws/board/boardtest"
)

// grillEvening is a kitchen of three stations with an order in every state that a line can be in.
func grillEvening(k *kitchen) []*order {
	k.withStations(grillStation, barStation, passStation).screensElsewhere(grillStation, passStation)
	water := line(1, "Water")
	water.Stations = []at{}
	again := line(1, "Sirloin 300 g", "medium rare").cookedAt(grillStation)
	again.Stations[0].Reason = "cold"
	more := line(4, "Lamb skewers").cookedAt(grillStation)
	more.Stations[0].Changed = true
	cooking := func(i item) item {
		i.Stations[0].Status = "preparing"
		return i
	}
	table := func(label string) *named { return &named{ID: newID(), Label: label} }
	var all []*order
	for n, o := range []order{
		{Table: table("4"), Status: "preparing", Items: []item{
			line(2, "Burger", "no onion", "extra cheese").cookedAt(grillStation).ready(), cooking(line(1, "Ribeye").cookedAt(grillStation)), line(2, "Negroni").cookedAt(barStation), water}},
		{Table: table("12"), Status: "preparing", Items: []item{
			line(1, "Corn soup").cookedAt(grillStation).inCourse(1).ready(), line(2, "Skewer", "no garlic").cookedAt(grillStation).inCourse(1),
			line(2, "Steak frites").cookedAt(grillStation).held(2), line(2, "Sorbet").cookedAt(barStation).held(3)}},
		{Type: "takeaway", CustomerName: "Nguyen", Items: []item{line(1, "Birthday candle").cookedAt(), line(2, "Burger").cookedAt(grillStation), line(1, "Cola").cookedAt(barStation)}},
		{Table: table("7"), Status: "preparing", AllergyNote: "peanuts", Items: []item{again, line(1, "Fries").cookedAt(grillStation).ready()}},
		{Table: table("9"), Status: "preparing", Items: []item{more, line(1, "Coleslaw").cookedAt(grillStation).ready()}},
		{Table: table("2"), Items: []item{line(1, "Burger").cookedAt(grillStation), line(1, "Steak").cookedAt(grillStation)}},
		{Table: table("3"), Status: "ready", Items: []item{line(1, "Burger").cookedAt(grillStation).ready(), line(2, "Negroni").cookedAt(barStation).ready()}},
		{Type: "takeaway", CustomerName: "Kowalska", Items: []item{water}},
	} {
		o.Number, o.CreatedAt = 201+n, k.now().Add(-time.Duration(9-n)*55*time.Second)
		all = append(all, k.add(o))
	}
	return all
}

// openAt opens the board of a station.
func (g album) openAt(k *kitchen, name string) *Page {
	p := chromium.Start(g.t).Open(g.t, strings.Replace(k.address(), "#", "?station="+name+"#", 1), wearing(`{"theme":"dark","lang":"`+g.lang+`"}`), Script(boxes))
	p.Wait(`document.querySelector("[role=status].live") && document.fonts.status === "loaded"`)
	p.Press("Escape")
	return p
}

// lines are the boards of a kitchen with stations: one station, the pass, and everything.
func (g album) lines() {
	k := newKitchen(g.t)
	orders := grillEvening(k)
	grill := g.openAt(k, "Grill")
	grill.Wait(Ticket(206))
	k.change(orders[5], func(o *order) { o.Items = o.Items[:1] }) // the steak is cancelled
	grill.Wait(Ticket(206) + `.querySelector("li.removed")`)
	grill.Press("1")
	grill.Press("i")
	grill.Wait(`document.querySelector("li.chosen")`)
	g.clean(grill, "station")
	g.take(grill, "station")
	k.do(func() { orders[2].Items[1].Stations[0].Status = "ready" })
	grill.Hold(300*time.Millisecond, Ticket(203)) // it has moved with the size of the screen: a finger so soon would mean another
	grill.Still(func() {
		grill.Tap(Ticket(203) + `.querySelector("button")`)
		grill.Wait(Ticket(203) + `.querySelector(".said")`)
		g.take(grill, "station-conflict")
	})

	pass := g.openAt(k, "Pass")
	pass.Wait(Ticket(204))
	pass.Hold(300*time.Millisecond, Ticket(204))
	pass.Tap(Ticket(204) + `.querySelector("button")`)
	pass.Wait(Ticket(204) + `.querySelector(".anyway")`)
	pass.Tap(Ticket(202) + `.querySelector(".fire")`)
	pass.Wait(Ticket(202) + `.querySelector("li.fired")`)
	g.clean(pass, "pass")
	g.take(pass, "pass")
	pass.Hold(300*time.Millisecond, Ticket(204))
	pass.Tap(Ticket(204) + `.querySelector("li.ticked")`)
	pass.Wait(openDialog + `?.querySelector("[data-act=again]")`)
	g.take(pass, "again")
	pass.Press("Escape")
	Eval[any](pass, `dispatchEvent(new Event("beforeprint"))`)
	if _, err := chromedp.Call(pass.Context(), emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		g.t.Fatal(err)
	}
	g.take(pass, "pass-paper")

	all := g.open(k, "")
	all.Wait(Ticket(204))
	g.clean(all, "everything")
	g.take(all, "everything")
}

// clean checks that nothing overlaps or is cut, once tickets that grew have been placed again.
func (g album) clean(p *Page, state string) {
	g.t.Helper()
	faults := Eval[[]string](p, `new Promise((done) => {
		const end = Date.now() + 5000;
		const look = () => { const all = boxes(); all.length && Date.now() < end ? setTimeout(look, 100) : done(all); };
		look();
	})`)
	for _, f := range faults {
		g.t.Errorf("%s, %s: %s", state, g.lang, f)
	}
}
