package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"kitchen/db/dbtest"
	. "kitchen/ws/board/boardtest"
)

// audit checks a page for WCAG 2.2, levels A to AAA, as far as axe can.
func audit(t *testing.T, p *Page, what string) {
	t.Helper()
	if !Eval[bool](p, `Boolean(globalThis.axe)`) {
		axe, err := os.ReadFile("../../ws/board/testdata/axe.min.js")
		if err != nil {
			t.Fatal(err)
		}
		Eval[any](p, "(() => {"+string(axe)+"\n})(), 0")
	}
	for _, f := range Eval[[]string](p, `axe.run(document, {
			runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "wcag2aaa"],
			rules: { "color-contrast": { enabled: false }, "color-contrast-enhanced": { enabled: true }, "target-size": { enabled: true } },
			resultTypes: ["violations"], preload: false,
		}).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target + " " + n.failureSummary)))`) {
		t.Errorf("%s: %s", what, f)
	}
}

const (
	shownCode = `document.querySelector(".pairing .code")?.innerText`
	alert     = `document.querySelector("#problem").innerText`
)

// press presses a button of a page by its text.
func press(p *Page, name string) {
	p.Wait(Button("document", name))
	Eval[any](p, Button("document", name)+`.scrollIntoView({ block: "center" }), 0`)
	p.Click(Button("document", name))
}

// fill types into a field as somebody does.
func fill(p *Page, field, text string) {
	p.Wait(`document.querySelector("` + field + `")`)
	Eval[any](p, `(document.querySelector("`+field+`").value = "", document.querySelector("`+field+`").focus(), 0)`)
	p.Type(text)
}

// A screen shows a code, the manager confirms it on a telephone, and the screen opens as what it was paired as; all in browsers.
func TestScreensArePairedInABrowser(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	cook := h.another(t, "cook")
	execute(t, h, `update users set role = 'manager' where username = 'ana'`)
	execute(t, h, `insert into kitchen.stations (restaurant_id, name) values ($1, 'Grill'), ($1, 'Bar')`, h.restaurant)
	execute(t, h, `insert into kitchen.routes (restaurant_id, station_id) select restaurant_id, id from kitchen.stations where name = 'Grill'`)
	n := startServe(t, onDatabase(url)...)
	browser := chromium.Start(t)

	wall := browser.Open(t, n.url+"/")
	wall.Wait(`/^[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(` + shownCode + `)`)
	audit(t, wall, "a screen that waits")
	code := Eval[string](wall, shownCode)
	wall.Reload()
	wall.Wait(shownCode + ` === "` + code + `"`) // somebody may be confirming it just now
	if qr := Eval[int](wall, `document.querySelectorAll("svg.qr path").length`); qr != 1 {
		t.Errorf("%d QR codes", qr)
	}

	phone := browser.Open(t, n.url+"/pair#code="+code, Size(390, 844))
	phone.Wait(`document.querySelector("#code").value === "` + code + `" && location.hash === "" && location.search === ""`)
	audit(t, phone, "the page that confirms")
	fill(phone, "#token", cook.token(t))
	press(phone, "Look for the screen")
	phone.Wait(alert + `.includes("Only an owner or a manager")`)
	fill(phone, "#token", n.board(t, h)) // a link does as well
	press(phone, "Look for the screen")
	phone.Wait(`document.querySelector(".why")?.innerText.includes("127.0.0.1")`)
	phone.Wait(`document.querySelector("#restaurant").innerText.includes("House of ana")`)
	audit(t, phone, "what is confirmed")
	fill(phone, "#name", "Wall")
	phone.Click(`document.querySelector("[name=role][value=screen]")`)
	phone.Wait(`!document.querySelector("[name=station]")`) // guests see numbers alone
	phone.Click(`document.querySelector("[name=role][value=kitchen]")`)
	phone.Wait(`document.querySelectorAll("[name=station]").length === 2`)
	phone.Click(`[...document.querySelectorAll("label")].find((e) => e.innerText.includes("Grill")).querySelector("[name=station]")`)
	audit(t, phone, "a board and its stations")
	press(phone, "Pair the screen")
	phone.Wait(`document.querySelector("[role=status]")?.innerText.includes("Wall is paired")`)

	wall.Wait(`location.pathname === "/kitchen/` + string(h.restaurant) + `" && location.search === "?station=Grill"`)
	wall.Wait(Status + ` === "Live"`)
	if address := Eval[string](wall, `location.href`); strings.Contains(address, "kdp_") || strings.Contains(address, "token") {
		t.Errorf("the device token is in the address: %s", address)
	}
	h.order(t, "no salt")
	wall.Wait(Ticket(1))
	wall.Tap(Ticket(1) + `.querySelector("button.bump")`)
	h.status(t, 1, "completed") // nothing of it is cooked, so that it is served
	wall.Reload()
	wall.Wait(Status + ` === "Live"`)

	// The same device opens the node's address again, after a power cut, and is at its board at once.
	Eval[any](wall, `location.assign("/"), 0`)
	wall.Wait(`location.pathname.startsWith("/kitchen/") && location.search === "?station=Grill"`)
	wall.Wait(Status + ` === "Live"`)

	execute(t, h, `update kitchen.devices set revoked_at = now()`)
	wall.Wait(`document.querySelector(".entry .why")`)
	if kept := Eval[string](wall, `JSON.stringify(localStorage)`); strings.Contains(kept, "kdp_") {
		t.Errorf("a revoked token is kept: %s", kept)
	}

	// A second screen, which guests look at.
	door := browser.Open(t, n.url+"/")
	door.Wait(shownCode)
	fill(phone, "#code", strings.ToLower(Eval[string](door, shownCode)))
	press(phone, "Look for the screen")
	fill(phone, "#name", "Door")
	phone.Click(`document.querySelector("[name=role][value=screen]")`)
	press(phone, "Pair the screen")
	door.Wait(`location.pathname === "/pickup/` + string(h.restaurant) + `"`)
	door.Wait(`document.querySelector(".none")?.innerText.includes("No orders")`)
}

