package board_test

import (
	"strings"
	"testing"

	. "kitchen/ws/board/boardtest"
)

func TestLinesAreLargeEnoughForGlovesAndNamedForScreenReaders(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	for n := range 6 {
		k.gather(n + 1)
	}
	for _, size := range [][2]int64{{1920, 1080}, {1024, 768}, {390, 844}} {
		p := ofStation(t, k, "Grill", Size(size[0], size[1]))
		p.Wait(Ticket(1))
		small := Eval[[]string](p, `(() => {
			const rows = [...document.querySelectorAll("li.ticks")].filter((li) => !li.closest("#bench")), by = new Map();
			for (const li of rows) by.set(li.dataset.id + li.dataset.value, (by.get(li.dataset.id + li.dataset.value) ?? 0) + li.getBoundingClientRect().height);
			return [...by].filter(([, h]) => h < 64).map(([k, h]) => k + " " + h);
		})()`)
		if len(small) > 0 {
			t.Errorf("%v: lines below 64 px: %q", size, small)
		}
		wide := Eval[bool](p, `[...document.querySelectorAll("#wall li")].some((li) => li.scrollWidth > li.clientWidth + 1)`)
		if wide {
			t.Errorf("%v: a row is wider than its ticket", size)
		}
	}
	p := ofStation(t, k, "Grill")
	p.Wait(Ticket(1))
	boxes := strings.Join(p.Roles("checkbox"), "|")
	if !strings.Contains(boxes, "2× Burger is ready") {
		t.Errorf("the boxes are called %s", boxes)
	}
}

// Six up is the norm of small screens, with lines as large as a finger.
func TestSixTicketsOfThreeLinesFitOnASmallScreenOfAStation(t *testing.T) {
	t.Parallel()
	k := threeStations(t)
	for n := range 6 {
		k.add(order{Number: n + 1, Items: []item{
			line(2, "Burger", "no onion").cookedAt(grillStation), line(1, "Steak").cookedAt(grillStation), line(1, "Corn soup").cookedAt(grillStation),
		}})
	}
	p := ofStation(t, k, "Grill", Size(1024, 768))
	p.Wait(Ticket(1) + ` && document.title.startsWith("6 ")`)
	if n := Eval[int](p, `document.querySelectorAll("#wall article").length`); n != 6 {
		t.Errorf("the first page has %d tickets", n)
	}
}
