package board_test

import (
	"flag"
	"path/filepath"
	"testing"
	"time"

	"kitchen/ws/board/boardtest"
)

var screenshots = flag.String("screenshots", "", "a folder to put screenshots of the board into")

// TestScreenshots draws the board as it looks in a rush, empty, cut off, small, from right to left and dark. With
// -screenshots=<folder> the pictures are kept, to be looked at.
func TestScreenshots(t *testing.T) {
	dir := *screenshots
	if dir == "" {
		dir = t.TempDir()
	} else {
		defer func() {
			pictures, _ := filepath.Glob(filepath.Join(dir, "*.png"))
			for _, picture := range pictures {
				shrink(t, picture)
			}
		}()
	}
	b := chromium.Start(t)
	file := func(name string) string { return filepath.Join(dir, name+".png") }
	theme := func(v string) boardtest.Option {
		return boardtest.Script(`localStorage.getItem("kitchen:settings") ?? localStorage.setItem("kitchen:settings", '` + v + `')`)
	}
	ready := func(p *boardtest.Page) {
		p.Wait(boardtest.Status + ` === "Live"`)
		p.Press("Escape") // a gesture, so that the sound is unlocked
		p.Wait(`document.fonts.status === "loaded"`)
	}

	k := newKitchen(t)
	orders := rush(k, 9)
	p := b.Open(t, k.address(), theme(`{"theme":"dark"}`))
	ready(p)
	k.change(orders[7], func(o *order) { o.Items = append(o.Items, line(1, "Espresso")) })
	k.set(orders[8], "cancelled")
	fresh := k.add(order{Number: 110, Type: "takeaway", CustomerName: "Kowalska", Items: []item{line(2, "Margherita"), line(1, "Marinara", "no garlic")}})
	p.Wait(boardtest.Ticket(fresh.Number))
	p.Press("3")
	p.Wait(boardtest.Ticket(103) + `.ariaCurrent === "true"`)
	p.Screenshot(file("rush-dark"))
	p.Press("a")
	p.Wait(`document.querySelector("aside.allday")`)
	p.Screenshot(file("allday"))
	p.Press("a")
	p.Press("r")
	p.Wait(`document.querySelector("dialog[open] .recalls")`)
	p.Screenshot(file("recall"))
	p.Press("Escape")
	p.Press("o")
	p.Wait(`document.querySelector("dialog[open] .settings")`)
	p.Screenshot(file("settings"))
	p.Press("Escape")
	p.Wait(`!document.querySelector("dialog[open]")`)
	k.wire.set(refuse)
	k.wire.cut()
	p.Wait(`/^NOT LIVE \d*:(0[3-9]|[1-9])/.test(` + boardtest.Status + `)`)
	p.Screenshot(file("not-live"))
	k.wire.set(normal)

	light := b.Open(t, k.address(), theme(`{"theme":"light"}`))
	ready(light)
	light.Screenshot(file("rush-light"))
	small := b.Open(t, k.address(), boardtest.Size(1024, 768), theme(`{"theme":"dark"}`))
	ready(small)
	small.Screenshot(file("small-1024x768"))
	rtl := b.Open(t, k.address(), theme(`{"theme":"dark","lang":"ar"}`))
	rtl.Wait(`document.documentElement.dir === "rtl" && document.querySelector("article")`)
	arabic := k.add(order{Number: 111, Type: "delivery", CustomerName: "فاطمة", Notes: "بدون بصل من فضلك، الباب الأخضر", AllergyNote: "فول سوداني",
		Items: []item{line(2, "كبسة دجاج", "بدون فلفل"), line(1, "Hummus", "extra طحينة")}})
	rtl.Wait(boardtest.Ticket(arabic.Number))
	rtl.Screenshot(file("right-to-left"))

	empty := newKitchen(t)
	e := b.Open(t, empty.address(), theme(`{"theme":"dark"}`))
	ready(e)
	e.Screenshot(file("empty"))

	full := newKitchen(t)
	rush(full, 26)
	long := order{Number: 140, Table: &named{ID: newID(), Label: "Function room"}, CreatedAt: full.now().Add(-30 * time.Minute)}
	for _, name := range []string{"Antipasto", "Bruschetta", "Caprese", "Carbonara", "Amatriciana", "Lasagne", "Gnocchi", "Risotto", "Osso buco",
		"Saltimbocca", "Scaloppine", "Branzino", "Orata", "Insalata", "Patate", "Tiramisù", "Cannoli", "Gelato", "Espresso", "Grappa"} {
		long.Items = append(long.Items, line(2, name, "no salt"))
	}
	full.add(long)
	f := b.Open(t, full.address(), theme(`{"theme":"dark"}`))
	ready(f)
	f.Screenshot(file("long-ticket"))
	home := b.Open(t, full.URL+"/", theme(`{"theme":"dark"}`))
	home.Wait(`document.querySelector("form")`)
	home.Screenshot(file("getting-in"))
}
