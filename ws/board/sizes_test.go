package board_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

// boxes is a script that lists faults of the layout: what is outside the screen, cut, broken over lines, or on top of something else.
const boxes = `globalThis.boxes = () => {
	const faults = [], say = (what, e) => faults.push(what + ": " + (e.getAttribute("class") || e.tagName) + " \"" + e.textContent.trim().replace(/\s+/g, " ").slice(0, 40) + "\"");
	const shown = (e) => e.getClientRects().length > 0 && !e.closest("svg *") && [e, e.parentElement].every((x) => getComputedStyle(x).clipPath === "none");
	const inside = (e, box, what) => {
		const r = e.getBoundingClientRect();
		if (r.left < box.left - 1 || r.right > box.right + 1 || r.top < box.top - 1 || r.bottom > box.bottom + 1) say(what, e);
	};
	const screen = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
	const all = (css) => [...document.querySelectorAll(css)].filter(shown);
	// How many lines the text of an element takes.
	const lines = (e) => {
		const tops = new Set(), texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), r = document.createRange();
		while (texts.nextNode()) if (texts.currentNode.data.trim()) {
			r.selectNodeContents(texts.currentNode);
			for (const x of r.getClientRects()) if (x.width > 0) tops.add(Math.round(x.top));
		}
		return tops.size;
	};
	if (document.documentElement.scrollWidth > innerWidth) faults.push("the page is wider than the screen: " + document.documentElement.scrollWidth);
	for (const e of all(".bar, .bar *, .ticket, .ticket > header, .ticket footer, .ticket button, #notices p")) inside(e, screen, "outside the screen");
	for (const e of all("[role=status], .bar button, .pager > span, .ticket button, .clock"))
		if (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1) say("cut", e);
	for (const e of all(".bar > *")) for (const f of all(".bar > *")) {
		if (e === f || e.contains(f) || f.contains(e)) continue;
		const a = e.getBoundingClientRect(), b = f.getBoundingClientRect();
		if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) say("on " + f.className, e);
	}
	for (const e of all(".ticket .number, .ticket time, .ticket .words > *, .ticket .key")) {
		inside(e, e.closest("header").getBoundingClientRect(), "cut by its header");
		if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline") say("cut", e);
		if (lines(e) > 1) say("broken", e);
		for (const f of e.closest("header").querySelectorAll(".number, time, .words > *")) {
			const a = e.getBoundingClientRect(), b = f.getBoundingClientRect();
			if (!e.contains(f) && !f.contains(e) && shown(f) && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) say("on " + f.textContent, e);
		}
	}
	for (const t of all(".ticket.fresh, .ticket.edited, .ticket.fired")) { // which have a frame within their border
		const r = t.getBoundingClientRect(), w = t.clientLeft + (parseFloat(getComputedStyle(t, "::after").borderTopWidth) || 0);
		for (const e of t.querySelectorAll(".number, time, .words > *, .key, button, .rows li span")) {
			const air = e.matches(".number, time") ? 0.05 * parseFloat(getComputedStyle(e).fontSize) : 0; // digits begin at least so far below the top of their line
			const free = { left: r.left + w, top: r.top + w - air, right: r.right - w, bottom: r.bottom - w };
			if (shown(e)) inside(e, free, "under the frame");
		}
	}
	for (const s of all(".strip")) {
		inside(s, screen, "outside the screen");
		const down = getComputedStyle(s).flexDirection === "column";
		if (down ? s.scrollWidth > s.clientWidth + 1 : s.scrollHeight > s.clientHeight + 1) say("cut", s);
		if (s.getBoundingClientRect().bottom < innerHeight - 1) say("leaves room below it", s);
	}
	for (const e of all(".strip article")) {
		const r = e.getBoundingClientRect();
		if (r.width < 63.5 || r.height < 63.5) say("too small for a finger, " + r.width + "x" + r.height, e);
		if (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1) say("cut", e);
	}
	for (const e of all(".ticket .kind > *")) { // a word that has no room is not there at all
		const r = e.getBoundingClientRect(), k = e.parentElement.getBoundingClientRect();
		if (r.top < k.bottom - 2 && (r.right > k.right + 1 || r.left < k.left - 1)) say("a part of a word", e);
	}
	for (const e of all(".ticket .where")) if (e.textContent.trim() && e.getBoundingClientRect().width < 24) say("squeezed", e);
	for (const e of all(".ticket .quantity")) if (lines(e) > 1) say("broken", e);
	for (const e of all(".ticket .rows > li:last-child")) inside(e, e.closest(".columns").getBoundingClientRect(), "a row is cut");
	for (const e of all(".ticket .rows li *")) { const r = e.getBoundingClientRect(), l = e.closest("ul").getBoundingClientRect(); if (r.right > l.right + 1 || r.left < l.left - 1) say("wider than its ticket", e); }
	for (const n of all("#notices p")) for (const h of all(".ticket > header, .bar")) {
		const a = n.getBoundingClientRect(), b = h.getBoundingClientRect();
		if (a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1) say("a notice covers", h);
	}
	return [...new Set(faults)].slice(0, 6);
};
globalThis.choose = (name, value) => {
	const b = Object.assign(document.createElement("button"), { type: "button" });
	Object.assign(b.dataset, { act: "set", name, value });
	document.body.append(b); b.click(); b.remove();
};
// The page answers what was pressed before it is looked at, and its clock stops meanwhile: a notice is shown for some seconds alone.
globalThis.noticed = async () => {
	const start = stopClock();
	document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "b", code: "KeyB", bubbles: true }));
	for (let i = 0; i < 300 && !document.querySelector("#notices p"); i++) await drawn();
	const found = document.querySelector("#notices p") ? boxes() : ["no notice is shown"];
	start();
	return found;
};
globalThis.drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));`

