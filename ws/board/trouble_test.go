package board_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

func TestServerKilledInTheRushAndBack(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.beat = 500 * time.Millisecond
	orders := rush(k, 6)
	p := openLive(t, k)
	p.Wait(Ticket(106))
	k.wire.set(refuse)
	k.wire.cut()
	p.Wait(`/^NOT LIVE \d/.test(` + Status + `)`)
	p.Wait(Status + `.includes("new orders are not arriving, use paper")`)
	p.Wait(`[...document.querySelectorAll("article button")].every((b) => b.disabled)`)
	p.Wait(`getComputedStyle(document.querySelector("#wall")).filter.includes("grayscale")`)
	p.Press("1")
	p.Press("Enter")
	p.Wait(`document.querySelector("#notices").innerText.includes("Not while NOT LIVE")`)
	for n := 201; n <= 203; n++ {
		k.add(order{Number: n})
	}
	k.set(orders[1], "cancelled")
	k.set(orders[2], "completed")
	p.Wait(`/^NOT LIVE \d*:(0[2-9]|[1-9])/.test(` + Status + `)`) // it counts
	p.Wait(Ticket(103))                                           // what was known stays on the screen
	k.wire.set(normal)
	p.Wait(Status + ` === "Live"`)
	p.Wait(`document.querySelector("#notices").innerText.includes("Back: 3 new, 1 cancelled, 1 done elsewhere while away")`)
	p.Wait(Ticket(102) + `?.innerText.includes("CANCELLED")`)
	p.Wait(`!` + Ticket(103))
	p.Wait(Ticket(203) + `?.classList.contains("fresh") && !` + Ticket(101) + `.classList.contains("fresh")`)
	p.Wait(`chimes.includes("new") && chimes.includes("void")`)
	p.Wait(Ticket(101) + `.querySelector("button").disabled === false`)
}

func TestDeafServerIsNotLive(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.add(order{Number: 1})
	p := openLive(t, k)
	k.setLive(false)
	p.Wait(`/^NOT LIVE \d/.test(` + Status + `)`)
	p.Wait(Status + `.includes("cannot hear its database")`)
	p.Wait(Ticket(1) + `.querySelector("button").disabled`)
	k.setLive(true)
	p.Wait(Status + ` === "Live"`)
}

func TestRestartOfTheServerIsSurvivedWithoutATouch(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	p := openLive(t, k)
	for n := 1; n <= 3; n++ {
		k.until(t, "a display is there", func() bool { return len(k.displays) == 1 })
		k.dropAll(1012)
		p.Wait(Status + ` !== "Live"`)
		k.add(order{Number: n})
		p.Wait(Status + ` === "Live"`)
		p.Wait(Ticket(n))
	}
}

// pass makes a token that ends in d. Only a server could tell that its signature is none.
func pass(k *kitchen, d time.Duration) string {
	claims := fmt.Sprintf(`{"exp":%d,"jti":"%s"}`, k.now().Add(d).Unix(), newID())
	token := "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
	k.do(func() { k.tokens[token] = true })
	return token
}

func TestTokenIsRenewedWithoutLosingTheConnection(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	first, second := pass(k, 8*time.Second), pass(k, time.Hour)
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
	fresh := pass(k, time.Hour)
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
	p.Click(`document.querySelector(".boards a")`)
	p.Wait(Status + ` === "Live"`)
}

func TestWrongClockOfTheDeviceChangesNoAge(t *testing.T) {
	t.Parallel()
	for _, wrong := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
		k := newKitchen(t)
		k.add(order{Number: 1, CreatedAt: k.now().Add(-2 * time.Minute)})
		k.add(order{Number: 2, CreatedAt: k.now().Add(-11 * time.Minute)})
		p := openLive(t, k, Clock(wrong))
		p.Wait(Ticket(1))
		if age := p.Read(Ticket(1) + `.querySelector("time")`); !strings.HasPrefix(age, "2:") {
			t.Errorf("with a clock that is %v wrong a ticket of 2 minutes shows %s", wrong, age)
		}
		p.Wait(Ticket(2) + `.classList.contains("late") && ` + Ticket(2) + `.innerText.includes("LATE")`)
		p.Wait(`!` + Ticket(1) + `.classList.contains("slow")`)
	}
}

