package board_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"

	. "kitchen/ws/board/boardtest"
)

// setUp has a kitchen answer the page on which stations are set up: with a document, or with a status and a word.
func (k *kitchen) setUp(status int, answer any) {
	k.do(func() {
		if k.files == nil {
			k.files = map[string]http.HandlerFunc{}
		}
		k.files["look"] = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(answer)
		}
	})
}

type set = map[string]any

// severalStations is what a node answers of a kitchen that is set up, with names as long as people make them.
func severalStations() set {
	long := "Wood-fired oven behind the second door of the cellar"
	return set{
		"name": "Ristorante Pizzeria Da Gino e Figli", "days": 3, "everything": 0,
		"stations": []set{{"id": "g", "name": "Grill", "kind": "prep", "screens": 2}, {"id": "b", "name": "البار", "kind": "prep", "screens": 0},
			{"id": "o", "name": long, "kind": "prep", "screens": 1}, {"id": "p", "name": "Pass", "kind": "expo", "screens": 1}},
		"routes": []set{{"id": "1", "station": "g", "item": nil, "item_name": "", "category": "meat", "order_type": nil},
			{"id": "2", "station": "b", "item": "i", "item_name": "Rindfleischetikettierungsüberwachungssuppe", "category": nil, "order_type": "takeaway"},
			{"id": "3", "station": nil, "item": nil, "item_name": "", "category": "bottles", "order_type": nil}, {"id": "4", "station": "o", "item": nil, "item_name": "", "category": nil, "order_type": nil}},
		"items":      []set{{"id": "i", "name": "Rindfleischetikettierungsüberwachungssuppe", "category": "soups"}},
		"categories": []string{"bottles", "meat", "soups"}, "order_types": []string{"delivery", "dine_in", "takeaway"},
		"unrouted": []set{{"item": "c", "name": "Candle for the tiramisù of a birthday", "category": "", "lines": 4}},
	}
}

func emptyKitchen() set {
	return set{"name": "Da Gino", "days": 3, "everything": 1, "stations": []set{}, "routes": []set{}, "items": []set{}, "categories": []string{}, "order_types": []string{}, "unrouted": []set{}}
}

// narrow lists what is wider than the screen, or too small for a finger, on the page on which stations are set up.
const narrow = `(() => {
	const bad = [...document.querySelectorAll("main *")].filter((e) => { const r = e.getBoundingClientRect(); return r.width > 0 && (r.right > innerWidth + 1 || r.left < -1); })
		.concat([...document.querySelectorAll("main button, main a, main input, main select")].filter((e) => e.getBoundingClientRect().height < 43.5));
	return bad.map((e) => e.tagName + " " + e.textContent.trim().slice(0, 40));
})()`

// setUpStates opens the page in each of its states.
func setUpStates(t *testing.T, look string, see func(p *Page, state string)) {
	k := newKitchen(t)
	p := chromium.Start(t).Open(t, k.URL+"/board/icon.svg", wearing(look))
	for _, s := range []struct {
		state, shown string
		status       int
		answer       any
	}{
		{"setup-empty", `document.querySelector("#name-new")`, 200, emptyKitchen()},
		{"setup", `document.querySelector(".stations")`, 200, severalStations()},
		{"setup-refused", `document.querySelector("textarea")`, 403, set{"error": "not_allowed", "message": "stations are set up by an owner or a manager"}},
		{"setup-no-answer", `document.querySelector(".said.problem")`, 503, set{"error": "unavailable", "message": "try again"}},
	} {
		k.setUp(s.status, s.answer)
		Eval[any](p, `location.assign("`+k.URL+"/kitchen/"+restaurant+"/stations?"+s.state+"#token="+token+`"), 0`)
		p.Wait(`document.documentElement.dataset.theme && ` + s.shown)
		see(p, s.state)
		if s.state == "setup" {
			Eval[any](p, `document.querySelectorAll(".stations li")[2].querySelectorAll("button")[3].click(), 0`)
			p.Wait(`document.querySelector(".danger")`)
			see(p, "setup-delete")
			Eval[any](p, `document.querySelector(".danger").previousElementSibling.click(), document.querySelectorAll(".stations li")[0].querySelectorAll("button")[2].click(), 0`)
			p.Wait(`document.activeElement?.value === "Grill"`) // the keyboard is where somebody writes on
			see(p, "setup-change")
		}
	}
}

func TestPageOfStationsIsAccessibleAndFits(t *testing.T) {
	t.Parallel()
	underLooks(t, []string{light, arabic}, func(t *testing.T, look string) {
		setUpStates(t, look, func(p *Page, state string) {
			audit(t, p, state)
			for _, width := range []int64{1366, 390, 320} {
				p.Resize(width, 800)
				if bad := Eval[[]string](p, narrow); len(bad) > 0 {
					t.Errorf("%s at %d: %q", state, width, bad)
				}
				if *gallery != "" {
					p.Screenshot(filepath.Join(*gallery, state+"-"+Eval[string](p, `document.documentElement.lang + "-" + document.documentElement.dataset.theme + "-" + innerWidth`)+".png"))
				}
			}
		})
	})
}