// awkward is an order whose every text is as long as tills make them.
func awkward(k *kitchen, i int) order {
	due := k.now().Add(70 * time.Minute)
	o := order{
		Number: 123456 + i, Type: "takeaway", CustomerName: "Wolfeschlegelsteinhausenbergerdorff", CreatedAt: k.now().Add(-time.Duration(250-i) * 80 * time.Second),
		Items: []item{
			line(2, "Slow-cooked shoulder of lamb with rosemary potatoes and mint sauce", "no mint sauce", "extra rosemary potatoes from the oven, well done"),
			line(12, "Rindfleischetikettierungsüberwachungssuppe"), line(1, "Fries"),
		},
	}
	o.Items[0].Modifiers[1].Quantity = 2
	o.CreatedBy = &named{ID: newID(), Name: "Giuseppina"}
	switch i % 4 {
	case 1:
		o.Table, o.Type, o.Status = &named{ID: newID(), Label: "Terrace 14"}, "dine_in", "preparing"
	case 2:
		o.AllergyNote, o.PromisedAt, o.CreatedAt = "peanuts and sesame", &due, o.CreatedAt.Add(time.Second)
	case 3:
		o.Status, o.Priority = "ready", 1
	}
	return o
}

var onlySize = flag.String("only-size", "", "")

var everySize = flag.Bool("every-size", false, "try every size of a screen with every number of tickets")

func TestEverythingFitsOnEveryScreen(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	k.name = "Ristorante Pizzeria Da Gino e Figli dal 1962 alla Stazione Centrale"
	p := openLive(t, k, Script(boxes), Script(Ink))
	// Each size is looked at with a notice on the screen: a step without a selected ticket is answered by one.
	look := func(font, lang, text, ready, what string) {
		t.Helper()
		found := Eval[[]string](p, fmt.Sprintf(`(document.body.style.fontFamily = %q, choose("lang", %q), choose("size", %q), choose("readyPlace", %q), drawn().then(noticed).then((found) => [...found, ...inkCut().map((text) => "cut below: " + text)]))`, font, lang, text, ready))
		if len(found) > 0 {
			t.Errorf("%s:\n\t%s", what, strings.Join(found, "\n\t"))
		}
	}
	sizes := [][2]int64{
		{320, 568}, {568, 320}, {390, 844}, {600, 1024}, {720, 1280}, {768, 1024}, {800, 480}, {960, 540}, {683, 384}, {1024, 768}, {1080, 1920},
		{1280, 800}, {1366, 768}, {1440, 2560}, {1920, 1080}, {2560, 1440}, {2160, 3840}, {3840, 2160},
	}
	fonts := []string{"", "DejaVu Sans", "URW Bookman, DejaVu Serif"}
	added := 0
	for _, tickets := range []int{1, 8, 62, 250} {
		var more []order
		for ; added < tickets; added++ {
			more = append(more, awkward(k, added))
		}
		k.addAll(more...)
		p.Wait(fmt.Sprintf(`document.title.startsWith("%d ")`, tickets))
		for i, size := range sizes {
			if *onlySize != "" && *onlySize != fmt.Sprintf("%dx%d", size[0], size[1]) {
				continue
			}
			every := 4 // so many tickets take long to draw, and fill every page alike
			if tickets == 250 {
				every = 9
			}
			if !*everySize && i%every != tickets%5%4 && !(tickets == 8 && size[0] == 1920) {
				continue
			}
			p.Resize(size[0], size[1])
			n := i + tickets
			lang, font, text := []string{"en", "ar"}[n/3%2], fonts[n%3], []string{"m", "l", "s"}[n/2%3]
			ready := []string{"wall", "strip"}[n/4%2]
			look(font, lang, text, ready, fmt.Sprintf("%d tickets at %dx%d, %s, text %s, font %q, ready in the %s", tickets, size[0], size[1], lang, text, font, ready))
		}
	}
	k.wire.set(refuse)
	k.wire.cut()
	p.Wait(`document.body.classList.contains("notlive")`)
	for i, size := range sizes {
		if !*everySize && i%6 != 0 {
			continue
		}
		p.Resize(size[0], size[1])
		look(fonts[i%3], []string{"en", "ar"}[i%2], "m", "strip", fmt.Sprintf("not live at %dx%d", size[0], size[1]))
	}
}
