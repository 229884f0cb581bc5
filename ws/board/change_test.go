package board_test

import (
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

func TestFirstPressOfTouchForSoundMakesSound(t *testing.T) {
	t.Parallel()
	sound := `document.querySelector("[data-act=mute]")`
	for way, press := range map[string]func(*Page){
		"finger": func(p *Page) { p.Tap(sound) },
		"mouse":  func(p *Page) { p.Click(sound) },
		"key":    func(p *Page) { p.Press("m") },
		"Enter": func(p *Page) {
			Eval[any](p, sound+`.focus()`)
			p.Press("Enter")
		},
	} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			p := openLive(t, newKitchen(t))
			p.Wait(sound + `.ariaLabel === "Touch for sound"`)
			press(p)
			p.Wait(sound + `.ariaLabel === "Sound on"`)
			p.Wait(`chimes.join() === "new"`) // as a trial
			p.Hold(300*time.Millisecond, sound+`.ariaLabel === "Sound on"`)
			p.Hold(0, `JSON.parse(localStorage.getItem("kitchen:settings") ?? "{}").sound !== false`)
			if way == "finger" {
				p.Reload()
				p.Wait(Status + ` === "Live"`)
				p.Wait(sound + `.ariaLabel === "Touch for sound"`) // no mute was kept
				p.Tap(`document.querySelector("h1")`)              // any other touch will do as well
				p.Wait(sound + `.ariaLabel === "Sound on"`)
			}
			p.Tap(sound)
			p.Wait(sound + `.ariaLabel === "Sound off"`)
			p.Hold(0, `JSON.parse(localStorage.getItem("kitchen:settings")).sound === false`)
		})
	}
}

func TestModifiersSayWhatTheyDo(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	salad := line(1.5, "Salad", "no pão", "w/o croutons")
	salad.Modifiers = append(salad.Modifiers, kind("allergy", "Nuts"), kind("remove", "Onion"), kind("note", "for the child"), kind("add", "Feta"))
	k.add(order{Number: 5, Items: []item{salad, line(2, "\u200b ")}})
	p := openLive(t, k)
	p.Wait(Ticket(5))
	p.Wait(Ticket(5) + `.ariaLabel.includes("ALLERGY")`)
	rows := Eval[[]string](p, `[...`+Ticket(5)+`.querySelectorAll("li")].map((li) => li.innerText.replace(/\s+/g, " ").trim())`)
	want := []string{
		"ALLERGY Nuts: Salad", "1.5× Salad", "+ no pão", "− W/O CROUTONS", "ALLERGY Nuts", "− NO ONION", "for the child", "+ Feta", "2× ?",
	}
	if strings.Join(rows, "|") != strings.Join(want, "|") {
		t.Errorf("the rows are %q, want %q", rows, want)
	}
	colours := Eval[[]string](p, `[...`+Ticket(5)+`.querySelectorAll("li.allergy > div")].map((d) => getComputedStyle(d).backgroundColor)`)
	if len(colours) != 2 || colours[0] != colours[1] {
		t.Errorf("allergies have the colours %q, want the same colour at the top and at the dish", colours)
	}
	p.Press("a")
	p.Wait(`document.querySelector("aside.allday li span.allergy")?.innerText.includes("ALLERGY Nuts")`)
	p.Wait(`document.querySelector("aside.allday li span.remove")?.innerText.includes("W/O CROUTONS")`)
	audit(t, p, "modifiers")
	p.Press("o")
	p.Wait(Button(`document.querySelector("dialog[open]")`, "العربية"))
	p.Tap(Button(`document.querySelector("dialog[open]")`, "العربية"))
	p.Press("Escape")
	p.Wait(Ticket(5) + `.innerText.includes("بدون ONION")`)
}

