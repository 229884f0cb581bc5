package board_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	. "kitchen/ws/board/boardtest"
)

// presses are the ways to press a button of the page, an expression.
var presses = map[string]func(p *Page, button string){
	"finger": func(p *Page, button string) { p.Tap(button) },
	"mouse":  func(p *Page, button string) { p.Click(button) },
	"script": func(p *Page, button string) { Eval[any](p, button+`.click(), 0`) },
}

func TestNextStepMayBePressedAsSoonAsTheButtonNamesIt(t *testing.T) {
	t.Parallel()
	for way, press := range presses {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			k := newKitchen(t)
			o := k.add(order{Number: 5})
			p := openLive(t, k)
			for _, step := range []string{"START", "READY", "DONE"} {
				button := Button(Ticket(5)+`?`, step)
				p.Wait(button)
				press(p, button)
			}
			k.until(t, "completed", func() bool { return o.Status == "completed" })
		})
	}
	t.Run("without a moment between name and press", func(t *testing.T) {
		t.Parallel()
		k := newKitchen(t)
		o := k.add(order{Number: 5})
		p := openLive(t, k)
		p.Wait(Ticket(5))
		Eval[any](p, `(() => {
			const steps = ["START", "READY", "DONE"];
			const look = () => {
				const button = document.querySelector("article button");
				if (!button || button.textContent.trim() !== steps[0]) return;
				steps.shift();
				button.click();
			};
			new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
			look();
			return 0;
		})()`)
		k.until(t, "completed", func() bool { return o.Status == "completed" })
	})
}

// moves counts what the kitchen was asked to change.
func (k *kitchen) moves() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := 0
	for _, m := range k.asked {
		if m["type"] == "update_status" {
			n++
		}
	}
	return n
}

func TestSecondPressSoSoonMeansTheSameStep(t *testing.T) {
	t.Parallel()
	button := Ticket(5) + `.querySelector("button")`
	twice := map[string]func(t *testing.T, p *Page){
		"double click": func(t *testing.T, p *Page) {
			x, y := p.At(button)
			if err := chromedp.Do(p.Context(), chromedp.MouseClickXY(x, y), chromedp.MouseClickXY(x, y, chromedp.ClickCount(2))); err != nil {
				t.Fatal(err)
			}
		},
		"double tap": func(_ *testing.T, p *Page) {
			x, y := p.At(button)
			p.TapAt(x, y)
			p.TapAt(x, y)
		},
	}
	for _, ms := range []int{0, 30, 120, 240} {
		// In one breath of the page: on a busy machine, two presses of a driver's may be further apart than a bounce is.
		twice[fmt.Sprintf("two clicks within %d ms", ms)] = func(_ *testing.T, p *Page) {
			Eval[any](p, fmt.Sprintf(`new Promise((done) => {
				const start = performance.now();
				%s.click();
				const again = () => {
					if (performance.now() - start > 290) return done(0); // the machine was away: this proves nothing
					%s.click();
					done(0);
				};
				%d ? setTimeout(again, %d) : again();
			})`, button, button, ms, ms))
		}
	}
	for name, press := range twice {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 10 {
				k := newKitchen(t)
				o := k.add(order{Number: 5})
				p := openLive(t, k)
				p.Wait(Ticket(5))
				Eval[any](p, `(window.pointed = { up: [], down: [] },
					addEventListener("pointerup", () => pointed.up.push(performance.now()), true),
					addEventListener("pointerdown", () => pointed.down.push(performance.now()), true), 0)`)
				press(t, p)
				if Eval[float64](p, `(pointed.down[1] ?? 0) - (pointed.up[0] ?? 0)`) > 290 {
					continue // the machine was away between the two: this proves nothing
				}
				p.Wait(Step(5) + ` === "READY"`)
				p.Hold(400*time.Millisecond, Step(5)+` === "READY"`)
				if got, moves := k.status(o), k.moves(); got != "preparing" || moves != 1 {
					t.Errorf("the order is %s after %d moves, want preparing after one", got, moves)
				}
				return
			}
			t.Fatal("this machine cannot press twice within 290 ms")
		})
	}
}

