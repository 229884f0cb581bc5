package board_test

import (
	"testing"

	. "kitchen/ws/board/boardtest"
)

func TestKeyboardAloneDoesEverything(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	orders := rush(k, 13)
	p := openLive(t, k)
	p.Wait(Ticket(110))
	p.Press("7")
	p.Wait(Ticket(107) + `.ariaCurrent === "true"`)
	p.Press("s")
	k.until(t, "started", func() bool { return orders[6].Status == "preparing" })
	p.Press("ArrowLeft")
	p.Wait(Ticket(106) + `.ariaCurrent === "true"`)
	p.Press("ArrowUp")
	p.Wait(Ticket(101) + `.ariaCurrent === "true"`)
	p.Press("ArrowDown")
	p.Press("ArrowRight")
	p.Wait(Ticket(107) + `.ariaCurrent === "true"`)
	p.Press("Space")
	k.until(t, "ready", func() bool { return orders[6].Status == "ready" })
	p.Press("b")
	k.until(t, "one step back", func() bool { return orders[6].Status == "preparing" })
	p.Press("PageDown")
	p.Wait(Ticket(111))
	p.Press("1")
	p.Wait(Ticket(111) + `.ariaCurrent === "true"`)
	p.Press("Home")
	p.Wait(Ticket(101))
	p.Press("End")
	p.Wait(Ticket(113))
	p.Press("PageUp")
	p.Wait(Ticket(101))
	p.Press("a")
	p.Wait(`document.querySelector("aside.allday")?.innerText.includes("Margherita")`)
	p.Press("a")
	p.Wait(`!document.querySelector("aside.allday")`)
	p.Press("r")
	p.Wait(`document.querySelector("dialog[open]")`)
	p.Press("Escape")
	p.Wait(`!document.querySelector("dialog[open]")`)
	p.Press("?")
	p.Wait(`document.querySelector("dialog[open] .keys")`)
	p.Press("?")
	p.Wait(`!document.querySelector("dialog[open]")`)
	p.Press("o")
	p.Wait(`document.activeElement.textContent.trim() === "English"`)
	p.Press("ArrowDown")
	p.Press("Enter")
	p.Wait(`document.documentElement.dir === "rtl"`)
	p.Press("ArrowUp")
	p.Press("Enter")
	p.Wait(`document.documentElement.dir === "ltr"`)
	p.Press("Escape")
	p.Wait(`!document.querySelector("dialog[open]")`)
	p.Press("m")
	p.Press("0")
	p.Wait(Ticket(110) + `.ariaCurrent === "true"`)
	p.Press("Escape")
	p.Wait(`!document.querySelector("[aria-current]")`)
	for range 4 { // past the end of the page, and around
		p.Press("Tab")
	}
	p.Wait(`document.activeElement instanceof HTMLButtonElement`)
}

// A browser says later than it does that it closed a dialog, and what is drawn in between opens it no more.
func TestClosedDialogStaysClosed(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 5})
	p := openLive(t, k)
	p.Wait(Ticket(5))
	dialog := `document.querySelector("dialog[open]")`
	for range 2 {
		p.Press("o")
		p.Wait(dialog)
		if open := Eval[bool](p, dialog+`.close(), dispatchEvent(new Event("beforeprint")), `+dialog+` !== null`); open { // which draws at once
			t.Error("what was drawn opened the dialog again")
		}
	}
}

func TestBumpBarKeysCanBeChangedOnTheScreen(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 5})
	p := openLive(t, k)
	p.Wait(Ticket(5))
	p.Press("o")
	button := `document.querySelector("dialog[open] [data-act=listen][data-name=bump]")`
	p.Wait(button)
	Eval[any](p, button+`.scrollIntoView()`)
	p.Tap(button)
	p.Wait(button + `.innerText.includes("press a key")`)
	p.Press("q")
	p.Wait(button + `.innerText.trim() === "Q"`)
	p.Press("Escape")
	p.Wait(`!document.querySelector("dialog[open]")`)
	p.Press("1")
	p.Wait(Ticket(5) + `.ariaCurrent === "true"`)
	p.Press("q")
	k.until(t, "started", func() bool { return o.Status == "preparing" })
	p.Reload()
	p.Wait(Status + ` === "Live"`)
	p.Wait(Step(5) + ` === "READY"`)
	p.Press("1")
	p.Wait(Ticket(5) + `.ariaCurrent === "true"`)
	p.Press("q")
	k.until(t, "ready", func() bool { return o.Status == "ready" })
}
