package board_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

// trouble is an expression for the text that covers a page with a fault.
const trouble = `(document.querySelector("#trouble:not([hidden])")?.innerText ?? "")`

// send answers with a script.
func send(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write([]byte(body))
	}
}

// TestPageThatCannotStartSaysWhy breaks one file after the other, as networks, proxies and old browsers do.
func TestPageThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]struct {
		file    string
		handler http.HandlerFunc
		says    string
	}{
		"a script is not there":        {"board.js", http.NotFound, "could not load all of its files"},
		"a proxy answers with a page":  {"board.js", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/html") }, "could not load all of its files"},
		"the style sheet is not there": {"board.css", http.NotFound, "could not load all of its files"},
		"a script is not understood":   {"board.js", send("let a = #;"), "too old for this page. New enough are Chrome and Edge 100, Firefox 104, Safari 15.4"},
		"a script throws":              {"board.js", send("throw new Error('it is the flux')"), "it is the flux"},
		"no script is there":           {"", http.NotFound, "its files do not arrive"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKitchen(t)
			k.do(func() {
				k.files = map[string]http.HandlerFunc{}
				for _, file := range []string{"start.js", "board.js", "home.js", "board.css"} {
					if broken.file == "" || broken.file == file {
						k.files[file] = broken.handler
					}
				}
			})
			p := chromium.Start(t).Open(t, k.address(), Broken())
			p.Wait(trouble + `.includes("` + broken.says + `")`)
			p.Wait(`getComputedStyle(document.querySelector("#trouble")).visibility === "visible"`)
			p.Wait(`document.querySelectorAll("#trouble [lang=ar]").length === 1`)
			if name == "a script throws" {
				audit(t, p, name)
			}
		})
	}
}

func TestBrowserWithoutModulesIsToldWhichAreNewEnough(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.do(func() { k.files = map[string]http.HandlerFunc{"board.js": send("")} }) // it runs no module
	p := chromium.Start(t).Open(t, k.address(), Script(`delete HTMLScriptElement.prototype.noModule`), Broken())
	p.Wait(trouble + `.includes("New enough are Chrome")`)
}

func TestBoardThatCannotDrawSaysSo(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 1})
	p := chromium.Start(t).Open(t, k.address(), Broken())
	p.Wait(Ticket(1))
	Eval[any](p, `globalThis.format = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, "format"),
		Object.defineProperty(Intl.DateTimeFormat.prototype, "format", { get() { throw new Error("it is the flux"); }, configurable: true }), 0`)
	p.Wait(trouble + `.includes("NOT LIVE: this page has a fault") && ` + trouble + `.includes("it is the flux")`)
	Eval[any](p, `Object.defineProperty(Intl.DateTimeFormat.prototype, "format", format), 0`)
	p.Wait(trouble + ` === "" && ` + Status + ` === "Live"`)
}

func TestGoodPageShowsNoTroubleWhileItStarts(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	p := chromium.Start(t).Open(t, k.address(), Script(`globalThis.seen = [];
		const look = () => { const e = document.querySelector("#trouble"); if (e && getComputedStyle(e).visibility === "visible" && !e.hidden && document.styleSheets.length) seen.push(e.innerText); requestAnimationFrame(look); };
		requestAnimationFrame(look);`))
	p.Wait(Status + ` === "Live"`)
	p.Hold(time.Second, `seen.length === 0`)
}

// TestBoardBehindAPathOfAProxy opens pages below a path that a proxy takes away again.
func TestBoardBehindAPathOfAProxy(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 1})
	target, err := url.Parse(k.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, below := strings.CutPrefix(r.URL.Path, "/kds")
		if !below {
			http.NotFound(w, r)
			return
		}
		r.URL.Path = rest
		rp := &httputil.ReverseProxy{Rewrite: func(pr *httputil.ProxyRequest) {
			pr.SetURL(target)
			pr.Out.Host = pr.In.Host // or a socket would come from a foreign origin
		}}
		rp.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	t.Cleanup(func() { k.wire.cut() })
	for _, end := range []string{"", "/"} {
		p := chromium.Start(t).Open(t, proxy.URL+"/kds/kitchen/"+restaurant+end+"#token="+token)
		p.Wait(Status + ` === "Live"`)
		p.Wait(Ticket(1))
		Eval[any](p, `location.assign("`+proxy.URL+`/kds/"), 0`)
		p.Wait(`document.querySelector(".boards a")?.textContent === "Da Gino"`)
		p.Click(`document.querySelector(".boards a")`)
		p.Wait(Status + ` === "Live" && location.pathname.startsWith("/kds/kitchen/")`)
		Eval[any](p, `navigator.serviceWorker.ready.then(() => 0)`)
	}
}

func TestBoardOpensWhileTheServerIsAway(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 1})
	p := openLive(t, k)
	p.Wait(Ticket(1))
	p.Wait(`localStorage.getItem("kitchen:queue:` + restaurant + `")?.includes("Margherita")`)
	kept := `caches.open("kitchen-board").then((c) => c.keys()).then((k) => k.length >= 5)`
	for end := time.Now().Add(WaitLimit); !Eval[bool](p, kept); {
		if time.Now().After(end) {
			t.Fatal("the device does not keep the files of the page")
		}
	}
	k.wire.set(refuse)
	k.wire.cut()
	p.Wait(Status + `.startsWith("NOT LIVE")`)
	p.Reload()
	p.Wait(Status + `.startsWith("NOT LIVE 0:")`)
	p.Wait(Ticket(1) + ` && getComputedStyle(document.querySelector("#wall")).filter.includes("grayscale")`)
	k.add(order{Number: 2})
	k.wire.set(normal)
	p.Wait(Status + ` === "Live"`)
	p.Wait(Ticket(2) + `?.classList.contains("fresh")`)
}

// TestClientIsImportedFromAnotherOrigin imports the client module into a page of another host.
func TestClientIsImportedFromAnotherOrigin(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><title>till</title>"))
	}))
	t.Cleanup(page.Close)
	p := chromium.Start(t).Open(t, page.URL)
	if got := Eval[string](p, `import("`+k.URL+`/board/client.js").then((m) => typeof m.KitchenClient, (e) => String(e))`); got != "function" {
		t.Errorf("import() of the client from another origin: %s", got)
	}
	if got := get(t, "/board/board.js").Header().Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("the board itself may be read by %s", got)
	}
}

// The first moments of a page are no failure: nothing is red before the first attempt has failed, or has taken too long.
func TestFirstAttemptToConnectIsNoAlarm(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	const unanswered = `globalThis.WebSocket = class { readyState = 0; send() {} close() {} }`
	p := chromium.Start(t).Open(t, k.address(), Script(`globalThis.startClock = stopClock()`), Script(unanswered))
	p.Wait(Status + ` === "Connecting…" && !document.querySelector(".bar.notlive") && !document.title.includes("⚠")`)
	Eval[any](p, `(startClock(), 0)`)
	p.Wait(`/^NOT LIVE 0:(0[2-9]|[1-5]\d)/.test(` + Status + `) && document.querySelector(".bar.notlive") && document.title.includes("⚠")`)

	const refused = `globalThis.WebSocket = class { constructor() { setTimeout(() => this.onclose({ code: 1006, reason: "" }), 300) } readyState = 3; send() {} close() {} }`
	p = chromium.Start(t).Open(t, k.address(), Script(`stopClock()`), Script(refused))
	p.Wait(Status + `.startsWith("NOT LIVE 0:00")`)
}
