package board_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

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
