package board_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	. "kitchen/ws/board/boardtest"
)

var (
	screenshots = flag.String("screenshots", "", "a folder to put the documents' screenshots of the board into")
	gallery     = flag.String("gallery", "", "a folder to put a screenshot of every state at every size, in both languages, into, to be looked at")
)

// gallerySizes are those at which every state is looked at; the first is that of a wall.
var gallerySizes = [][2]int64{{1920, 1080}, {1366, 768}, {1024, 768}, {768, 1024}, {390, 844}}

// documented are the screenshots of the documents, by state, language and size.
var documented = map[string]string{
	"rush-en-1920x1080": "rush-dark", "not-live-en-1920x1080": "not-live", "strip-en-1366x768": "strip-1366x768", "rush-en-1024x768": "rush-1024x768",
	"rush-en-768x1024": "rush-768x1024", "rush-en-390x844": "rush-390x844", "rush-ar-1366x768": "rush-ar-1366x768",
	"station-en-1920x1080": "station", "pass-en-1920x1080": "pass",
}

// TestScreenshots brings the board into every state that a kitchen sees. It takes a picture where somebody wants to look at it.
func TestScreenshots(t *testing.T) {
	t.Parallel()
	langs := []string{"en"}
	if *gallery != "" || *screenshots != "" {
		langs = append(langs, "ar")
	}
	for _, lang := range langs {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			g := album{t: t, lang: lang}
			g.lightEvening()
			g.rush()
			g.strip()
			g.due()
			g.lines()
			g.empty()
			g.views()
			g.largeEvening()
		})
	}
}

// album takes the pictures of one language.
type album struct {
	t    *testing.T
	lang string
}

// open opens a board, with a gesture, so that sound is unlocked.
func (g album) open(k *kitchen, more string) *Page { return g.openWith(k, k.address(), more) }

// openWith opens it at an address.
func (g album) openWith(k *kitchen, address, more string) *Page {
	p := chromium.Start(g.t).Open(g.t, address, wearing(`{"theme":"dark","lang":"`+g.lang+`"`+more+`}`), Script(boxes))
	p.Wait(`document.querySelector("[role=status].live") && document.fonts.status === "loaded"`)
	p.Press("Escape")
	return p
}

// take takes pictures of what is on the page, at every size.
func (g album) take(p *Page, state string) {
	g.t.Helper()
	if *gallery == "" && *screenshots == "" {
		return
	}
	for _, size := range gallerySizes {
		name := fmt.Sprintf("%s-%s-%dx%d", state, g.lang, size[0], size[1])
		title, wanted := documented[name]
		wanted = wanted && *screenshots != ""
		if *gallery == "" && !wanted {
			continue
		}
		p.Resize(size[0], size[1])
		Eval[any](p, `drawn().then(drawn).then(() => 0)`)
		if *gallery != "" {
			p.Screenshot(filepath.Join(*gallery, name+".png"))
			continue
		}
		file := filepath.Join(*screenshots, title+".png")
		p.Screenshot(file)
		shrink(g.t, file)
	}
	p.Resize(gallerySizes[0][0], gallerySizes[0][1])
}

const openDialog = `document.querySelector("dialog[open]")`

func (g album) lightEvening() {
	k := newKitchen(g.t)
	due := k.now().Add(14 * time.Minute)
	rush(k, 3)
	k.add(order{Number: 104, Type: "takeaway", CustomerName: "Kowalska", PromisedAt: &due, Items: []item{line(2, "Margherita"), line(1, "Marinara", "no garlic")}})
	p := g.open(k, "")
	p.Wait(Ticket(104))
	g.take(p, "light-evening")
}

