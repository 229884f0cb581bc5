package board_test

import (
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

// bring opens the board's address again with another fragment, as a link does in the same tab.
func bring(p *Page, token string) { Eval[any](p, `location.hash = "#token=`+token+`", 0`) }

func TestWrongNewTokenLeavesTheBoardWorking(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 1})
	p := openLive(t, k)
	p.Wait(Ticket(1))
	bring(p, "not.a.token")
	p.Wait(notices + `.includes("The new token was not taken") && ` + notices + `.includes("keeps the one that it has")`)
	p.Hold(300*time.Millisecond, Status+` === "Live" && `+Ticket(1)+` !== undefined`)
	bring(p, "hello")
	p.Wait(notices + `.includes("not whole")`)
	p.Wait(`location.hash === ""`)
	p.Reload() // it was not kept either
	p.Wait(Status + ` === "Live"`)
	// By hand, in the settings.
	p.Press("o")
	p.Wait(Button(`document.querySelector("dialog[open]")`, "New token"))
	Eval[any](p, Button(`document.querySelector("dialog[open]")`, "New token")+`.scrollIntoView()`) // the settings are longer than the screen
	p.Tap(Button(`document.querySelector("dialog[open]")`, "New token"))
	p.Wait(`document.querySelector("dialog[open] textarea")`)
	Eval[any](p, `document.querySelector("dialog textarea").focus()`)
	p.Type("not.a.token")
	p.Press("Tab")
	p.Press("Enter")
	p.Wait(`document.querySelector("dialog[open] [role=alert]").innerText.includes("The new token was not taken")`)
	p.Wait(Status + ` === "Live"`)
	k.do(func() {
		if n := len(k.displays); n != 1 {
			t.Errorf("%d displays, want 1", n)
		}
	})
}

func TestServerThatClosesForAWrongTokenIsJoinedAgain(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.do(func() { k.closes = true })
	p := openLive(t, k)
	bring(p, "not.a.token")
	p.Wait(notices + `.includes("The new token was not taken")`)
	p.Wait(Status + ` === "Live"`)
}

func TestLinkWithABadTokenOpensTheBoardWithTheGoodOne(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]string{"bad_token: get a new one": "the server refused it", "expired: get a new one": "it has expired"} {
		k := newKitchen(t)
		k.add(order{Number: 1})
		p := openLive(t, k)
		k.do(func() { k.refusal = name })
		Eval[any](p, `location.assign("/board/icon.svg"), 0`)
		p.Wait(`location.pathname.endsWith("icon.svg")`)
		Eval[any](p, `location.assign("`+k.URL+`/kitchen/`+restaurant+`#token=not.a.token"), 0`)
		p.Wait(Status + ` === "Live"`)
		p.Wait(Ticket(1))
		p.Wait(notices + `.includes("` + refusal + `")`)
		p.Reload()
		p.Wait(Status + ` === "Live"`)
		p.Hold(300*time.Millisecond, `!`+notices+`.includes("new token")`) // it is not tried again
	}
}

func TestLinkWithAnotherGoodTokenTakesTheOldOnesPlace(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	p := openLive(t, k)
	fresh := tokenFor(k, 24*time.Hour)
	Eval[any](p, `location.assign("/board/icon.svg"), 0`)
	p.Wait(`location.pathname.endsWith("icon.svg")`)
	Eval[any](p, `location.assign("`+k.URL+`/kitchen/`+restaurant+`#token=`+fresh+`"), 0`)
	p.Wait(Status + ` === "Live"`)
	p.Wait(`localStorage.getItem("kitchen:token:` + restaurant + `") === '"` + fresh + `"' && localStorage.getItem("kitchen:offered:` + restaurant + `") === null`)
	k.until(t, "the one display has the new token", func() bool {
		for d := range k.displays {
			if d.token != fresh {
				return false
			}
		}
		return len(k.displays) == 1
	})
}