// numbers are those in a column of the pick-up screen.
func numbers(column string) string {
	return `[...document.querySelectorAll("section.` + column + ` li b")].map((e) => e.innerText.trim()).join(" ")`
}

func TestPickupScreenShowsNumbersToGuests(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	n := startServe(t, onDatabase(url)...)
	door := h.another(t, "door")
	execute(t, h, `update users set role = 'screen' where username = 'door'`)
	put := func(sql string) {
		t.Helper()
		execute(t, h, strings.ReplaceAll(sql, "$1", "'"+string(h.restaurant)+"'"))
	}
	put(`insert into orders (restaurant_id, order_number, order_type, customer_name, notes) values
		($1, 41, 'takeaway', 'Zoë Smith', 'ring twice'), ($1, 42, 'delivery', 'Bo', ''), ($1, 43, 'dine_in', 'Cy', '')`)
	browser := chromium.Start(t)
	p := browser.Open(t, n.url+"/pickup/"+string(h.restaurant)+"#token="+door.token(t))
	p.Wait(numbers("cooking") + ` === "41 42"`)
	p.Wait(`location.hash === ""`)
	audit(t, p, "cooking")
	if text := Eval[string](p, `document.body.innerText`); strings.Contains(text, "Zoë") || strings.Contains(text, "twice") || strings.Contains(text, "43") {
		t.Errorf("guests read %s", text)
	}
	put(`update orders set status = 'ready' where restaurant_id = $1 and order_number = 41`)
	p.Wait(numbers("ready") + ` === "41" && ` + numbers("cooking") + ` === "42"`)
	p.Wait(`document.querySelector("section.ready li.fresh") && chimes.join() === "ready" && document.querySelector("#said").innerText.includes("41")`)
	audit(t, p, "ready")
	if px := Eval[float64](p, `parseFloat(getComputedStyle(document.querySelector("section.ready li b")).fontSize)`); px < 90 {
		t.Errorf("a number is %v px high on a television", px)
	}
	put(`update orders set status = 'completed' where restaurant_id = $1 and order_number = 41`)
	p.Wait(numbers("ready") + ` === ""`)

	// Settings arrive, and names where the restaurant wants them: the first word.
	put(`insert into kitchen.settings (restaurant_id, pickup_names, pickup_types) values ($1, true, '{delivery,dine_in}')`)
	p.Wait(numbers("cooking") + ` === "42 43"`)
	p.Wait(`document.querySelector("section.cooking").innerText.includes("Cy")`)

	// Many come page after page, all of them, and nothing is cut off.
	put(`insert into orders (restaurant_id, order_number, order_type) select $1, n, 'dine_in' from generate_series(1001, 1150) n`)
	page := `document.querySelector("section.cooking .page").innerText`
	p.Wait(`/\d of [2-9]/.test(` + page + `)`)
	shown := Eval[string](p, page) // the first, unless the machine was slow
	if cut := Eval[int](p, `[...document.querySelectorAll("section.cooking li")].filter((li) => {
		const a = li.getBoundingClientRect(), b = li.parentElement.getBoundingClientRect();
		return a.bottom > b.bottom + 1 || li.scrollWidth > li.clientWidth + 1 || li.scrollHeight > li.clientHeight + 1;
	}).length`); cut != 0 {
		t.Errorf("%d numbers are cut off", cut)
	}
	p.Wait(fmt.Sprintf(`/\d of/.test(%s) && %[1]s !== %q`, page, shown))
	audit(t, p, "many")

	// Another language, the other way round, by the address of the screen.
	arabic := browser.Open(t, n.url+"/pickup/"+string(h.restaurant)+"?lang=ar&theme=light#token="+door.token(t), Script(Ink))
	arabic.Wait(`document.documentElement.dir === "rtl" && document.querySelector("section.ready h2")?.innerText === "جاهز"`)
	arabic.Wait(`document.querySelector("section.ready").getBoundingClientRect().right < innerWidth / 1.5`)
	arabic.Wait(`document.querySelector("section.cooking .kind") && document.querySelector("section.cooking").innerText.includes("Cy")`)
	if cut := Eval[[]string](arabic, `inkCut()`); len(cut) > 0 {
		t.Errorf("letters are cut below in %q", cut)
	}
	audit(t, arabic, "Arabic and light")
	portrait := browser.Open(t, n.url+"/pickup/"+string(h.restaurant)+"/#token="+door.token(t), Size(1080, 1920))
	portrait.Wait(`document.querySelectorAll("section.cooking li").length > 3`)

	// The node goes away: guests are sent to the counter, and what is known stays to be read.
	n.stop()
	p.Wait(`document.querySelector(".ask:not([hidden])")?.innerText.includes("Please ask at the counter")`)
	p.Wait(`document.querySelectorAll("section.cooking li").length > 3`)
	audit(t, p, "not live")
}

func TestPickupScreenWithoutATokenShowsACode(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	n := startServe(t, onDatabase(url)...)
	p := chromium.Start(t).Open(t, n.url+"/pickup/"+string(h.restaurant)+"#token="+strings.Repeat("x", 20)+".y.z")
	p.Wait(`location.pathname === "/" && ` + shownCode)
	if kept := Eval[string](p, `JSON.stringify(localStorage)`); strings.Contains(kept, "xxx") {
		t.Errorf("a refused token is kept: %s", kept)
	}
}
