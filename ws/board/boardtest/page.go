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

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// WaitLimit is how long [Page.Wait] waits, unless the browser's pages are slower: then as many times longer.
const WaitLimit = 15 * time.Second

// Page is a tab. All its methods fail the test where the browser does not do what was asked.
type Page struct {
	t     testing.TB
	ctx   context.Context
	limit time.Duration // how long to wait
	acted time.Time     // the last touch, click or key

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
	moves         bool
}

// Size sets the viewport; the default is 1920x1080.
func Size(width, height int64) Option { return func(s *setup) { s.width, s.height = width, height } }

// Script runs before the page's own scripts.
func Script(js string) Option { return func(s *setup) { s.scripts = append(s.scripts, js) } }

// SameProfile opens the page as another tab of the browser's own profile; without it each page is a device of its own.
func SameProfile() Option { return func(s *setup) { s.shared = true } }

// Broken opens a page that is expected to have problems.
func Broken() Option { return func(s *setup) { s.broken = true } }

// Moving opens a page with its animations. Without it the device asks for none: a frame 60 times a second is half of what a page costs.
func Moving() Option { return func(s *setup) { s.moves = true } }

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
	p := &Page{t: t, ctx: ctx, limit: time.Duration(float64(WaitLimit) * max(b.slow, 1))}
	// The first step makes the tab, which would end with that step's own context.
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	p.do("set the viewport", chromedp.EmulateViewport(s.width, s.height))
	if !s.moves {
		still := []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: still}); err != nil {
			t.Fatalf("stop animations: %v", err)
		}
	}
	if b.slow > 1 {
		if _, err := chromedp.Call(ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: b.slow}); err != nil {
			t.Fatalf("slow the page down: %v", err)
		}
	}
	if err := chromedp.Listen(ctx, p.onEvent); err != nil {
		t.Fatalf("listen to the page: %v", err)
	}
	s.scripts = append([]string{stoppableClock}, s.scripts...)
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

// onEvent records exceptions and errors of the page.
func (p *Page) onEvent(ev any) {
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

// Context is for commands of the browser that this package has no method for.
func (p *Page) Context() context.Context { return p.ctx }
