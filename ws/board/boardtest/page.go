package boardtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Patience is how long [Page.Wait] waits.
const Patience = 15 * time.Second

// Page is a tab. All its methods fail the test where the browser does not do what was asked.
type Page struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string // exceptions, refused resources, violations of the policy
}

// Option changes a page before it is opened.
type Option func(*setup)

type setup struct {
	width, height int64
	scripts       []string
	shared        bool
	broken        bool
}

// Size sets the viewport; the default is 1920x1080.
func Size(width, height int64) Option { return func(s *setup) { s.width, s.height = width, height } }

// Script runs before the page's own scripts.
func Script(js string) Option { return func(s *setup) { s.scripts = append(s.scripts, js) } }

// SameProfile opens the page as another tab of the browser's own profile; without it each page is a device of its own.
func SameProfile() Option { return func(s *setup) { s.shared = true } }

// Broken opens a page that is expected to have problems.
func Broken() Option { return func(s *setup) { s.broken = true } }

// Clock makes the device's clock wrong by d.
func Clock(d time.Duration) Option {
	return Script(fmt.Sprintf(`{ const now = Date.now, wrong = %d, D = Date;
		globalThis.Date = class extends D { constructor(...a) { a.length ? super(...a) : super(now() + wrong); } };
		globalThis.Date.now = () => now() + wrong; }`, d.Milliseconds()))
}

// Open opens a page of an address. At the end of the test it fails where the page had an exception or broke its policy.
func (b *Browser) Open(t testing.TB, url string, options ...Option) *Page {
	t.Helper()
	s := setup{width: 1920, height: 1080}
	for _, o := range options {
		o(&s)
	}
	var opts []chromedp.ContextOption
	if !s.shared {
		opts = append(opts, chromedp.WithNewBrowserContext())
	}
	ctx, cancel := chromedp.NewContext(b.ctx, opts...)
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx}
	// The first step makes the tab, which would end with that step's own context.
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	p.do("set the viewport", chromedp.EmulateViewport(s.width, s.height))
	if err := chromedp.Listen(ctx, p.heard); err != nil {
		t.Fatalf("listen to the page: %v", err)
	}
	s.scripts = append(s.scripts, `globalThis.chimes = [];
		document.addEventListener("kitchen-chime", (e) => chimes.push(e.detail));`)
	for _, js := range s.scripts {
		if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: js}); err != nil {
			t.Fatalf("add a script: %v", err)
		}
	}
	t.Cleanup(func() {
		for _, problem := range p.Problems() {
			if s.broken {
				break
			}
			t.Errorf("the page had a problem: %s", problem)
		}
	})
	p.do("open "+strings.SplitN(url, "#", 2)[0], chromedp.Navigate(url))
	return p
}

func (p *Page) heard(ev any) {
	problem := ""
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		raw, _ := json.Marshal(ev.ExceptionDetails)
		problem = string(raw)
	case *log.EventEntryAdded:
		// A server that is away is part of many tests; anything else that a browser complains about is not.
		if ev.Entry.Level == log.EntryLevelError && ev.Entry.Source != log.EntrySourceNetwork &&
			!strings.Contains(ev.Entry.Text, "WebSocket") {
			problem = ev.Entry.Text
		}
	}
	if problem != "" {
		p.mu.Lock()
		if !slices.Contains(p.problems, problem) {
			p.problems = append(p.problems, problem)
		}
		p.mu.Unlock()
	}
}

// Problems returns exceptions and violations of the policy up to now.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.problems...)
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// Eval evaluates an expression, waiting for it where it is a promise.
func Eval[T any](p *Page, js string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 60*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("evaluate %.200s: %v", js, err)
	}
	return v
}

// Wait waits until an expression is true, across navigations.
func (p *Page) Wait(js string) {
	p.t.Helper()
	look := fmt.Sprintf(`new Promise((resolve) => {
		const end = performance.now() + 1000;
		const look = () => {
			let ok = false;
			try { ok = Boolean(%s); } catch {}
			if (ok || performance.now() > end) resolve(ok); else setTimeout(look, 10);
		};
		look();
	})`, js)
	for end := time.Now().Add(Patience); time.Now().Before(end); {
		ctx, cancel := context.WithTimeout(p.ctx, Patience)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](look, chromedp.EvalAwaitPromise))
		cancel()
		if ok {
			return
		}
		if err != nil && !strings.Contains(err.Error(), "navigated") && !strings.Contains(err.Error(), "context") {
			p.t.Fatalf("wait for %s: %v", js, err)
		}
	}
	p.t.Fatalf("waited %v in vain for %s; the page reads:\n%s", Patience, js, Eval[string](p, `document.body.innerText`))
}

