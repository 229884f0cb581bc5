package board_test

import (
	"testing"

	. "kitchen/ws/board/boardtest"
)

// A notice that may stay all evening hides no line of a ticket, and no button.
func TestLastingNoticesHideNoLine(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int64{{1280, 800}, {1024, 768}, {360, 640}} {
		k := newKitchen(t)
		k.do(func() { k.omitted = 1234 })
		for number := range 8 {
			k.add(order{Number: number + 1, Items: []item{line(2, "Steak"), line(1, "Fries"), line(3, "Beer")}})
		}
		p := openLive(t, k, Size(size[0], size[1]))
		p.Wait(notices + `.includes("1234 older open orders are not shown") && document.querySelector("#wall article")`)
		p.Wait(`(() => {
			const said = [...document.querySelectorAll("#notices p")].map((e) => e.getBoundingClientRect());
			return said.length === 1 && [...document.querySelectorAll("#bar button, #wall article")].map((e) => e.getBoundingClientRect()).every((r) =>
				said.every((s) => s.bottom <= r.top + 1 || s.top >= r.bottom - 1 || s.right <= r.left || s.left >= r.right));
		})()`)
	}
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
	for _, width := range []int64{1024, 1280, 1366} {
		p := ofStation(t, k, "Fryer", Size(width, 768)) // there is none, so it shows everything
		p.Wait(`document.querySelector(".pager") && ` + showing + `.trim() === "Everything"`)
		p.Wait(`(() => { const e = document.querySelector(".showing bdi"); return e.getBoundingClientRect().height < 1.5 * parseFloat(getComputedStyle(e).lineHeight) })()`)
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
