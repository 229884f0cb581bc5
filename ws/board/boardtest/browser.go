// Package boardtest opens kitchen boards in a headless Chromium, for tests that touch, press and read them as a cook would.
// It knows what every page may rely on: a ticket is an article, the feed's state has role status, and
// nothing of how the board is made.
package boardtest

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// Browser is a Chromium of the test's own, with an empty profile.
type Browser struct {
	ctx context.Context
}

// Start starts a Chromium that ends with the test. A machine without one fails the test, and says how to get it.
func Start(t testing.TB) *Browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("no Chromium on this machine; on Debian or Ubuntu: apt-get install -y chromium")
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path),
		chromedp.UserDataDir(t.TempDir()),
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
		chromedp.Flag("disable-features", "Translate,MediaRouter,OptimizationHints,CalculateNativeWinOcclusion"),
	)
	ctx, cancel := chromedp.NewContext(alloc)
	b := &Browser{ctx: ctx}
	t.Cleanup(func() {
		end, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			_ = chromedp.Cancel(ctx)
		}()
		select {
		case <-closed:
		case <-end.Done():
			t.Error("Chromium did not end within 10 s")
		}
		cancel()
		stop()
	})
	if _, err := chromedp.CallBrowser(ctx, browser.GetVersion, struct{}{}); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return b
}
