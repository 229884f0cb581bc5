package boardtest

import (
	"fmt"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// At returns the middle of an element, once it is there.
func (p *Page) At(element string) (x, y float64) {
	p.t.Helper()
	p.Wait(element)
	at := Eval[[]float64](p, fmt.Sprintf(`{ const r = (%s).getBoundingClientRect(); [r.x + r.width / 2, r.y + r.height / 2] }`, element))
	return at[0], at[1]
}

// Tap touches the middle of an element with a finger.
func (p *Page) Tap(element string) {
	p.t.Helper()
	p.TapAt(p.At(element))
}

// Touch is [Page.Tap] of an element that has stood still, as a hand does: a board takes a touch of a ticket that has just moved for
// one of what was there before. It moves tickets only 0.7 s after the last touch or key, so that is waited for, too.
func (p *Page) Touch(element string) {
	p.t.Helper()
	const calm = 1100 * time.Millisecond
	still := max(400*time.Millisecond, calm-time.Since(p.acted))
	Eval[any](p, `delete globalThis.stood`)
	p.Wait(fmt.Sprintf(`(() => {
		const e = %s, r = e?.getBoundingClientRect(), at = r ? [r.x, r.y, r.width, r.height].join() : "";
		if (!at || globalThis.stood?.at !== at) globalThis.stood = { at, since: performance.now() };
		return at && performance.now() - stood.since > %d;
	})()`, element, still.Milliseconds()))
	p.Tap(element)
}

// TapAt touches a point with a finger.
func (p *Page) TapAt(x, y float64) {
	p.t.Helper()
	p.Finger(input.DispatchTouchEventTypeTouchStart, x, y)
	p.Finger(input.DispatchTouchEventTypeTouchEnd, x, y)
}

// Finger does one part of a touch.
func (p *Page) Finger(part input.DispatchTouchEventType, x, y float64) {
	p.t.Helper()
	defer func() { p.acted = time.Now() }()
	points := []*input.TouchPoint{{X: x, Y: y}}
	if part == input.DispatchTouchEventTypeTouchEnd {
		points = []*input.TouchPoint{}
	}
	if _, err := chromedp.Call(p.ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: part, TouchPoints: points}); err != nil {
		p.t.Fatalf("touch: %v", err)
	}
}

// Click clicks the middle of an element with a mouse.
func (p *Page) Click(element string) {
	p.t.Helper()
	defer func() { p.acted = time.Now() }()
	x, y := p.At(element)
	p.do("click", chromedp.MouseClickXY(x, y))
}

// Press presses a key: a character, or a name like Enter, Backspace, ArrowLeft, PageDown, Escape, Tab.
func (p *Page) Press(key string) {
	p.t.Helper()
	defer func() { p.acted = time.Now() }()
	named := map[string]string{
		"Enter": kb.Enter, "Backspace": kb.Backspace, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
		"ArrowUp": kb.ArrowUp, "ArrowDown": kb.ArrowDown, "PageDown": kb.PageDown, "PageUp": kb.PageUp, "Home": kb.Home,
		"End": kb.End, "Escape": kb.Escape, "Tab": kb.Tab, "Space": " ",
	}
	if k, ok := named[key]; ok {
		key = k
	}
	p.do("press", chromedp.KeyEvent(key))
}

// Type writes text where the focus is.
func (p *Page) Type(text string) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		p.t.Fatalf("type: %v", err)
	}
}