func TestMidnightAndSummerTimeDoNotBreakAges(t *testing.T) {
	for name, at := range map[string]string{
		"midnight": "2026-11-22T22:59:58Z", "winter": "2026-10-25T00:59:58Z", "summer": "2026-03-29T00:59:58Z",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := map[string]string{"midnight": "23:59", "winter": "02:59", "summer": "01:59"}[name]
			after := map[string]string{"midnight": "00:00", "winter": "02:00", "summer": "03:00"}[name]
			when, err := time.Parse(time.RFC3339, at)
			if err != nil {
				t.Fatal(err)
			}
			k := newKitchen(t)
			k.add(order{Number: 1, CreatedAt: when.Add(-4*time.Minute - 58*time.Second)})
			p := openLive(t, k)
			k.do(func() { // now that everything is there: 4 s before
				k.ahead = time.Until(when) - 4*time.Second
				k.tell(k.heartbeat())
			})
			p.Wait(`document.querySelector(".clock").innerText === "` + before + `"`)
			p.Wait(`document.querySelector(".clock").innerText === "` + after + `"`)
			p.Wait(Ticket(1) + `.innerText.includes("SLOW")`)
			if age := p.Read(Ticket(1) + `.querySelector("time")`); !strings.HasPrefix(age, "5:") {
				t.Errorf("a ticket of 5 minutes shows %s", age)
			}
		})
	}
}

func TestHiddenTabIsRightWhenShownAgain(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 1})
	p := openLive(t, k)
	p.Wait(Ticket(1))
	p.Hide()
	p.Wait(`document.visibilityState === "hidden"`)
	k.set(o, "cancelled")
	k.add(order{Number: 2})
	p.Wait(`chimes.includes("new")`) // heard, though not seen
	p.Show()
	p.Wait(`document.visibilityState === "visible"`)
	p.Wait(Ticket(2) + ` && ` + Ticket(1) + `.innerText.includes("CANCELLED")`)
	p.Wait(Status + ` === "Live"`)
	// Cut off while hidden, with long timers: showing it again brings it back at once.
	p.Hide()
	k.wire.set(refuse)
	k.wire.cut()
	p.Wait(Status + ` !== "Live" || document.title.startsWith("⚠")`)
	k.add(order{Number: 3})
	k.wire.set(normal)
	p.Show()
	p.Wait(Ticket(3))
}

func TestTextIsNeverMarkup(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	evil := `<img src=x onerror="window.owned=1"><script>window.owned=1</script>${alert(1)}"'>`
	it := line(1, evil, evil)
	it.Notes = evil
	k.name = evil
	o := k.add(order{
		Number: 1, Type: evil, Table: &named{ID: newID(), Label: evil}, CreatedBy: &named{ID: newID(), Name: evil}, CustomerName: evil,
		Notes: evil, AllergyNote: evil, Items: []item{it},
	})
	p := openLive(t, k)
	p.Wait(Ticket(1))
	p.Press("a")
	p.Wait(`document.querySelector("aside.allday")?.innerText.includes("onerror")`)
	k.do(func() { k.by = evil })
	k.change(o, func(o *order) { o.Notes += evil })
	p.Wait(Ticket(1) + `.querySelector("li.changed.banner .writer")?.innerText.includes("onerror")`)
	k.set(o, "completed")
	p.Press("r")
	p.Wait(`document.querySelector("dialog[open] .recalls li")`)
	Eval[any](p, `dispatchEvent(new Event("beforeprint"))`)
	p.Hold(300*time.Millisecond, `window.owned === undefined && !document.querySelector("img") && document.querySelectorAll("script").length === 1`)
	home := Eval[string](p, `location.assign("/"), ""`)
	_ = home
	p.Wait(`document.querySelector(".boards a")?.textContent.includes("onerror")`)
	p.Hold(300*time.Millisecond, `window.owned === undefined && !document.querySelector("img")`)
}

func TestArabicNotesReadFromRightToLeft(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	const note = "بدون بصل من فضلك"
	k.add(order{Number: 1, Notes: note, CustomerName: "فاطمة", Type: "delivery", Items: []item{line(2, "كبسة دجاج", "بدون فلفل")}})
	p := openLive(t, k)
	p.Wait(Ticket(1))
	if got := Eval[string](p, `getComputedStyle(`+Ticket(1)+`.querySelector("li.note q")).direction`); got != "rtl" {
		t.Errorf("an Arabic note has direction %s on an English board", got)
	}
	if text := p.Read(Ticket(1)); !strings.Contains(text, note) || !strings.Contains(text, "كبسة دجاج") || !strings.Contains(text, "فاطمة") {
		t.Errorf("the ticket reads %s", text)
	}
	p.Press("o")
	p.Wait(Button(`document.querySelector("dialog[open]")`, "العربية"))
	p.Tap(Button(`document.querySelector("dialog[open]")`, "العربية"))
	p.Wait(`document.documentElement.dir === "rtl" && document.documentElement.lang === "ar"`)
	p.Press("Escape")
	p.Wait(Step(1) + ` === "ابدأ"`)
	p.Wait(Ticket(1) + `.getBoundingClientRect().right > innerWidth - 40`) // the grid begins at the right
	p.Wait(Status + ` === "مباشر"`)
}

