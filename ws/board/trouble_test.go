package board_test

import (
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

func TestServerKilledInTheRushAndBack(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.beat = 500 * time.Millisecond
	orders := rush(k, 6)
	p := openLive(t, k)
	p.Wait(Ticket(106))
	k.wire.set(refuse)
	k.wire.cut()
	p.Wait(`/^NOT LIVE \d/.test(` + Status + `)`)
	p.Wait(Status + `.includes("new orders are not arriving, use paper")`)
	p.Wait(`[...document.querySelectorAll("article button")].every((b) => b.disabled)`)
	p.Wait(`getComputedStyle(document.querySelector("#wall")).filter.includes("grayscale")`)
	p.Press("1")
	p.Press("Enter")
	p.Wait(`document.querySelector("#notices").innerText.includes("Not while NOT LIVE")`)
	for n := 201; n <= 203; n++ {
		k.add(order{Number: n})
	}
	k.set(orders[1], "cancelled")
	k.set(orders[2], "completed")
	p.Wait(`/^NOT LIVE \d*:(0[2-9]|[1-9])/.test(` + Status + `)`) // it counts
	p.Wait(Ticket(103))                                           // what was known stays on the screen
	k.wire.set(normal)
	p.Wait(Status + ` === "Live"`)
	p.Wait(`document.querySelector("#notices").innerText.includes("Back: 3 new, 1 cancelled, 1 done elsewhere while away")`)
	p.Wait(Ticket(102) + `?.innerText.includes("CANCELLED")`)
	p.Wait(`!` + Ticket(103))
	p.Wait(Ticket(203) + `?.classList.contains("fresh") && !` + Ticket(101) + `.classList.contains("fresh")`)
	p.Wait(`chimes.includes("new") && chimes.includes("void")`)
	p.Wait(Ticket(101) + `.querySelector("button").disabled === false`)
}

func TestDeafServerIsNotLive(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 1})
	p := openLive(t, k)
	k.setLive(false)
	p.Wait(`/^NOT LIVE \d/.test(` + Status + `)`)
	p.Wait(Status + `.includes("cannot hear its database")`)
	p.Wait(Ticket(1) + `.querySelector("button").disabled`)
	k.setLive(true)
	p.Wait(Status + ` === "Live"`)
}

func TestRestartOfTheServerIsSurvivedWithoutATouch(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	p := openLive(t, k)
	for n := 1; n <= 3; n++ {
		k.until(t, "a display is there", func() bool { return len(k.displays) == 1 })
		k.dropAll(1012)
		p.Wait(Status + ` !== "Live"`)
		k.add(order{Number: n})
		p.Wait(Status + ` === "Live"`)
		p.Wait(Ticket(n))
	}
}
