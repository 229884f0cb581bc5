package board_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	. "kitchen/ws/board/boardtest"
)

func TestPaperSaysAllThatTheScreenSays(t *testing.T) {
	t.Parallel()
	k := newKitchen(t)
	due := k.now().Add(20 * time.Minute)
	k.add(order{
		Number: 1, Table: &named{ID: newID(), Label: "7"}, CustomerName: "Rossi", Priority: 1, PromisedAt: &due, AllergyNote: "peanuts",
		Items: []item{line(2, "Burger", "no onion")},
	})
	salad := line(1, "Salad")
	salad.Modifiers = []modifier{kind("allergy", "Nuts"), kind("remove", "Feta"), kind("note", "for the child")}
	k.add(order{Number: 2, Items: []item{salad}})
	p := openLive(t, k)
	p.Wait(Ticket(2))
	Eval[any](p, `dispatchEvent(new Event("beforeprint"))`)
	paper := Eval[string](p, `document.querySelector("#paper").textContent`)
	for _, want := range []string{"RUSH", "Due ", "Rossi", "to start", "NO ONION", "ALLERGY: peanuts", "Table 7"} {
		if !strings.Contains(paper, want) {
			t.Errorf("paper lacks %q:\n%s", want, paper)
		}
	}
	words := Eval[[]string](p, `[...document.querySelectorAll("#paper section:nth-of-type(2) li")].map((li) => li.textContent.replace(/\s+/g, " ").trim())`)
	want := []string{"⚠ ALLERGY: Nuts: Salad", "1× Salad", "ALLERGY Nuts", "− NO FETA", "for the child"}
	if strings.Join(words, "|") != strings.Join(want, "|") {
		t.Errorf("paper says %q, want %q", words, want)
	}
	if _, err := chromedp.Call(p.Context(), emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	loud := Eval[[]string](p, `[...document.querySelectorAll("#paper li.allergy")].map((li) => getComputedStyle(li).borderTopStyle)`)
	if strings.Join(loud, "|") != "solid|solid|solid" {
		t.Errorf("the allergies on paper have the borders %q, want three frames", loud)
	}
}
