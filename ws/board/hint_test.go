package board_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

// notices is an expression for the text of the board's short notices.
const notices = `document.querySelector("#notices").innerText`

// notice is how long the board says it.
const notice = 6 * time.Second

func TestNothingThatIsPressedStaysWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.beat = 50 * time.Millisecond
	k.add(order{Number: 5, Status: "preparing"})
	gone := k.add(order{Number: 6})
	p := openLive(t, k, Script(laterClock))
	p.Wait(Ticket(6))
	for _, key := range []string{"Enter", "s", "b"} {
		p.Press(key)
		p.Wait(notices + `.includes("No ticket is selected")`)
		later(p, notice)
		p.Wait(`!` + notices + `.includes("No ticket is selected")`)
	}
	p.Tap(`document.querySelector("[data-act=undo]")`)
	p.Wait(notices + `.includes("Nothing to undo")`)

	k.set(gone, "cancelled")
	p.Wait(Step(6) + ` === "CLEAR"`)
	k.setLive(false)
	p.Wait(Ticket(5) + `.querySelector("button").disabled`)
	for _, button := range []string{`.querySelector("button.bump")`, `.querySelector("button.back")`} {
		p.Hold(0, `!`+notices+`.includes("Not while NOT LIVE")`)
		p.Tap(Ticket(5) + button)
		p.Wait(notices + `.includes("Not while NOT LIVE: it would reach no other screen")`)
		later(p, notice)
		p.Wait(`!` + notices + `.includes("Not while NOT LIVE")`)
		p.Click(Ticket(5) + button)
		p.Wait(notices + `.includes("Not while NOT LIVE")`)
		later(p, notice)
		p.Wait(`!` + notices + `.includes("Not while NOT LIVE")`)
	}
	p.Wait(`chimes.includes("notlive")`)
	// What was struck out may be cleared, and brought back, without anybody else.
	p.Tap(Ticket(6) + `.querySelector("button")`)
	p.Wait(`!` + Ticket(6))
	p.Tap(`document.querySelector("[data-act=undo]")`)
	p.Wait(Step(6) + ` === "CLEAR"`)
	p.Tap(Ticket(6) + `.querySelector("header")`) // a cook who reads it has not cleared it yet
	later(p, 61*time.Second)
	p.Wait(`!` + Ticket(6))
	p.Press("Backspace")
	p.Wait(Ticket(6) + `?.innerText.includes("CANCELLED")`)
}

func TestKeysThatMuteOrPrintAskFirst(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	p := openLive(t, k, Script(`globalThis.prints = 0; globalThis.print = () => { prints++; }`))
	sound := `document.querySelector("[data-act=mute]").ariaLabel`
	p.Press("p")
	p.Wait(notices + `.includes("Press P again to print")`)
	p.Wait(sound + ` === "Sound on"`) // any key lets the page sound
	p.Press("m")
	p.Wait(notices + `.includes("Press M again to switch the sound off")`)
	p.Press("p") // another key was pressed between
	p.Press("m")
	p.Hold(200*time.Millisecond, `prints === 0 && `+sound+` === "Sound on"`)
	p.Press("m")
	p.Wait(sound + ` === "Sound off"`)
	p.Press("m") // to have sound is harmless
	p.Wait(sound + ` === "Sound on"`)
	p.Press("p")
	p.Press("p")
	p.Wait(`prints === 1`)
}

func TestSelectionMovesOnAfterDoneAndNotUnderASecondPress(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	var orders []*order
	for n := 1; n <= 4; n++ {
		orders = append(orders, k.add(order{Number: n, Status: "ready", CreatedAt: k.now().Add(time.Duration(n-10) * time.Second)}))
	}
	p := openLive(t, k)
	p.Wait(Ticket(4))
	p.Press("2")
	p.Wait(Ticket(2) + `.ariaCurrent === "true"`)
	p.Press("Enter")
	p.Press("Enter") // a hand that trembles means the same ticket
	k.until(t, "done", func() bool { return orders[1].Status == "completed" })
	p.Wait(Ticket(3) + `.ariaCurrent === "true" && document.activeElement === ` + Ticket(3) + `.querySelector("button")`)
	p.Hold(450*time.Millisecond, Ticket(3)+`.ariaCurrent === "true"`)
	p.Press("Enter")
	k.until(t, "done", func() bool { return orders[2].Status == "completed" })
	p.Wait(Ticket(4) + `.ariaCurrent === "true"`)
	k.set(orders[3], "cancelled")
	p.Wait(Ticket(4) + `.classList.contains("gone")`)
	p.Hold(450*time.Millisecond, Ticket(4))
	p.Press("Enter") // clears it away, and the one before is the next
	p.Wait(`!` + Ticket(4) + ` && ` + Ticket(1) + `.ariaCurrent === "true"`)
	if got := k.status(orders[0]); got != "ready" {
		t.Errorf("the first order is %s", got)
	}
}

