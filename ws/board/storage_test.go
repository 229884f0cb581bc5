package board_test

import (
	"regexp"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

// The ways in which a browser's memory fails.
var brokenStorage = map[string]string{
	"blocked": `Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } });`,
	"absent":  `Object.defineProperty(window, "localStorage", { value: undefined });`,
	"null":    `Object.defineProperty(window, "localStorage", { value: null });`,
	"full":    `Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };`,
}

func TestGoodLinkOpensTheBoardWhereTheBrowserKeepsNothing(t *testing.T) {
	t.Parallel()
	for name, script := range brokenStorage {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKitchen(t)
			k.add(order{Number: 1})
			p := chromium.Start(t).Open(t, k.address(), Script(script))
			p.Wait(Status + ` === "Live"`)
			p.Wait(Ticket(1))
			p.Wait(notices + `.includes("This browser keeps nothing")`)
			k.dropAll(1012)
			k.until(t, "the display is back", func() bool { return len(k.displays) == 1 })
			p.Wait(Status + ` === "Live"`)
			p.Press("o")
			p.Wait(Button(`document.querySelector("dialog[open]")`, "Light"))
			p.Tap(Button(`document.querySelector("dialog[open]")`, "Light"))
			p.Wait(`document.documentElement.dataset.theme === "light"`)
		})
	}
}

func TestHomePageLeadsToTheBoardWhereTheBrowserKeepsNothing(t *testing.T) {
	t.Parallel()
	for name, script := range brokenStorage {
		k := newKitchen(t)
		p := chromium.Start(t).Open(t, k.URL+"/", Script(script))
		p.Wait(`document.querySelector("textarea")`)
		Eval[any](p, `document.querySelector("textarea").focus()`)
		p.Type(k.address())
		p.Tap(`document.querySelector("form button")`)
		p.Wait(Status + ` === "Live"`)
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestRubbishInTheBrowsersMemoryDoesNoHarm(t *testing.T) {
	t.Parallel()
	for _, rubbish := range []string{
		`"{"`, `"7"`, `"null"`, `"[]"`, `"\"x\""`, `"{\"lang\":\"tlh\",\"theme\":\"pink\",\"size\":\"xxl\",\"digits\":1,\"volume\":11,\"keys\":{\"bump\":7,\"undo\":[1]}}"`,
		`"{\"keys\":null,\"lang\":{}}"`, `"{\"format\":1,\"orders\":[{}]}"`,
	} {
		t.Run(rubbish, func(t *testing.T) {
			t.Parallel()
			k := newKitchen(t)
			k.add(order{Number: 1})
			names := `["kitchen:settings", "kitchen:boards", "kitchen:queue:` + restaurant + `", "kitchen:token:` + restaurant + `", "kitchen:offered:` + restaurant + `"]`
			p := chromium.Start(t).Open(t, k.address(), Script(`for (const name of `+names+`) localStorage.setItem(name, `+rubbish+`);`))
			p.Wait(Status + ` === "Live"`)
			p.Wait(Step(1) + ` === "START"`)
			p.Press("1")
			p.Press("Enter")
			p.Wait(Step(1) + ` === "READY"`)
			Eval[any](p, `location.assign("/"), 0`)
			p.Wait(`document.querySelector("form button")?.innerText === "Open the board"`)
		})
	}
}

func TestReloadWhileTheServerIsAwayShowsTheLastQueue(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 1})
	k.add(order{Number: 2, Status: "preparing"})
	p := openLive(t, k)
	p.Wait(Ticket(2))
	p.Wait(`localStorage.getItem("kitchen:queue:` + restaurant + `")?.includes("Margherita")`)
	k.do(func() { k.closed = true }) // pages are served, sockets are not
	k.dropAll(1013)
	p.Wait(`/^NOT LIVE (0:0[3-9]|0:[1-5]|[1-9])/.test(` + Status + `)`)
	p.Reload()
	p.Wait(Ticket(2))
	if since := Eval[string](p, Status); !regexp.MustCompile(`^NOT LIVE (0:0[3-9]|0:[1-5]|[1-9])`).MatchString(since) {
		t.Errorf("it does not count from when the queue was live: %s", since)
	}
	p.Wait(`[...document.querySelectorAll("article button")].every((b) => b.disabled)`)
	p.Wait(`getComputedStyle(document.querySelector("#wall")).filter.includes("grayscale")`)
	k.add(order{Number: 3})
	k.do(func() { k.closed = false })
	p.Wait(Status + ` === "Live"`)
	p.Wait(Ticket(3) + `?.classList.contains("fresh") && !` + Ticket(1) + `.classList.contains("fresh")`)
	p.Wait(notices + `.includes("1 new while away")`)
}

func TestReloadAloneIsNoAbsence(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 1})
	p := openLive(t, k)
	p.Wait(`localStorage.getItem("kitchen:queue:` + restaurant + `")?.includes("Margherita")`)
	p.Reload()
	p.Wait(Status + ` === "Live"`)
	p.Hold(500*time.Millisecond, `!`+notices+`.includes("Back") && chimes.length === 0`)
}

func TestScreenWithoutANetworkIsNotLiveAtOnce(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.do(func() { k.beat = time.Hour })
	p := openLive(t, k)
	Eval[any](p, `Object.defineProperty(navigator, "onLine", { value: false, configurable: true }), dispatchEvent(new Event("offline")), 0`)
	p.Wait(Status + `.startsWith("NOT LIVE 0:0") && ` + Status + `.includes("no network")`)
}

func TestOrdersThatAreLeftOutAreSpokenOf(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.do(func() { k.omitted = 1234 })
	p := openLive(t, k)
	p.Wait(notices + `.includes("1234 older open orders are not shown")`)
}
