package terminal

import (
	"fmt"
	"slices"
	"strings"

	"kitchen/cmd/kitchen/text"
	"kitchen/db"
	"kitchen/db/order"
)

// elsewhere says where the lines of others stand: "Bar: 2 cooking".
func (v *view) elsewhere(t *Ticket) string {
	type place struct{ station, word string }
	counts := map[place]int{}
	var places []place
	for i := range t.Items {
		l := &t.Items[i]
		if v.own(l) {
			continue
		}
		for _, at := range l.Stations {
			p := place{v.nameOf(at), wordOf(at)}
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

// wordOf says how a line stands at a station.
func wordOf(at order.At) string {
	return map[db.Status]string{db.Pending: "to cook", db.Preparing: "cooking", db.Ready: "ready"}[at.Status]
}

// nameOf names the station at which a line stands.
func (v *view) nameOf(at order.At) string {
	if at.Station != nil {
		if s, known := v.station(*at.Station); known {
			return text.Clean(s.Name)
		}
	}
	return "no station"
}

// moved says which lines of a ticket stand elsewhere than before: "Bar: 2x Espresso ready".
func (v *view) moved(before, now *Ticket) string {
	type place struct{ line, station string }
	stood := map[place]order.At{}
	for _, l := range before.Items {
		for _, at := range l.Stations {
			stood[place{l.ID, v.nameOf(at)}] = at
		}
	}
	var all []string
	for _, l := range now.Items {
		for _, at := range l.Stations {
			was, known := stood[place{l.ID, v.nameOf(at)}]
			if known && was.Status == at.Status && was.Changed == at.Changed {
				continue
			}
			word := wordOf(at)
			if at.Changed {
				word += " CHANGED"
			}
			all = append(all, v.nameOf(at)+": "+text.Clean(l.Quantity.String())+"x "+text.Clean(l.MenuItem.Name)+" "+word)
		}
	}
	return strings.Join(all, ", ")
}

// missing names the stations that cook and that no screen shows.
func (v *view) missing() (names []string) {
	for _, s := range v.stations {
		if s.Kind != "expo" && v.unseen(s.ID) {
			names = append(names, text.Clean(s.Name))
		}
	}
	return names
}

// names are those of the stations that the screen shows; empty: everything.
func (v *view) names() string {
	var names []string
	for _, s := range v.stations {
		if slices.Contains(v.shown, s.ID) {
			names = append(names, text.Clean(s.Name))
		}
	}
	return strings.Join(names, ", ")
}

// tickOf says how a line stands at the stations where this screen works, and marks what belongs to no screen.
func (v *view) tickOf(l *line) string {
	ready, begun, changed := true, false, false
	var marks []string
	for _, at := range v.at(l) {
		ready, begun, changed = ready && at.Status == db.Ready, begun || at.Status != db.Pending, changed || at.Changed
		if at.Station == nil {
			marks = append(marks, "no station")
		} else if s, known := v.station(*at.Station); !known {
			marks = append(marks, "no station")
		} else if v.unseen(s.ID) {
			marks = append(marks, "no screen for "+text.Clean(s.Name))
		} else if len(v.shown) != 1 {
			marks = append(marks, text.Clean(s.Name))
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
	if len(marks) > 0 {
		tick += " " + strings.Join(marks, ", ") + ":"
	}
	return tick
}

// waiting names the stations that still cook for a ticket.
func (v *view) waiting(t *Ticket) string {
	var names []string
	for i := range t.Items {
		for _, at := range t.Items[i].Stations {
			if at.Status == db.Ready || t.Items[i].Held {
				continue
			}
			if name := v.nameOf(at); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, ", ")
}
