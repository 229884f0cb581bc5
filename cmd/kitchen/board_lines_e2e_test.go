package main

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kitchen/db/dbtest"
	. "kitchen/ws/board/boardtest"
)

// stationed gives a restaurant a grill, a bar and a pass, and routes for meat and drinks.
func (s scene) stationed(t *testing.T) {
	t.Helper()
	s.run(t, `
		with s as (insert into kitchen.stations (restaurant_id, name, kind, position)
		           values ($1::text::uuid, 'Grill', 'prep', 1), ($1::text::uuid, 'Bar', 'prep', 2), ($1::text::uuid, 'Pass', 'expo', 3) returning id, name)
		insert into kitchen.routes (restaurant_id, station_id, category)
		select $1::text::uuid, id, case name when 'Grill' then 'meat' else 'drinks' end from s where name <> 'Pass'`)
}

// at opens the board of a station on a device of its own.
func (s scene) at(t *testing.T, station string, options ...Option) *Page {
	t.Helper()
	p := s.browser.Open(t, strings.Replace(s.board(t, s.house), "#", "?station="+station+"#", 1), options...)
	p.Wait(Status + ` === "Live"`)
	return p
}

// dinner is an order: a burger and a steak, two drinks, and ribs as the second course.
func (s scene) dinner(t *testing.T) {
	t.Helper()
	s.run(t, `
		with o as (insert into orders (restaurant_id) values ($1::text::uuid) returning id)
		insert into order_items (restaurant_id, order_id, name, category, course, held, position)
		select $1::text::uuid, o.id, l.name, l.category, l.course, l.course = 2, l.position
		  from o, (values ('Burger', 'meat', 1, 1), ('Steak', 'meat', 1, 2), ('Spritz', 'drinks', 1, 3), ('Ribs', 'meat', 2, 4)) l (name, category, course, position)`)
}

// tick is an expression for the box of a line of a ticket.
func tick(number int, name string) string {
	return `[...(` + Ticket(number) + `?.querySelectorAll("[role=checkbox]") ?? [])].find((b) => b.ariaLabel.includes("` + name + `"))`
}

// reads is an expression that is true where a ticket says something.
func reads(number int, text string) string {
	return Ticket(number) + `?.innerText.replace(/\s+/g, " ").includes("` + text + `")`
}

// An evening with three pages and the real program: by touch at the grill, by keys at the bar, and with the pass in between.
func TestEveningWithGrillBarAndPass(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	s := scene{house: newHouse(t, url, "ana"), served: startServe(t, onDatabase(url)...), url: url, browser: chromium.Start(t)}
	s.stationed(t)
	grill, bar, pass := s.at(t, "Grill"), s.at(t, "Bar"), s.at(t, "Pass")
	s.dinner(t)
	grill.Wait(step(1, "START"))
	bar.Wait(step(1, "START"))
	pass.Wait(reads(1, "Grill: 2 to start; Bar: 1 to start"))
	grill.Wait(reads(1, "Course 2 held") + ` && !` + tick(1, "Ribs") + ` && !` + tick(1, "Spritz"))

	grill.Touch(step(1, "START"))
	s.status(t, 1, "preparing")
	bar.Press("1")
	bar.Press("i")
	bar.Press("x")
	pass.Wait(tick(1, "Spritz") + `?.ariaChecked === "true"`)
	bar.Wait(`!` + Ticket(1))
	pass.Press("1")
	pass.Press("Enter")
	pass.Wait(reads(1, "Grill still cooks: 2"))
	s.status(t, 1, "preparing") // nobody insisted
	grill.Wait(step(1, "READY"))
	grill.Touch(tick(1, "Burger"))
	pass.Wait(tick(1, "Burger") + `?.ariaChecked === "true"`)
	pass.Hold(0, `!`+Ticket(1)+`.matches(".ready")`)
	grill.Touch(step(1, "READY"))
	s.status(t, 1, "ready")
	pass.Wait(Ticket(1) + `.matches(".ready")`)

	// The burger comes back.
	pass.Touch(tick(1, "Burger"))
	pass.Wait(Button(`document.querySelector("dialog[open]")`, "cold"))
	pass.Touch(Button(`document.querySelector("dialog[open]")`, "cold"))
	s.status(t, 1, "preparing")
	grill.Wait(reads(1, "MAKE AGAIN: COLD"))
	grill.Wait(step(1, "START"))
	grill.Touch(tick(1, "Burger"))
	s.status(t, 1, "ready")

	// The second course: SERVE would forget it.
	pass.Wait(Button(Ticket(1), "FIRE course 2"))
	pass.Touch(Button(Ticket(1), "FIRE course 2"))
	s.status(t, 1, "preparing")
	grill.Wait(reads(1, "FIRED") + ` && ` + tick(1, "Ribs"))
	grill.Press("1")
	grill.Press("Enter")
	grill.Wait(step(1, "READY"))
	grill.Press("Enter")
	s.status(t, 1, "ready")
	pass.Wait(Ticket(1) + `.matches(".ready")`)
	pass.Press("Enter")
	s.status(t, 1, "completed")
	pass.Wait(`!` + Ticket(1))

	// The bar's screen is closed in the middle: the other screens show its lines, and they leave when it is back.
	s.dinner(t)
	bar.Wait(Ticket(2))
	grill.Wait(Ticket(2) + ` && !` + tick(2, "Spritz"))
	grill.Touch(Ticket(2) + `.querySelector("header")`)
	closed := time.Now()
	if err := chromedp.Do(bar.Context(), chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	grill.Wait(reads(2, "no screen for Bar") + ` && ` + tick(2, "Spritz"))
	if took := time.Since(closed); took > 15*time.Second {
		t.Errorf("the bar's lines came to the grill after %v, want 15 s at most", took)
	}
	pass.Wait(reads(2, "no screen for Bar"))
	grill.Touch(tick(2, "Spritz"))
	grill.Wait(tick(2, "Spritz") + `?.ariaChecked === "true"`)
	pass.Wait(tick(2, "Spritz") + `?.ariaChecked === "true"`)
	grill.Press("Backspace")
	pass.Wait(tick(2, "Spritz") + `?.ariaChecked === "false"`)
	bar = s.at(t, "Bar")
	bar.Wait(tick(2, "Spritz"))
	grill.Wait(`!` + tick(2, "Spritz"))

	// Another route reaches open tickets at once: the grill is broken.
	s.run(t, `update kitchen.routes set station_id = (select id from kitchen.stations where restaurant_id = $1::text::uuid and name = 'Bar')
		where restaurant_id = $1::text::uuid and category = 'meat'`)
	bar.Wait(tick(2, "Burger") + ` && ` + tick(2, "Steak"))
	grill.Wait(Ticket(2) + `.querySelectorAll("li.item.removed").length === 3`)
	grill.Touch(step(2, "CLEAR"))
	grill.Wait(`!` + Ticket(2))
}
