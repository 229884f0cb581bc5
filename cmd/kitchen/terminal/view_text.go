package terminal

import (
	"fmt"
	"slices"
	"strings"

	"kitchen/cmd/kitchen/text"
	"kitchen/db/order"
)

// otherLines summarises the lines of other stations: "Bar: 2 cooking".
func (v *view) otherLines(t *Ticket) string {
	type place struct{ station, word string }
	counts := map[place]int{}
	var places []place
	for i := range t.Items {
		l := &t.Items[i]
		if v.own(l) {
			continue
		}
		for _, at := range l.Stations {
			p := place{v.stationName(at), statusWord(at)}
			if l.Held {
				p.word = "held"
			}
			if counts[p]++; counts[p] == 1 {
				places = append(places, p)
			}
		}
	}
	all := make([]string, len(places))
	for i, p := range places {
		all[i] = fmt.Sprintf("%s: %d %s", p.station, counts[p], p.word)
	}
	return strings.Join(all, ", ")
}

// statusWord is the status of a line at a station, in a cook's words.
func statusWord(at order.LineState) string {
	return map[order.Status]string{order.Pending: "to cook", order.Preparing: "cooking", order.Ready: "ready"}[at.Status]
}

// stationName is the name of the station of a part of a line.
func (v *view) stationName(at order.LineState) string {
	if at.Station != nil {
		if s, known := v.station(*at.Station); known {
			return text.Clean(s.Name)
		}
	}
	return "no station"
}

// lineChanges lists the lines of a ticket whose status at a station changed: "Bar: 2x Espresso ready".
func (v *view) lineChanges(before, now *Ticket) string {
	type place struct{ line, station string }
	was := map[place]order.LineState{}
	for _, l := range before.Items {
		for _, at := range l.Stations {
			was[place{l.ID, v.stationName(at)}] = at
		}
	}
	var all []string
	for _, l := range now.Items {
		for _, at := range l.Stations {
			old, known := was[place{l.ID, v.stationName(at)}]
			if known && old.Status == at.Status && old.Changed == at.Changed {
				continue
			}
			word := statusWord(at)
			if at.Changed {
				word += " CHANGED"
			}
			all = append(all, v.stationName(at)+": "+text.Clean(l.Quantity.String())+"x "+text.Clean(l.MenuItem.Name)+" "+word)
		}
	}
	return strings.Join(all, ", ")
}

// unshownStations names the stations that cook and that no screen shows.
func (v *view) unshownStations() (names []string) {
	for _, s := range v.stations {
		if s.Kind != "expo" && v.unshown(s.ID) {
			names = append(names, text.Clean(s.Name))
		}
	}
	return names
}

// shownNames lists the names of the stations that the screen shows; empty: everything.
func (v *view) shownNames() string {
	var names []string
	for _, s := range v.stations {
		if slices.Contains(v.shown, s.ID) {
			names = append(names, text.Clean(s.Name))
		}
	}
	return strings.Join(names, ", ")
}

// lineState is the tick of a line at the stations of this screen, with notes where no screen shows a station.
func (v *view) lineState(l *line) string {
	ready, begun, changed := true, false, false
	var notes []string
	for _, at := range v.stationsHere(l) {
		ready, begun, changed = ready && at.Status == order.Ready, begun || at.Status != order.Pending, changed || at.Changed
		if at.Station == nil {
			notes = append(notes, "no station")
		} else if s, known := v.station(*at.Station); !known {
			notes = append(notes, "no station")
		} else if v.unshown(s.ID) {
			notes = append(notes, "no screen for "+text.Clean(s.Name))
		} else if len(v.shown) != 1 {
			notes = append(notes, text.Clean(s.Name))
		}
	}
	tick := "[ ]"
	switch {
	case ready:
		tick = "[x]"
	case begun:
		tick = "[~]"
	}
	if changed {
		tick += " CHANGED"
	}
	if len(notes) > 0 {
		tick += " " + strings.Join(notes, ", ") + ":"
	}
	return tick
}

// stillCooking names the stations that still cook for a ticket.
func (v *view) stillCooking(t *Ticket) string {
	var names []string
	for i := range t.Items {
		for _, at := range t.Items[i].Stations {
			if at.Status == order.Ready || t.Items[i].Held {
				continue
			}
			if name := v.stationName(at); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, ", ")
}
