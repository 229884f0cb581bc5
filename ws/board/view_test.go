package board_test

import (
	"slices"
	"strings"
	"testing"

	. "kitchen/ws/board/boardtest"
)

// showing is the button in the bar that says what the screen shows.
const showing = `document.querySelector(".showing bdi")?.textContent`

// ofStation opens a board by a station's name.
func ofStation(t *testing.T, k *kitchen, name string, options ...Option) *Page {
	t.Helper()
	p := chromium.Start(t).Open(t, strings.Replace(k.address(), "#", "?station="+name+"#", 1), options...)
	p.Wait(Status + ` === "Live"`)
	return p
}

// open is an expression for whether the tickets on a page are these, the oldest first.
func open(numbers ...string) string {
	return `[...document.querySelectorAll("#wall article")].map((a) => a.getAttribute("aria-label").match(/^#\d+/)[0]).join(" ") === "` + strings.Join(numbers, " ") + `"`
}

// stationsKitchen has an order for the grill, one for the bar, one for both and one for nobody.
func stationsKitchen(t *testing.T) *kitchen {
	k := newKitchen(t).withStations(grillStation, barStation, passStation)
	k.add(order{Number: 1, Items: []item{line(2, "Steak").cookedAt(grillStation)}})
	k.add(order{Number: 2, Items: []item{line(1, "Spritz").cookedAt(barStation)}})
	k.add(order{Number: 3, Items: []item{line(1, "Burger").cookedAt(grillStation), line(3, "Beer").cookedAt(barStation)}})
	k.add(order{Number: 4, Items: []item{line(1, "Candle").cookedAt()}})
	return k
}

func TestScreenShowsTheStationsOfItsAddress(t *testing.T) {
	t.Parallel()
	k := stationsKitchen(t)
	k.screensElsewhere(station{})
	p := ofStation(t, k, "gRILL")
	p.Wait(showing + ` === "Grill" && ` + open("#1", "#3", "#4"))
	k.until(t, "the board has said what it shows", func() bool { return slices.Equal(k.shown()[0], []string{"Grill"}) })

	// Renamed, the screen follows; deleted, it shows everything and says so; neither ever shows nothing.
	renamed := grillStation
	renamed.Name = "Barbecue"
	k.setStations(renamed, barStation, passStation)
	p.Wait(showing + ` === "Barbecue" && location.search === "?station=Barbecue"`)
	k.setStations(barStation, passStation)
	p.Wait(showing + ` === "Everything" && ` + open("#1", "#2", "#3", "#4") + ` && document.querySelector("#notices").textContent.includes("no station “Barbecue”")`)

	both := ofStation(t, k, "bar&station=PASS")
	both.Wait(showing + ` === "Bar + Pass" && ` + open("#1", "#2", "#3", "#4"))
}

func TestScreenOfAnUnknownStationShowsEverythingAndSaysSo(t *testing.T) {
	t.Parallel()
	k := stationsKitchen(t)
	p := ofStation(t, k, "Fryer")
	p.Wait(showing + ` === "Everything" && ` + open("#1", "#2", "#3", "#4"))
	p.Wait(`document.querySelector("#notices").textContent.includes("no station “Fryer”: this screen shows Everything")`)
	p.Click(`document.querySelector("[data-act=view]")`)
	p.Wait(`document.querySelector("#panel[open] [data-act=show-all]")`)
	p.Click(`document.querySelector("[data-act=show-all]")`)
	p.Wait(`!document.querySelector("#notices").textContent.includes("Fryer") && location.search === ""`)
}

func TestScreenKeepsWhatSomebodyChose(t *testing.T) {
	t.Parallel()
	k := stationsKitchen(t)
	k.screensElsewhere(station{})
	p := openLive(t, k, Size(1366, 768))
	p.Wait(showing + ` === "Everything"`)
	p.Click(`document.querySelector("[data-act=view]")`)
	p.Wait(`document.querySelector("#panel[open] .views")`)
	p.Click(`document.querySelector("[data-act=show-station][data-id=\"` + barStation.ID + `\"]")`)
	p.Wait(showing + ` === "Bar" && ` + open("#2", "#3", "#4"))
	p.Click(`document.querySelector("[data-act=show-station][data-id=\"` + grillStation.ID + `\"]")`)
	p.Wait(showing + ` === "Grill + Bar" && location.search === "?station=Grill&station=Bar"`)
	if chimes := Eval[string](p, `chimes.join()`); chimes != "" {
		t.Errorf("a choice rang %q", chimes)
	}
	p.Press("Escape")
	Eval[any](p, `location.assign("`+k.URL+"/kitchen/"+restaurant+`"), 0`)
	p.Wait(showing + ` === "Grill + Bar"`)
	Eval[any](p, `location.assign("`+k.URL+"/kitchen/"+restaurant+"?station=Pass"+`"), 0`)
	p.Wait(showing + ` === "Pass"`)
}

func TestLinesOfAStationWithoutAScreenAreOnEveryScreen(t *testing.T) {
	t.Parallel()
	k := stationsKitchen(t)
	k.screensElsewhere(grillStation, barStation, passStation)
	p := ofStation(t, k, "Grill")
	p.Wait(open("#1", "#3", "#4"))
	noScreen := `document.querySelector(".showing small")?.textContent`
	k.screensElsewhere(grillStation, passStation)
	p.Wait(open("#1", "#2", "#3", "#4") + ` && ` + noScreen + ` === "no screen for Bar"`)
	p.Wait(`chimes.join() === "new"`)
	k.screensElsewhere(barStation)
	p.Wait(open("#1", "#3", "#4") + ` && ` + noScreen + ` === undefined`)

	// Orders of other stations are neither shown nor sound; new orders of this station are and do.
	k.add(order{Number: 5, Items: []item{line(1, "Negroni").cookedAt(barStation)}})
	k.add(order{Number: 6, Items: []item{line(1, "Ribs").cookedAt(grillStation)}})
	p.Wait(open("#1", "#3", "#4", "#6") + ` && chimes.join() === "new,new"`)
}

// Where no screen shows whole orders, what is ready everywhere stays at the stations that cooked it, and is served there.
func TestReadyOrderWithoutAPassIsServedAtItsStation(t *testing.T) {
	t.Parallel()
	k := newKitchen(t).withStations(grillStation, barStation, passStation)
	k.add(order{Number: 1, Status: "ready", Items: []item{line(2, "Steak").cookedAt(grillStation).ready()}})
	k.add(order{Number: 2, Status: "ready", Items: []item{line(1, "Spritz").cookedAt(barStation).ready()}})
	k.add(order{Number: 3, Status: "preparing", Items: []item{line(1, "Burger").cookedAt(grillStation).ready(), line(3, "Beer").cookedAt(barStation)}})
	k.screensElsewhere(grillStation, barStation, passStation)
	p := ofStation(t, k, "Grill")
	p.Wait(`document.querySelector(".empty")`)
	k.screensElsewhere(grillStation, barStation)
	p.Wait(Ticket(1) + ` && !` + Ticket(2) + ` && !` + Ticket(3) + ` && ` + notices + `.includes("No screen shows the pass")`)
	p.Tap(Button(Ticket(1), "SERVE"))
	k.until(t, "it is served", func() bool { return k.orders[0].Status == "completed" })
	p.Wait(`!` + notices + `.includes("No screen shows the pass")`)
}