// rush is two pages of tickets, some of them changed and cancelled, with every dialog, and then cut off.
func (g album) rush() {
	k := newKitchen(g.t)
	orders := rush(k, 14)
	p := g.open(k, "")
	p.Wait(Ticket(101))
	k.do(func() { k.by = "till-3" })
	k.change(orders[7], func(o *order) {
		o.Items, o.Table = append(o.Items, line(1, "Espresso")), &named{ID: newID(), Label: "9"}
	})
	k.change(orders[4], func(o *order) { o.Items[0].Quantity = 6 })
	k.set(orders[8], "cancelled")
	k.do(func() { k.by = "" })
	k.add(order{Number: 124, Type: "delivery", CustomerName: "فاطمة", AllergyNote: "فول سوداني", Items: []item{line(2, "كبسة دجاج", "بدون فلفل"), line(1, "Hummus")}})
	p.Wait(`document.querySelector(".elsewhere")?.textContent.includes("1 ")`) // the last change, on page two
	p.Press("3")
	p.Wait(Ticket(103) + `.ariaCurrent === "true"`)
	p.Wait(`boxes().length === 0`) // a moment after the key, tickets that grew have their room
	g.take(p, "rush")
	p.Press("a")
	p.Wait(`document.querySelector("aside.allday")`)
	g.take(p, "allday")
	p.Press("a")
	for _, dialog := range []struct{ state, key, content string }{
		{"recall", "r", ".recalls li"}, {"settings", "o", ".settings"}, {"keys", "?", ".keys"}, {"find", "n", ".keypad"},
	} {
		p.Press(dialog.key)
		p.Wait(openDialog + `?.querySelector("` + dialog.content + `")`)
		if dialog.state == "find" {
			p.Press("1")
			p.Wait(openDialog + `.querySelector(".found button")`)
		}
		g.take(p, dialog.state)
		p.Press("Escape")
		p.Wait(`!` + openDialog)
	}
	k.wire.set(refuse)
	k.wire.cut()
	p.Wait(`document.body.classList.contains("notlive")`)
	g.take(p, "not-live")
}

func (g album) strip() {
	k := newKitchen(g.t)
	orders := rush(k, 12)
	k.set(orders[1], "ready")
	k.set(orders[3], "ready")
	soon, tomorrow := k.now().Add(2*time.Hour), k.now().Add(20*time.Hour)
	k.add(order{Number: 130, Type: "takeaway", CustomerName: "Wedding Bianchi", PromisedAt: &tomorrow, Items: []item{line(20, "Lasagne"), line(20, "Tiramisù")}})
	k.add(order{Number: 131, Type: "delivery", CustomerName: "Nguyen", PromisedAt: &soon})
	p := g.open(k, `,"readyPlace":"strip"`)
	p.Wait(Ticket(130))
	g.take(p, "strip")
	p.Tap(Ticket(130) + `.querySelector("p")`)
	p.Wait(openDialog + `?.querySelector(".opened")`)
	g.take(p, "opened")
	p.Press("Escape")
	Eval[any](p, `dispatchEvent(new Event("beforeprint"))`)
	if _, err := chromedp.Call(p.Context(), emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		g.t.Fatal(err)
	}
	g.take(p, "paper")
}

func (g album) due() {
	k := newKitchen(g.t)
	soon, over, long := k.now().Add(14*time.Minute), k.now().Add(-3*time.Minute), k.now().Add(-80*time.Minute)
	k.add(order{Number: 141, Type: "takeaway", CustomerName: "Kowalska", PromisedAt: &over})
	k.add(order{Number: 142, Type: "delivery", CustomerName: "Nguyen", PromisedAt: &soon, AllergyNote: "peanuts"})
	k.add(order{Number: 143, Type: "delivery", CustomerName: "O'Hara", PromisedAt: &long, CreatedAt: k.now().Add(-3 * time.Hour)})
	p := g.open(k, "")
	p.Wait(Ticket(143))
	g.take(p, "due")
}

// empty takes the pages without orders, and those without a token.
func (g album) empty() {
	k := newKitchen(g.t)
	g.take(g.open(k, ""), "empty")
	look := wearing(`{"theme":"dark","lang":"` + g.lang + `"}`)
	for state, address := range map[string]string{"no-token": "/kitchen/" + restaurant, "getting-in": "/"} {
		p := chromium.Start(g.t).Open(g.t, k.URL+address, look, Script(boxes))
		p.Wait(`document.querySelector("form")`)
		g.take(p, state)
	}
	rush(k, 9)
	p := g.open(k, "")
	k.end(token, "expired: get a new one")
	p.Wait(`document.querySelector("#overlay form")`)
	g.take(p, "expired")
}