func TestTicketIsFoundByItsNumber(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	for n := 101; n <= 120; n++ {
		k.add(order{Number: n, CreatedAt: k.now().Add(time.Duration(n-200) * time.Second)})
	}
	p := openLive(t, k)
	p.Wait(Ticket(101))
	p.Press("n")
	p.Wait(`document.querySelector("dialog[open] .keypad")`)
	for _, digit := range "118" {
		p.Press(string(digit))
	}
	p.Wait(`document.querySelectorAll("dialog[open] .found button").length === 1`)
	p.Press("Enter")
	p.Wait(`!document.querySelector("dialog[open]")`)
	p.Wait(Ticket(118) + `?.ariaCurrent === "true"`) // on its page
	if got := k.moves(); got != 0 {
		t.Errorf("finding a ticket moved %d", got)
	}
	p.Tap(`document.querySelector("[data-act=find]")`)
	p.Wait(`document.querySelector("dialog[open] .keypad")`)
	key := func(value string) string {
		return `document.querySelector("dialog[open] [data-value='` + value + `']")`
	}
	place := func() string {
		return Eval[string](p, `JSON.stringify([...document.querySelectorAll("dialog[open] .keypad button")].map((b) => b.getBoundingClientRect()))`)
	}
	before := place()
	p.Tap(key("9"))
	p.Wait(`document.querySelector("dialog[open]").innerText.includes("#9 is not open here")`)
	p.Tap(key("Backspace"))
	p.Tap(key("1"))
	p.Wait(`document.querySelectorAll("dialog[open] .found button").length === 6`)
	if after := place(); after != before {
		t.Errorf("the keys moved under the finger when tickets were found:\n%s\n%s", before, after)
	}
	audit(t, p, "find")
	p.Tap(`document.querySelector("dialog[open] .found button")`)
	p.Wait(Ticket(101) + `?.ariaCurrent === "true"`)
}

// A browser sends what a mouse would do after the touch, when the dialog may have gone.
func TestTouchThatClosesADialogSelectsNothingUnderIt(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	for n := 101; n <= 110; n++ {
		k.add(order{Number: n, CreatedAt: k.now().Add(time.Duration(n-200) * time.Second)})
	}
	p := openLive(t, k, Script(`globalThis.requestAnimationFrame = (draw) => (draw(performance.now()), 0); // at once
		globalThis.mice = 0; addEventListener("mouseup", () => mice++);`))
	p.Wait(Ticket(110))
	p.Press("n")
	p.Wait(`document.querySelector("dialog[open] .keypad")`)
	p.Press("1")
	button := `document.querySelector("dialog[open] .found button")`
	p.Wait(button)
	x, y := p.At(button)
	under := Eval[string](p, fmt.Sprintf(`[...document.querySelectorAll("article")].find((a) => {
		const r = a.getBoundingClientRect();
		return r.left < %[1]g && %[1]g < r.right && r.top < %[2]g && %[2]g < r.bottom;
	})?.ariaLabel ?? ""`, x, y))
	if under == "" || strings.HasPrefix(under, "#101,") {
		t.Fatalf("under the button is %q", under)
	}
	p.TapAt(x, y)
	p.Wait(`!document.querySelector("dialog[open]") && mice > 0`)
	if got := Eval[string](p, `document.querySelector("[aria-current=true]")?.ariaLabel ?? "nothing"`); !strings.HasPrefix(got, "#101,") {
		t.Errorf("%s is selected", got)
	}
}

func TestWhatIsOnAnotherPageIsHeard(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	for n := 1; n <= 10; n++ {
		k.add(order{Number: n})
	}
	p := openLive(t, k)
	p.Wait(Ticket(10) + ` && !document.querySelector(".pager")`)
	k.add(order{Number: 11})
	p.Wait(`chimes.join() === "new,elsewhere"`)
	p.Press("PageDown")
	p.Wait(Ticket(11))
	k.add(order{Number: 12})
	p.Wait(Ticket(12))
	p.Wait(`chimes.join() === "new,elsewhere,new"`)
	p.Press("o")
	p.Wait(Button(`document.querySelector("dialog[open]")`, "Ring until touched"))
	p.Tap(Button(`document.querySelector("dialog[open]")`, "Ring until touched"))
	p.Wait(`JSON.parse(localStorage.getItem("kitchen:settings")).insist === true`)
}

// A page that is hidden between the planning of a frame and the frame gets none, until somebody looks at it.
func TestPageWithoutFramesStillSoundsAndDraws(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	p := openLive(t, k, Script(`globalThis.requestAnimationFrame = () => 0;`))
	k.add(order{Number: 5})
	p.Wait(`chimes.join() === "new"`)
	p.Wait(Ticket(5))
}
