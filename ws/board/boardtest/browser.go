// Package boardtest opens kitchen boards in a headless Chromium, for tests that touch, press and read them as a cook would. It knows only
// what any such test may rely on: a ticket is an article, and the state of the feed has the role status.
package boardtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// Browser is a Chromium of the test's own, with an empty profile.
type Browser struct {
	ctx  context.Context
	slow float64 // how many times slower its pages run
}

// Start starts a Chromium that ends with the test. A machine without one fails the test, and says how to get it.
func Start(t testing.TB) *Browser {
	t.Helper()
	b, stop, err := launch("", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// Shared is a Chromium for all tests of a package, started by the first that wants it: each page is a device of its own all the
// same. The package's TestMain closes it.
type Shared struct {
	Program string  // "": a Chromium that is found
	Slow    float64 // pages run so many times slower, as on a cheap device or a busy machine; 0 or 1: as fast as they can

	mu      sync.Mutex
	browser *Browser
	stop    func() error
	folder  string
}

// Start returns the browser.
func (s *Shared) Start(t testing.TB) *Browser {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.browser != nil {
		return s.browser
	}
	folder, err := os.MkdirTemp("", "boardtest-")
	if err != nil {
		t.Fatal(err)
	}
	s.folder = folder
	if s.browser, s.stop, err = launch(s.Program, folder); err != nil {
		t.Fatal(err)
	}
	s.browser.slow = s.Slow
	return s.browser
}

// Close ends the browser, if any test wanted one.
func (s *Shared) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.browser == nil {
		return nil
	}
	return errors.Join(s.stop(), os.RemoveAll(s.folder))
}

// find returns the browser that is there. The headless shell, which has the engine of Chromium and none of its windows, takes a third
// of the processor.
func find() (string, error) {
	for _, name := range []string{"chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium on this machine; on Debian or Ubuntu: apt-get install -y chromium")
}

// launch starts a program, or a Chromium that is found, with an empty profile in a folder.
func launch(path, folder string) (*Browser, func() error, error) {
	if path == "" {
		var err error
		if path, err = find(); err != nil {
			return nil, nil, err
		}
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path),
		chromedp.UserDataDir(folder),
		chromedp.NoSandbox, // root has none, and the only pages are ours
		chromedp.DisableGPU,
		chromedp.NoFirstRun,
		chromedp.Flag("headless", "new"),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-extensions", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("mute-audio", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("lang", "en-US"),
		// A headless window is always behind another one; its timers must not be throttled for that.
		chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-features", "Translate,MediaRouter,OptimizationHints,CalculateNativeWinOcclusion,SpareRendererForSitePerProcess"),
	)
	ctx, cancel := chromedp.NewContext(alloc)
	end := func() error {
		defer stop()
		defer cancel()
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			_ = chromedp.Cancel(ctx)
		}()
		select {
		case <-closed:
			return nil
		case <-time.After(10 * time.Second):
			return errors.New("the browser did not end within 10 s")
		}
	}
	if _, err := chromedp.CallBrowser(ctx, browser.GetVersion, struct{}{}); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("start %s: %w", path, err), end())
	}
	return &Browser{ctx: ctx}, end, nil
}