func TestGreasyFingerBumpsOnce(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 5})
	p := openLive(t, k)
	p.Wait(Ticket(5))
	x, y := p.At(Ticket(5) + `.querySelector("button")`)
	// Both taps in one breath of the page: on a busy machine, two of a driver's may be further apart than a bounce is.
	Eval[any](p, fmt.Sprintf(`(() => {
		const at = { bubbles: true, pointerId: 9, button: 0, clientX: %f, clientY: %f };
		for (const kind of ["pointerdown", "pointerup", "pointerdown", "pointerup"]) {
			document.elementFromPoint(at.clientX, at.clientY).dispatchEvent(new PointerEvent(kind, at));
		}
		return 0;
	})()`, x, y))
	p.Wait(Step(5) + ` === "READY"`)
	p.Hold(400*time.Millisecond, Step(5)+` === "READY"`)
	// A finger that comes down here and leaves elsewhere meant nothing; one that trembles inside the target did.
	p.Finger(input.DispatchTouchEventTypeTouchStart, x, y)
	p.Finger(input.DispatchTouchEventTypeTouchMove, x, y-200)
	p.Finger(input.DispatchTouchEventTypeTouchEnd, x, y-200)
	p.Hold(300*time.Millisecond, Step(5)+` === "READY"`)
	p.Finger(input.DispatchTouchEventTypeTouchStart, x, y)
	p.Finger(input.DispatchTouchEventTypeTouchMove, x+40, y+8)
	p.Finger(input.DispatchTouchEventTypeTouchEnd, x+40, y+8)
	p.Wait(Step(5) + ` === "DONE"`)
	if got := k.status(o); got != "ready" {
		t.Errorf("the order is %s, want ready", got)
	}
}

func TestFingerStillOnItsWayDoesNotHitWhatTookThePlace(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 5})
	p := openLive(t, k)
	p.Wait(Ticket(5))
	// A touch on a button, and at once another one on whatever has replaced it at the same spot.
	Eval[any](p, `(() => {
		const button = document.querySelector("article button"), r = button.getBoundingClientRect();
		const at = { bubbles: true, pointerId: 9, button: 0, pointerType: "touch", clientX: r.x + r.width / 2, clientY: r.y + r.height / 2 };
		for (const kind of ["pointerdown", "pointerup"]) button.dispatchEvent(new PointerEvent(kind, at));
		const other = document.querySelector("[data-act=settings]");
		for (const kind of ["pointerdown", "pointerup"]) other.dispatchEvent(new PointerEvent(kind, at));
		return 0;
	})()`)
	p.Wait(Step(5) + ` === "READY"`)
	p.Hold(200*time.Millisecond, `!document.querySelector("dialog[open]")`)
}

func TestEachPressOfAKeyIsAStepAndItsRepetitionsAreNone(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	one, two := k.add(order{Number: 1}), k.add(order{Number: 2})
	p := openLive(t, k)
	p.Wait(Ticket(2))
	p.Press("1")
	p.Press("Enter")
	p.Press("Enter")
	k.until(t, "ready", func() bool { return one.Status == "ready" })
	p.Press("2")
	held := func(kind input.DispatchKeyEventType, repeat bool) {
		_, err := chromedp.Call(p.Context(), input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, AutoRepeat: &repeat,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	held(input.DispatchKeyEventTypeRawKeyDown, false)
	for range 10 {
		held(input.DispatchKeyEventTypeRawKeyDown, true)
	}
	held(input.DispatchKeyEventTypeKeyUp, false)
	p.Wait(Step(2) + ` === "READY"`)
	p.Hold(300*time.Millisecond, Step(2)+` === "READY"`)
	if got := k.status(two); got != "preparing" {
		t.Errorf("a key that was held down made the order %s", got)
	}
}

func TestStepPressedBeforeTheAnswerToTheOneBeforeFollowsIt(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 5})
	p := openLive(t, k)
	p.Wait(Ticket(5))
	k.do(func() { // meanwhile it answers nobody
		p.Press("1")
		p.Press("Enter")
		p.Press("Enter")
		p.Wait(Step(5) + ` === "DONE"`)
	})
	k.until(t, "ready", func() bool { return o.Status == "ready" })
	p.Wait(Step(5) + ` === "DONE"`)
	p.Press("Backspace")
	k.until(t, "preparing", func() bool { return o.Status == "preparing" })
}

func TestStepAfterARefusedOneIsNotTaken(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 5})
	p := openLive(t, k)
	p.Wait(Ticket(5))
	k.do(func() {
		k.deny[o.ID] = "unavailable"
		p.Press("1")
		p.Press("Enter")
		p.Press("Enter")
		p.Wait(Step(5) + ` === "DONE"`)
	})
	p.Wait(Step(5) + ` === "START"`)
	p.Wait(`document.querySelector("#notices").innerText.includes("#5: it did not work")`)
	if got, moves := k.status(o), k.moves(); got != "pending" || moves != 1 {
		t.Errorf("the order is %s after %d moves, want pending after one", got, moves)
	}
	p.Press("Backspace")
	p.Wait(`document.querySelector("#notices").innerText.includes("Nothing to undo")`)
}