func TestLongTicketIsSplitAndShowsEveryLine(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int64{{1920, 1080}, {1024, 768}} {
		k := newKitchen(t)
		k.add(order{Number: 1})
		long := order{Number: 2, CreatedAt: k.now().Add(time.Second), AllergyNote: strings.Repeat("sesame and ", 30) + "nuts"}
		for i := range 20 {
			it := line(1, fmt.Sprintf("Dish-%02d", i), "no salt")
			it.Notes = strings.Repeat("long ", 12)
			long.Items = append(long.Items, it)
		}
		k.add(long)
		p := openLive(t, k, Size(size[0], size[1]))
		seen := map[string]bool{}
		for page := 0; ; page++ {
			p.Wait(`document.querySelector("article")`)
			for _, dish := range Eval[[]string](p, `[...document.querySelectorAll("article li.item")].filter((li) => {
				const r = li.getBoundingClientRect(), c = li.closest(".columns").getBoundingClientRect();
				return r.top >= c.top - 1 && r.bottom <= c.bottom + 1;
			}).map((li) => li.innerText)`) {
				seen[dish[strings.Index(dish, "Dish")+len("Dish-"):]] = strings.Contains(dish, "Dish")
				_ = dish
			}
			clipped := Eval[[]string](p, `[...document.querySelectorAll("article li")].filter((li) => {
				const r = li.getBoundingClientRect(), c = li.closest(".columns").getBoundingClientRect();
				return r.bottom > c.bottom + 1 || r.right > c.right + 1;
			}).map((li) => li.innerText)`)
			if len(clipped) > 0 {
				t.Errorf("%v page %d: rows are cut off: %q", size, page, clipped)
			}
			scrolls := Eval[int](p, `[...document.querySelectorAll("article, article *")].filter((e) => ["auto", "scroll"].includes(getComputedStyle(e).overflowY)).length`)
			if scrolls > 0 {
				t.Errorf("%v: %d elements scroll inside a ticket", size, scrolls)
			}
			more := Eval[bool](p, `Boolean(document.querySelector("[data-act=nextPage]"))`)
			last := Eval[bool](p, `!/page/.test(document.querySelector(".pager")?.innerText ?? "") || new RegExp("page (\\d+)/\\1$").test(document.querySelector(".pager").innerText.trim())`)
			if !more || last || page > 10 {
				break
			}
			before := Eval[string](p, `document.querySelector(".pager").innerText`)
			p.Press("PageDown")
			p.Wait(`document.querySelector(".pager").innerText !== ` + fmt.Sprintf("%q", before))
		}
		for i := range 20 {
			if !seen[fmt.Sprintf("%02d", i)] {
				t.Errorf("%v: line %d of the ticket is on no page; seen %v", size, i, seen)
			}
		}
	}
}

func TestMoreOrdersThanFitArePagedAndCounted(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	for n := 1; n <= 17; n++ {
		k.add(order{Number: n})
	}
	p := openLive(t, k)
	p.Wait(`document.querySelector(".pager")?.innerText.replace(/\s+/g, " ").trim() === "+7 more page 1/2"`)
	p.Tap(Button(`document`, "Next page"))
	p.Wait(Ticket(17))
	p.Tap(Button(`document`, "Previous page"))
	p.Wait(Ticket(1))
}

func TestPaperHasEveryOpenOrder(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	rush(k, 14)
	p := openLive(t, k)
	p.Wait(Ticket(101))
	Eval[any](p, `dispatchEvent(new Event("beforeprint"))`)
	paper := Eval[string](p, `document.querySelector("#paper").textContent`)
	for n := 101; n <= 114; n++ {
		if !strings.Contains(paper, fmt.Sprintf("#%d", n)) {
			t.Errorf("#%d is not on paper", n)
		}
	}
	if !strings.Contains(paper, "ALLERGY: peanuts and sesame") {
		t.Error("the allergy is not on paper")
	}
	Eval[any](p, `dispatchEvent(new Event("afterprint"))`)
	p.Wait(`document.querySelector("#paper").textContent.trim() === ""`)
}