func TestChangeIsWhatACookMustActOnAndSaysOldAndNew(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	due := time.Date(2026, 11, 28, 18, 0, 0, 0, time.UTC)
	k.ahead = time.Until(due) - time.Hour
	o := k.add(order{Number: 5, Table: &named{ID: newID(), Label: "7"}, CreatedBy: &named{ID: newID(), Name: "Anna"}, Items: []item{line(2, "Soup"), line(1, "Fish")}})
	p := openLive(t, k)
	p.Wait(Ticket(5))
	banner := Ticket(5) + `?.querySelector("li.changed.banner:not(.turn)")`
	k.change(o, func(o *order) { o.CreatedBy = &named{ID: o.CreatedBy.ID, Name: "Hannah"} })
	p.Wait(Ticket(5) + `.innerText.includes("Hannah")`)
	p.Hold(200*time.Millisecond, `!`+banner+` && chimes.length === 0`)
	k.change(o, func(o *order) { o.Items[0].Quantity = 6 })
	p.Wait(banner)
	p.Wait(Ticket(5) + `.querySelector("li.item .quantity").innerText === "2 → 6×"`)
	k.change(o, func(o *order) {
		o.Table, o.CustomerName, o.Type, o.Priority, o.PromisedAt = &named{ID: newID(), Label: "9"}, "Bob", "takeaway", 1, &due
	})
	p.Wait(Ticket(5) + `.querySelector("li.turn.customer")`)
	turns := Eval[[]string](p, `[...`+Ticket(5)+`.querySelectorAll("li.turn, li.rush")].map((li) => li.innerText.replace(/\s+/g, " ").trim())`)
	want := []string{"Dine in → Takeaway", "Table 7 → Table 9", "Guest: Bob", "Due: 19:00", "RUSH ADDED"}
	if strings.Join(turns, "|") != strings.Join(want, "|") {
		t.Errorf("the ticket says %q, want %q", turns, want)
	}
	p.Wait(`chimes.join() === "changed,changed"`)
	audit(t, p, "changed")
	p.Tap(Ticket(5) + `.querySelector("header")`)
	p.Wait(`!` + banner)
	p.Wait(Ticket(5) + `.querySelector("li.item .quantity").innerText === "6×"`)
}

func TestFoodAddedToAReadyTicketIsToBeCooked(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	o := k.add(order{Number: 5, Status: "ready", Items: []item{line(1, "Soup")}})
	k.add(order{Number: 4, Status: "ready", CreatedAt: k.now().Add(-11 * time.Minute), Items: []item{}})
	p := openLive(t, k)
	p.Wait(Step(5) + ` === "DONE"`)
	p.Wait(Ticket(4) + `.ariaLabel.includes("ready, LATE")`) // nobody has fetched it
	for _, word := range []string{"LATE", "READY"} {
		p.Wait(Ticket(4) + `.querySelector("header").innerText.includes("` + word + `")`)
	}
	p.Press("a")
	p.Wait(`document.querySelector("aside.allday")`)
	k.change(o, func(o *order) { o.Items = append(o.Items, line(2, "Steak")) })
	p.Wait(Step(5) + ` === "START"`)
	p.Wait(`!` + Ticket(5) + `.classList.contains("ready")`)
	p.Wait(`document.querySelector("aside.allday li").innerText.replace(/\s+/g, " ").trim() === "2× Steak"`)
	p.Hold(0, `document.querySelectorAll("aside.allday li").length === 1`)
	p.Wait(`document.querySelector(".counts .pending b").innerText === "1"`)
	p.Tap(Ticket(5) + `.querySelector("header")`) // looking at it does not cook it
	p.Hold(300*time.Millisecond, Step(5)+` === "START" && `+Ticket(5)+`.querySelector("li.added")?.innerText.includes("Steak")`)
	p.Tap(Ticket(5) + `.querySelector("button")`)
	k.until(t, "it is cooking again, on every screen", func() bool { return o.Status == "preparing" })
	p.Wait(Step(5) + ` === "READY"`)
	p.Press("2")
	p.Press("Enter")
	k.until(t, "all of it is ready", func() bool { return o.Status == "ready" })
	p.Wait(Step(5) + ` === "DONE"`)
	p.Wait(Ticket(5) + `.classList.contains("ready") && !` + Ticket(5) + `.querySelector("li.added")`)
}

func TestOrderWrittenInSeveralTransactionsIsHeardOnce(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	p := openLive(t, k)
	o := k.add(order{Number: 5, Items: []item{}})
	k.change(o, func(o *order) { o.Items = []item{line(1, "Soup")} })
	k.change(o, func(o *order) { o.Items = append(o.Items, line(2, "Steak")) })
	p.Wait(Ticket(5) + `?.innerText.includes("Steak")`)
	p.Hold(300*time.Millisecond, Ticket(5)+`.innerText.includes("NEW") && !`+Ticket(5)+`.innerText.includes("CHANGED") && chimes.join() === "new"`)
	// One that comes back is not new.
	k.set(o, "completed")
	p.Wait(`!` + Ticket(5))
	k.set(o, "ready")
	p.Wait(Ticket(5) + `?.innerText.includes("RECALLED")`)
	p.Hold(0, `!`+Ticket(5)+`.classList.contains("fresh") && !`+Ticket(5)+`.innerText.includes("NEW")`)
}
