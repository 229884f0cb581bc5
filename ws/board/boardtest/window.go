package boardtest

import (
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// Hide puts the page into a tab that nobody sees; its window is minimized.
func (p *Page) Hide() {
	p.t.Helper()
	p.window(browser.WindowStateMinimized)
}

// Show brings a hidden page back.
func (p *Page) Show() {
	p.t.Helper()
	p.window(browser.WindowStateNormal)
}

func (p *Page) window(state browser.WindowState) {
	p.t.Helper()
	win, err := chromedp.Call(p.ctx, browser.GetWindowForTarget, browser.GetWindowForTargetParams{})
	if err != nil {
		p.t.Fatalf("find the window: %v", err)
	}
	_, err = chromedp.Call(p.ctx, browser.SetWindowBounds, browser.SetWindowBoundsParams{
		WindowID: win.WindowID, Bounds: &browser.Bounds{WindowState: state},
	})
	if err != nil {
		p.t.Fatalf("make the window %s: %v", state, err)
	}
}
