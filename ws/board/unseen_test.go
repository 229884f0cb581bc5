package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

// saw notes what a display has seen. The caller holds k.mu.
func (k *kitchen) saw(m map[string]any) {
	orders, _ := m["orders"].([]any)
	for _, one := range orders {
		o, _ := one.(map[string]any)
		id, _ := o["order_id"].(string)
		k.seen[id] = append(k.seen[id], fmt.Sprintf("%v %v", m["how"], o["version"]))
	}
}

// seenOf is what displays have said of an order, once it is what is wanted, or what it is in the end.
func (k *kitchen) seenOf(o *order, want ...string) (seen []string) {
	k.await(func() bool {
		seen = slices.Clone(k.seen[o.ID])
		return slices.Equal(seen, want)
	})
	return seen
}

// hidable lets a test hide a page, as another tab or a sleeping screen does.
func hidable() Option {
	return Script(`globalThis.hidden = false;
		Object.defineProperty(document, "visibilityState", { get: () => (globalThis.hidden ? "hidden" : "visible") });
		globalThis.hide = (hidden) => { globalThis.hidden = hidden; document.dispatchEvent(new Event("visibilitychange")); };`)
}

func TestBoardSaysWhatItHasReallyShown(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	orders := make([]*order, 0, 40)
	for i := range 40 {
		orders = append(orders, k.add(order{Number: i + 1, CreatedAt: k.now().Add(time.Duration(i-60) * time.Second)}))
	}
	p := openLive(t, k, hidable(), Size(1366, 768))
	check := func(what string, o *order, want ...string) {
		t.Helper()
		if got := k.seenOf(o, want...); !slices.Equal(got, want) {
			t.Errorf("%s: seen %q, want %q", what, got, want)
		}
	}
	p.Wait(Ticket(1))
	check("on the first page", orders[0], "painted 1")
	last := orders[39]
	p.Hold(0, `document.querySelector('[data-id="`+last.ID+`"]') === null`)
	check("on another page", last)

	// What comes or changes while the page is hidden is seen when it is shown.
	Eval[any](p, `hide(true)`)
	k.change(orders[0], func(o *order) { o.Notes = "no salt" })
	p.Wait(Ticket(1) + `.innerText.includes("no salt")`)
	p.Hold(500*time.Millisecond, `true`)
	check("changed, and hidden", orders[0], "painted 1")
	Eval[any](p, `hide(false)`)
	check("shown again", orders[0], "painted 1", "painted 2")

	p.Tap(Ticket(1) + `.querySelector("header")`)
	check("touched", orders[0], "painted 1", "painted 2", "touched 2")
	p.Press("PageDown")
	p.Press("PageDown")
	p.Press("End")
	p.Wait(`document.querySelector('[data-id="` + last.ID + `"]') !== null`)
	check("on the page that was turned to", last, "painted 1")

	// A page reports on a new connection everything that it shows: the node before may have crashed with the reports.
	k.wire.cut()
	check("after a reconnect", last, "painted 1", "painted 1")
}

func TestBoardSaysWhatNobodyHasSeen(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string][]string{
		"en": {"#57 and 2 more were on no screen for 40 s", "#58: not touched by anybody for 95 s"},
		"ar": {"#57 و2 غيره لم يظهر على أي شاشة لمدة 40 ث", "#58: لم يلمسه أحد لمدة 95 ث"},
	} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			k := newKitchen(t)
			o := k.add(order{Number: 57})
			p := chromium.Start(t).Open(t, k.address(), wearing(`{"theme":"dark","lang":"`+lang+`"}`))
			p.Wait(Ticket(57))
			say := func(kind, reason string, number, orders, age int) {
				k.mu.Lock()
				defer k.mu.Unlock()
				k.send(map[string]any{"type": kind, "restaurant_id": restaurant, "reason": reason, "count": orders,
					"oldest_order_id": o.ID, "oldest_order_number": number, "age_s": age})
			}
			says := func(text string) string {
				return `document.querySelector("#notices").innerText.includes(` + fmt.Sprintf("%q", text) + `)`
			}
			say("alarm", "no_display", 57, 3, 40)
			p.Wait(says(want[0]))
			p.Wait(`chimes.filter((c) => c === "unseen").length === 1`)
			say("alarm", "not_touched", 58, 1, 95)
			p.Wait(says(want[1]))
			p.Wait(`chimes.filter((c) => c === "unseen").length === 2`)
			audit(t, p, "alarms in "+lang)
			say("alarm_over", "no_display", 57, 3, 44)
			p.Hold(300*time.Millisecond, says(want[0])) // long enough to be read
			if got := Eval[string](p, `document.querySelector("#said").textContent`); !strings.Contains(got, want[1]) {
				t.Errorf("a screen reader reads %q", got)
			}
		})
	}
}
