package board_test

import (
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

func TestWrongClockOfTheDeviceChangesNoAge(t *testing.T) {
	t.Parallel()
	for _, wrong := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
		k := newKitchen(t)
		k.add(order{Number: 1, CreatedAt: k.now().Add(-2 * time.Minute)})
		k.add(order{Number: 2, CreatedAt: k.now().Add(-11 * time.Minute)})
		p := openLive(t, k, Clock(wrong))
		p.Wait(Ticket(1))
		if age := p.Read(Ticket(1) + `.querySelector("time")`); !strings.HasPrefix(age, "2:") {
			t.Errorf("with a clock that is %v wrong a ticket of 2 minutes shows %s", wrong, age)
		}
		p.Wait(Ticket(2) + `.classList.contains("late") && ` + Ticket(2) + `.innerText.includes("LATE")`)
		p.Wait(`!` + Ticket(1) + `.classList.contains("slow")`)
	}
}

func TestMidnightAndSummerTimeDoNotBreakAges(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]string{
		"midnight": "2026-11-22T22:59:58Z", "winter": "2026-10-25T00:59:58Z", "summer": "2026-03-29T00:59:58Z",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := map[string]string{"midnight": "23:59", "winter": "02:59", "summer": "01:59"}[name]
			after := map[string]string{"midnight": "00:00", "winter": "02:00", "summer": "03:00"}[name]
			when, err := time.Parse(time.RFC3339, at)
			if err != nil {
				t.Fatal(err)
			}
			k := newKitchen(t)
			k.add(order{Number: 1, CreatedAt: when.Add(-4*time.Minute - 58*time.Second)})
			p := openLive(t, k)
			k.do(func() { // now that everything is there: 4 s before
				k.ahead = time.Until(when) - 4*time.Second
				k.send(k.heartbeat())
			})
			p.Wait(`document.querySelector(".clock").innerText === "` + before + `"`)
			p.Wait(`document.querySelector(".clock").innerText === "` + after + `"`)
			p.Wait(Ticket(1) + `.innerText.includes("SLOW")`)
			if age := p.Read(Ticket(1) + `.querySelector("time")`); !strings.HasPrefix(age, "5:") {
				t.Errorf("a ticket of 5 minutes shows %s", age)
			}
		})
	}
}

func TestHiddenTabIsRightWhenShownAgain(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 1})
	p := openLive(t, k)
	p.Wait(Ticket(1))
	p.Hide()
	p.Wait(`document.visibilityState === "hidden"`)
	k.set(o, "cancelled")
	k.add(order{Number: 2})
	p.Wait(`chimes.includes("new")`) // it sounds, though nobody sees the page
	p.Show()
	p.Wait(`document.visibilityState === "visible"`)
	p.Wait(Ticket(2) + ` && ` + Ticket(1) + `.innerText.includes("CANCELLED")`)
	p.Wait(Status + ` === "Live"`)
	// Cut off while hidden, with long timers: showing it again brings it back at once.
	p.Hide()
	k.wire.set(refuse)
	k.wire.cut()
	p.Wait(Status + ` !== "Live" || document.title.startsWith("⚠")`)
	k.add(order{Number: 3})
	k.wire.set(normal)
	p.Show()
	p.Wait(Ticket(3))
}
