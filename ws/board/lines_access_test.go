package board_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

func TestBoardsOfStationsAreAccessible(t *testing.T) {
	t.Parallel()
	underLooks(t, []string{arabic}, func(t *testing.T, look string) {
		k := newKitchen(t)
		orders := grillEvening(k)
		at := func(name string) *Page {
			p := chromium.Start(t).Open(t, strings.Replace(k.address(), "#", "?station="+name+"#", 1), wearing(look))
			p.Wait(Ticket(204))
			p.Hold(300*time.Millisecond, Ticket(204)) // a ticket that has just moved cannot be meant by a finger
			return p
		}
		grill := at("Grill")
		k.change(orders[5], func(o *order) { o.Items = o.Items[:1] })
		grill.Wait(Ticket(206) + `.querySelector("li.removed")`)
		grill.Press("1")
		grill.Press("i")
		grill.Wait(`document.querySelector("li.chosen")`)
		audit(t, grill, "a station")
		grill.Wait(isLive) // after a long look at it
		k.do(func() { orders[3].Items[0].Stations[0].Status = "ready" })
		grill.Still(func() {
			grill.Press("4")
			grill.Press("Enter")
			grill.Wait(Ticket(204) + `.querySelector(".said")`)
			audit(t, grill, "a conflict")
		})
		k.change(orders[3], func(*order) {})
		pass := at("Pass")
		pass.Tap(Ticket(202) + `.querySelector(".fire")`)
		pass.Wait(Ticket(202) + `.querySelector("li.fired")`)
		pass.Hold(300*time.Millisecond, Ticket(205))
		pass.Still(func() {
			pass.Tap(Ticket(205) + `.querySelector("button.bump")`)
			pass.Wait(Ticket(205) + `.querySelector(".anyway")`)
			audit(t, pass, "the pass")
		})
		pass.Hold(300*time.Millisecond, Ticket(205))
		pass.Tap(Ticket(205) + `.querySelector("li.ticked")`)
		pass.Wait(openDialog + `?.querySelector("[data-act=again]")`)
		auditOf(t, pass, "make again", openDialog)
		everything := chromium.Start(t).Open(t, k.address(), wearing(look))
		everything.Wait(Ticket(204))
		audit(t, everything, "everything")
	})
}

func TestBoardsOfStationsFitEveryScreen(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "ar"} {
		for _, name := range []string{"Grill", "Pass", ""} {
			t.Run(lang+" "+name, func(t *testing.T) {
				t.Parallel()
				k := newKitchen(t)
				grillEvening(k)
				g := album{t: t, lang: lang}
				p := g.openAt(k, name)
				p.Wait(Ticket(201))
				sizes := [][2]int64{{3840, 2160}, {360, 640}, {1024, 768}}
				if *everySize {
					sizes = append(sizes, gallerySizes...)
				}
				for _, size := range sizes {
					p.Resize(size[0], size[1])
					g.clean(p, fmt.Sprint(name, size))
				}
			})
		}
	}
}