func TestForgettingATokenAsksAndShowsNothingAfterIt(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 1})
	p := openLive(t, k)
	p.Wait(Ticket(1))
	dialog := `document.querySelector("dialog[open]")`
	ask := func() {
		p.Press("o")
		p.Wait(Button(dialog, "Forget this screen's token"))
		Eval[any](p, Button(dialog, "Forget this screen's token")+`.click(), 0`)
		p.Wait(dialog + `.innerText.includes("Forget this screen's token?")`)
	}
	ask()
	audit(t, p, "asked before it forgets")
	p.Wait(Status + ` === "Live"`)
	p.Tap(Button(dialog, "Keep it"))
	p.Wait(`!` + dialog)
	p.Wait(Status + ` === "Live"`)
	ask()
	p.Tap(Button(dialog, "Forget it"))
	p.Wait(`location.pathname === "/" && document.querySelector("form")`)
	p.Wait(`!document.querySelector(".boards")`)
	if kept := Eval[string](p, `JSON.stringify(localStorage)`); strings.Contains(kept, token) || strings.Contains(kept, "Margherita") {
		t.Errorf("the device still holds %s", kept)
	}
	Eval[any](p, `setTimeout(() => history.back(), 0)`)
	p.Wait(`location.pathname !== "/"`)
	p.Hold(time.Second, `!document.querySelector("article")`)
	Eval[any](p, `location.assign("`+k.URL+`/kitchen/`+restaurant+`"), 0`)
	p.Wait(`document.body.innerText.includes("has no token yet")`)
	p.Wait(Status + `.startsWith("NOT LIVE") && ` + Status + `.includes("this screen has no token")`) // nobody has refused one
	p.Hold(300*time.Millisecond, `!document.querySelector("article")`)
}

func TestExpiredTokenKeepsTheTicketsDimmed(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 1})
	p := openLive(t, k)
	p.Wait(Ticket(1))
	k.end(token, "expired: the token has expired, get a new one")
	p.Wait(Status + `.startsWith("NOT LIVE") && ` + Status + `.includes("token has expired")`)
	p.Wait(`document.querySelector("#overlay").innerText.includes("This screen's token has expired")`)
	look := Ticket(1) + ` && getComputedStyle(document.querySelector("#wall")).filter.includes("grayscale") && ` + Ticket(1) + `.querySelector("button").disabled`
	p.Wait(look)
	audit(t, p, "expired")
	p.Reload()
	p.Wait(`document.querySelector("#overlay").innerText.includes("This screen's token has expired")`)
	p.Wait(look)
	fresh := tokenFor(k, 24*time.Hour)
	Eval[any](p, `document.querySelector("textarea").focus()`)
	p.Type("wrong.token.again")
	p.Tap(`document.querySelector("form button")`)
	p.Wait(`document.querySelector("#overlay [role=alert]").innerText.includes("not taken")`)
	p.Wait(look)
	Eval[any](p, `document.querySelector("textarea").value = ""`)
	p.Type(fresh)
	p.Tap(`document.querySelector("form button")`)
	p.Wait(Status + ` === "Live"`)
	p.Wait(`!document.querySelector("#overlay form")`)
}

func TestRevokedTokenShowsNoTickets(t *testing.T) {
	t.Parallel()
	for reason, says := range map[string]string{
		"user_gone: the user is not active": "no longer active", "bad_token: get a new one": "refused this screen's token",
	} {
		k := newKitchen(t)
		k.add(order{Number: 1})
		p := openLive(t, k)
		p.Wait(Ticket(1))
		k.end(token, reason)
		p.Wait(`document.querySelector("#overlay").innerText.includes("` + says + `")`)
		p.Wait(`!document.querySelector("article")`)
		if kept := Eval[string](p, `JSON.stringify(localStorage)`); strings.Contains(kept, token) || strings.Contains(kept, "Margherita") {
			t.Errorf("%s: the device still holds %s", reason, kept)
		}
		p.Reload()
		p.Wait(`document.body.innerText.includes("has no token yet")`)
		p.Hold(300*time.Millisecond, `!document.querySelector("article")`)
	}
}

func TestTokenIsWarnedOfHoursBeforeItsEnd(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	for left, warns := range map[time.Duration]bool{2 * time.Hour: true, 150 * time.Minute: true, 20 * time.Hour: false} {
		p := chromium.Start(t).Open(t, k.URL+"/kitchen/"+restaurant+"#token="+tokenFor(k, left))
		p.Wait(Status + ` === "Live"`)
		if warns {
			p.Wait(notices + `.includes("token ends in")`)
		} else {
			p.Hold(1500*time.Millisecond, `!`+notices+`.includes("token ends in")`)
		}
	}
}