// Hold requires an expression to stay true for d, looking in every frame.
func (p *Page) Hold(d time.Duration, js string) {
	p.t.Helper()
	ok := Eval[bool](p, fmt.Sprintf(`new Promise((resolve) => {
		const end = performance.now() + %d;
		const look = () => {
			if (!(%s)) resolve(false);
			else if (performance.now() > end) resolve(true);
			else requestAnimationFrame(look);
		};
		look();
	})`, d.Milliseconds(), js))
	if !ok {
		p.t.Fatalf("did not stay true for %v: %s; the page reads:\n%s", d, js, Eval[string](p, `document.body.innerText`))
	}
}

// Ticket is an expression for the article of an order, undefined where there is none. Its name begins with #number.
func Ticket(number int) string {
	return fmt.Sprintf(`[...document.querySelectorAll("article")].find((a) => /^#%d\b/.test(a.ariaLabel))`, number)
}

// Step is an expression for the text of a ticket's primary button.
func Step(number int) string { return Ticket(number) + `?.querySelector("button")?.textContent.trim()` }

// Status is an expression for the text of the element of role status.
const Status = `document.querySelector("[role=status]")?.innerText.replace(/\s+/g, " ").trim()`

// Button is an expression for the button of an accessible name, inside an element.
func Button(in, name string) string {
	return fmt.Sprintf(`[...%s.querySelectorAll("button")].find((b) => (b.ariaLabel || b.textContent.trim()) === %q)`, in, name)
}

// Read returns the text of an element as it is shown.
func (p *Page) Read(element string) string {
	p.t.Helper()
	return Eval[string](p, fmt.Sprintf(`(%s)?.innerText ?? ""`, element))
}

// At returns the middle of an element.
func (p *Page) At(element string) (x, y float64) {
	p.t.Helper()
	at := Eval[[]float64](p, fmt.Sprintf(`{ const r = (%s).getBoundingClientRect(); [r.x + r.width / 2, r.y + r.height / 2] }`, element))
	return at[0], at[1]
}

// Tap touches the middle of an element with a finger.
func (p *Page) Tap(element string) {
	p.t.Helper()
	p.TapAt(p.At(element))
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
	x, y := p.At(element)
	p.do("click", chromedp.MouseClickXY(x, y))
}

// Press presses a key: a character, or a name like Enter, Backspace, ArrowLeft, PageDown, Escape, Tab.
func (p *Page) Press(key string) {
	p.t.Helper()
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

// Roles returns the accessible names of all elements of a role, as Chromium tells them to a screen reader.
func (p *Page) Roles(role string) []string {
	p.t.Helper()
	doc, err := chromedp.Call(p.ctx, dom.GetDocument, dom.GetDocumentParams{})
	if err != nil {
		p.t.Fatalf("read the document: %v", err)
	}
	tree, err := chromedp.Call(p.ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{NodeID: doc.Root.NodeID, Role: role})
	if err != nil {
		p.t.Fatalf("query the accessibility tree: %v", err)
	}
	var names []string
	for _, n := range tree.Nodes {
		if n.Ignored || n.Name == nil {
			continue
		}
		var name string
		_ = json.Unmarshal([]byte(n.Name.Value), &name)
		names = append(names, name)
	}
	return names
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.do("reload", chromedp.Reload())
}

// Resize changes the viewport.
func (p *Page) Resize(width, height int64) {
	p.t.Helper()
	p.do("resize", chromedp.EmulateViewport(width, height))
}

// Screenshot writes what is on the screen to a PNG file.
func (p *Page) Screenshot(file string) {
	p.t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatalf("screenshot: %v", err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// Context is for commands of the browser that this package has no word for.
func (p *Page) Context() context.Context { return p.ctx }

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
