package board_test

import (
	"fmt"
	"strings"

	. "kitchen/ws/board/boardtest"
)

// views is what a kitchen with stations sees: a station, the pass, everything, each in a rush, and how somebody chooses what a screen shows.
func (g album) views() {
	k := newKitchen(g.t).withStations(grillStation, barStation, passStation)
	for i, o := range rush(k, 12) {
		k.change(o, func(o *order) {
			for n := range o.Items {
				o.Items[n] = o.Items[n].cookedAt([][]station{{grillStation}, {barStation}, {grillStation, barStation}, {}}[(i+n)%4]...)
			}
		})
	}
	k.screensElsewhere(grillStation, barStation, passStation)
	for _, name := range []string{"Grill", "Pass", "Grill&station=Bar"} {
		state := "station-" + strings.ToLower(strings.ReplaceAll(name, "&station=", "-"))
		p := g.openWith(k, strings.Replace(k.address(), "#", "?station="+name+"#", 1), `,"allday":true`)
		p.Wait(Ticket(101) + ` || ` + Ticket(102))
		g.take(p, state)
		if name == "Grill" {
			k.screensElsewhere(grillStation, passStation)
			p.Wait(`document.querySelector(".showing small")`)
			g.take(p, "station-no-screen")
			p.Click(`document.querySelector("[data-act=view]")`)
			p.Wait(openDialog + `?.querySelector(".views")`)
			g.take(p, "views")
			k.screensElsewhere(grillStation, barStation, passStation)
		}
	}
	p := g.openWith(k, strings.Replace(k.address(), "#", "?station=Fryer#", 1), "")
	p.Wait(`document.querySelector("#notices p")`)
	g.take(p, "station-unknown")
}

// largeEvening has more tickets than two pages show.
func (g album) largeEvening() {
	k := newKitchen(g.t)
	rush(k, 40)
	p := g.open(k, "")
	p.Wait(fmt.Sprintf(`document.querySelectorAll("#wall article").length > %d`, 14))
	g.take(p, "large-evening")
}
