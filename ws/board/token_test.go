package board_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

// tokenFor makes a token that the fake server accepts and that expires in d. Its signature is none, which the page cannot see.
func tokenFor(k *kitchen, d time.Duration) string {
	claims := fmt.Sprintf(`{"exp":%d,"jti":"%s"}`, k.now().Add(d).Unix(), newID())
	token := "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	k.do(func() { k.tokens[token] = true })
	return token
}

func TestTokenIsRenewedWithoutLosingTheConnection(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	first, second := tokenFor(k, 8*time.Second), tokenFor(k, time.Hour)
	p := chromium.Start(t).Open(t, k.URL+"/kitchen/"+restaurant+"#token="+first)
	p.Wait(Status + ` === "Live"`)
	p.Wait(`document.querySelector("#notices").innerText.includes("token ends in")`) // nobody has brought a new one yet
	Eval[any](p, `location.hash = "#token=`+second+`"`)
	k.until(t, "the token is renewed in-band", func() bool {
		for _, m := range k.asked {
			if m["type"] == "authenticate" && m["token"] == second {
				return true
			}
		}
		return false
	})
	p.Wait(`!document.querySelector("#notices").innerText.includes("token ends in")`)
	p.Wait(`location.hash === ""`)
	k.do(func() {
		for d := range k.displays {
			if d.token != second {
				t.Errorf("the display has the token %s", d.token)
			}
		}
	})
	p.Hold(500*time.Millisecond, Status+` === "Live"`)
}

func TestTokenLeavesTheAddressAndIsKeptUntilRefused(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	p := openLive(t, k)
	if got := Eval[string](p, `location.href`); got != k.URL+"/kitchen/"+restaurant {
		t.Errorf("the address is %s", got)
	}
	p.Reload()
	p.Wait(Status + ` === "Live"`) // without the fragment: it was kept
	k.do(func() { delete(k.tokens, token) })
	k.dropAll(4001)
	p.Wait(Status + `.startsWith("NOT LIVE")`)
	p.Wait(`document.body.innerText.includes("refused this screen's token")`)
	if got := Eval[string](p, `JSON.stringify(localStorage)`); strings.Contains(got, token) {
		t.Errorf("a refused token was kept: %s", got)
	}
	fresh := tokenFor(k, time.Hour)
	Eval[any](p, `document.querySelector("textarea").focus()`)
	p.Type(k.URL + "/kitchen/" + restaurant + "#token=" + fresh)
	p.Tap(`document.querySelector("form button")`)
	p.Wait(Status + ` === "Live"`)
}

func TestForeignRestaurantIsRefusedForGood(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	p := chromium.Start(t).Open(t, k.URL+"/kitchen/11111111-1111-4111-8111-111111111111#token="+token)
	p.Wait(`document.body.innerText.includes("This token is for another restaurant")`)
	p.Wait(Status + `.startsWith("NOT LIVE")`)
	p.Hold(time.Second, `document.querySelectorAll("article").length === 0`)
}

func TestGettingInWithALinkOrAToken(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	b := chromium.Start(t)
	p := b.Open(t, k.URL+"/")
	p.Wait(`document.querySelector("textarea")`)
	Eval[any](p, `document.querySelector("textarea").focus()`)
	p.Type("what is this")
	p.Tap(`document.querySelector("form button")`)
	p.Wait(`document.body.innerText.includes("neither a link to a board nor a token")`)
	Eval[any](p, `document.querySelector("textarea").value = ""`)
	p.Type(token)
	p.Press("Tab")
	p.Press("Enter")
	p.Wait(`document.querySelector("#restaurant")`)
	Eval[any](p, `document.querySelector("#restaurant").focus()`)
	p.Type(restaurant)
	p.Press("Enter")
	p.Wait(`location.pathname === "/kitchen/` + restaurant + `" && ` + Status + ` === "Live"`)
	again := b.Open(t, k.URL+"/")
	again.Wait(`document.querySelector("form") && !document.querySelector(".boards")`) // another device
	Eval[any](p, `location.assign("/")`)
	p.Wait(`document.querySelector(".boards a")?.textContent === "Da Gino"`)
	p.Resize(800, 240) // lower than the form: its heading can be scrolled to all the same
	p.Wait(`(scrollTo(0, 0), document.querySelector("h1").getBoundingClientRect().top >= 0)`)
	p.Click(`document.querySelector(".boards a")`)
	p.Wait(Status + ` === "Live"`)
}
