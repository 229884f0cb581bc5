package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

func boardIsOfOneRestaurant(t *testing.T, s scene) {
	other := newHouse(t, s.url, "the other of "+s.username)
	theirs := other.order(t, "for the neighbours")
	s.order(t, "ours")
	p := s.open(t)
	p.Wait(Ticket(1))
	other.order(t, "for the neighbours")
	s.order(t, "ours, too") // when this one is there, the other one's would have been
	p.Wait(Ticket(2))
	if body := p.Read(`document.body`); strings.Contains(body, "neighbours") {
		t.Errorf("the board shows another restaurant's order:\n%s", body)
	}
	// A screen that knows the id of the other's order can do nothing with it.
	Eval[any](p, fmt.Sprintf(`import("/board/client.js").then(({ KitchenClient }) => new Promise((done) => {
		const token = Object.entries(localStorage).filter(([k]) => k.startsWith("kitchen:token:")).map(([, v]) => JSON.parse(v))[0];
		const client = new KitchenClient({ restaurant: %q, token: () => token });
		client.addEventListener("state", async () => {
			if (client.state.name !== "live") return;
			globalThis.answer = await client.updateStatus(%q, "preparing").catch((e) => e.code);
			client.stop();
			done(0);
		});
		client.start();
	}))`, s.restaurant, theirs))
	if got := Eval[string](p, `answer`); got != "order_not_found" {
		t.Errorf("moving another restaurant's order answers %s", got)
	}
	other.status(t, 1, "pending")
	// Nor does its token open the other's board.
	stranger := s.browser.Open(t, s.served.url+"/kitchen/"+string(other.restaurant)+"#token="+s.token(t))
	stranger.Wait(`document.body.innerText.includes("This token is for another restaurant")`)
	stranger.Wait(Status + `.startsWith("NOT LIVE") && !document.querySelector("article")`)
}

func boardShowsTextAsText(t *testing.T, s scene) {
	const evil = `<img src=x onerror="window.owned=1"><script>window.owned=1</script>`
	s.run(t, `update restaurants set name = $2 where id = $1::text::uuid`, evil)
	s.run(t, `update users set name = $2 where restaurant_id = $1::text::uuid`, evil)
	s.run(t, `
		with t as (insert into tables (restaurant_id, label) values ($1::text::uuid, $2) returning id),
		     m as (insert into menu_items (restaurant_id, name, kitchen_name) values ($1::text::uuid, $2, $2) returning id),
		     x as (insert into modifier_options (restaurant_id, name) values ($1::text::uuid, $2) returning id),
		     u as (select id from users where restaurant_id = $1::text::uuid),
		     o as (insert into orders (restaurant_id, table_id, created_by, customer_name, notes, allergy_note)
		           select $1::text::uuid, t.id, u.id, $2, $2, $2 from t, u returning id),
		     i as (insert into order_items (restaurant_id, order_id, menu_item_id, name, notes)
		           select $1::text::uuid, o.id, m.id, $2, $2 from o, m returning id)
		insert into order_item_modifiers (restaurant_id, order_item_id, modifier_option_id, name)
		select $1::text::uuid, i.id, x.id, $2 from i, x`, evil)
	p := s.open(t)
	p.Wait(Ticket(1))
	if n := strings.Count(strings.ToLower(p.Read(Ticket(1))), "<img src=x onerror="); n < 8 {
		t.Errorf("of 8 texts %d are shown as they are:\n%s", n, p.Read(Ticket(1)))
	}
	p.Press("a")
	p.Wait(`document.querySelector("aside.allday")?.innerText.includes("onerror")`)
	s.run(t, `update orders set notes = notes || $2 where restaurant_id = $1::text::uuid`, evil)
	p.Wait(Ticket(1) + `.innerText.includes("CHANGED")`)
	s.run(t, `update orders set status = 'completed' where restaurant_id = $1::text::uuid`)
	p.Press("r")
	p.Wait(`document.querySelector("dialog[open] .recalls li")?.innerText.includes("onerror")`)
	p.Hold(200*time.Millisecond, `window.owned === undefined && !document.querySelector("img") && document.querySelectorAll("script").length === 1`)
}

func boardReadsArabic(t *testing.T, s scene) {
	const note, dish = "بدون بصل من فضلك", "كبسة دجاج"
	s.run(t, `
		with o as (insert into orders (restaurant_id, notes, customer_name, order_type)
		           values ($1::text::uuid, $2, 'فاطمة', 'delivery') returning id)
		insert into order_items (restaurant_id, order_id, name, notes) select $1::text::uuid, id, $3, $2 from o`, note, dish)
	p := s.open(t)
	p.Wait(Ticket(1))
	if got := Eval[string](p, `getComputedStyle(`+Ticket(1)+`.querySelector("li.note q")).direction`); got != "rtl" {
		t.Errorf("an Arabic note has direction %s on an English board", got)
	}
	if text := p.Read(Ticket(1)); !strings.Contains(text, note) || !strings.Contains(text, dish) || !strings.Contains(text, "فاطمة") {
		t.Errorf("the ticket reads %s", text)
	}
}

func boardShowsLongTickets(t *testing.T, s scene) {
	s.order(t, "a short one first")
	s.run(t, `
		with o as (insert into orders (restaurant_id) values ($1::text::uuid) returning id)
		insert into order_items (restaurant_id, order_id, name, notes, position)
		select $1::text::uuid, o.id, 'Dish-' || to_char(n, 'FM00'), 'as always', n from o, generate_series(1, 20) n`)
	for _, size := range [][2]int64{{1920, 1080}, {1024, 768}} {
		p := s.open(t, Size(size[0], size[1]))
		p.Wait(Ticket(1))
		seen := map[string]bool{}
		for pages := Eval[int](p, `Number(/\d+\/(\d+)/.exec(document.querySelector(".pager")?.innerText ?? "1/1")[1])`); ; pages-- {
			shown := Eval[[]string](p, `[...document.querySelectorAll("article li.item")].filter((li) => {
				const r = li.getBoundingClientRect(), c = li.closest(".columns").getBoundingClientRect();
				return r.top >= c.top - 1 && r.bottom <= c.bottom + 1 && c.bottom <= innerHeight;
			}).map((li) => li.innerText)`)
			for _, text := range shown {
				if i := strings.Index(text, "Dish-"); i >= 0 {
					seen[text[i:i+7]] = true
				}
			}
			if pages <= 1 {
				break
			}
			before := Eval[string](p, `document.querySelector(".pager").innerText`)
			p.Press("PageDown")
			p.Wait(`document.querySelector(".pager").innerText !== ` + fmt.Sprintf("%q", before))
		}
		if len(seen) != 20 {
			t.Errorf("%v: %d of 20 lines can be read: %v", size, len(seen), seen)
		}
	}
}
