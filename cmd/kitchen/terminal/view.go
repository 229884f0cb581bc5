package terminal

import (
	"slices"
	"strings"

	"kitchen/db/order"
)

// view is what a screen shows of a kitchen with stations, by the same rules as the board (ws/board/page/stations.js): its own stations,
// what has no station, and what is cooked at a station that no screen shows. Everywhere else it shows everything.
type view struct {
	stations []order.Station // of the restaurant, in their order
	asked    []string        // names or ids, as the user gave them; none: everything
	shown    []string        // ids of the asked stations that exist; nil: everything
	screens  *screenCounts   // nil: not known yet
}

// screenCounts is how many displays, on all nodes, show each station.
type screenCounts struct {
	all       int
	ofStation map[string]int
}

// setStations takes the stations of the restaurant, and returns the names that were asked for and do not exist.
func (v *view) setStations(stations []order.Station) (unknown []string) {
	v.stations, v.shown = stations, nil
	for _, name := range v.asked {
		i := slices.IndexFunc(stations, func(s order.Station) bool { return strings.EqualFold(s.Name, name) || strings.EqualFold(s.ID, name) })
		if i < 0 {
			unknown = append(unknown, name)
		} else if !slices.Contains(v.shown, stations[i].ID) {
			v.shown = append(v.shown, stations[i].ID)
		}
	}
	return unknown
}

func (v *view) setScreens(m Message) {
	v.screens = &screenCounts{all: m.All, ofStation: map[string]int{}}
	for _, s := range m.Stations {
		v.screens.ofStation[s.ID] = s.Screens
	}
}

func (v *view) station(id string) (order.Station, bool) {
	i := slices.IndexFunc(v.stations, func(s order.Station) bool { return s.ID == id })
	if i < 0 {
		return order.Station{}, false
	}
	return v.stations[i], true
}

// showsWholeTickets reports whether the screen shows all lines of each ticket: it shows everything, or it is a pass.
func (v *view) showsWholeTickets() bool {
	return v.shown == nil || slices.ContainsFunc(v.stations, func(s order.Station) bool { return s.Kind == "expo" && slices.Contains(v.shown, s.ID) })
}

// unshown reports whether no connected screen shows a station.
func (v *view) unshown(id string) bool {
	return v.screens != nil && v.screens.all == 0 && v.screens.ofStation[id] == 0 && v.shown != nil && !slices.Contains(v.shown, id)
}

// stationsHere are the stations of a line that this screen works for: its own, and those that no screen shows. A pass has only the
// latter, because it cooks nothing.
func (v *view) stationsHere(l *line) (here []order.LineState) {
	for _, at := range l.Stations {
		known := false
		if at.Station != nil {
			_, known = v.station(*at.Station)
		}
		if v.shown == nil || !known || slices.Contains(v.shown, *at.Station) || v.unshown(*at.Station) {
			here = append(here, at)
		}
	}
	return here
}

// own reports whether a line is shown as this screen's.
func (v *view) own(l *line) bool { return v.showsWholeTickets() || len(v.stationsHere(l)) > 0 }

// shows reports whether a ticket is on this screen. A screen that shows whole tickets has all; another has a ticket while something is
// to be done here. Where nobody shows whole tickets, every screen has those that somebody has to fire or serve.
func (v *view) shows(t *Ticket) bool {
	if v.showsWholeTickets() {
		return true
	}
	cooked, held, own, waiting := false, false, false, false
	for i := range t.Items {
		l := &t.Items[i]
		cooked = cooked || len(l.Stations) > 0
		own = own || v.own(l)
		held = held || l.Held && v.own(l)
		waiting = waiting || !l.Held && slices.ContainsFunc(l.Stations, func(a order.LineState) bool { return a.Status != order.Ready })
		if !l.Held && slices.ContainsFunc(v.stationsHere(l), func(a order.LineState) bool { return a.Status != order.Ready }) {
			return true
		}
	}
	return v.nobodyShowsWholeTickets() && (held || !cooked || own && !waiting)
}

// nobodyShowsWholeTickets reports whether no connected screen does.
func (v *view) nobodyShowsWholeTickets() bool {
	return v.screens != nil && v.screens.all == 0 && !slices.ContainsFunc(v.stations, func(s order.Station) bool {
		return s.Kind == "expo" && v.screens.ofStation[s.ID] > 0
	})
}

// lineMove moves lines of an order at one station.
type lineMove struct {
	station  *string
	lines    []string
	from, to order.Status
}

// nextMoves is the next step of this screen's part of a ticket: what is not begun is begun, then it is ready. None, where nothing is to be
// done here, or the order itself is to be moved.
func (v *view) nextMoves(t *Ticket) (moves []lineMove) {
	to := order.Preparing
	for i := range t.Items {
		if slices.ContainsFunc(v.stationsHere(&t.Items[i]), func(a order.LineState) bool { return a.Status == order.Preparing }) && !t.Items[i].Held {
			to = order.Ready
		}
	}
	for i := range t.Items {
		if l := &t.Items[i]; !l.Held {
			moves = v.add(moves, l, to)
		}
	}
	return moves
}

// backMoves is the step back of this screen's part of a ticket.
func (v *view) backMoves(t *Ticket) (moves []lineMove) {
	for i := range t.Items {
		for _, at := range v.stationsHere(&t.Items[i]) {
			if before := map[order.Status]order.Status{order.Ready: order.Preparing, order.Preparing: order.Pending}[at.Status]; before != "" && !t.Items[i].Held {
				moves = addMove(moves, at, t.Items[i].ID, before)
			}
		}
	}
	return moves
}

// tickMoves ticks a line off, or takes the tick back.
func (v *view) tickMoves(l *line) (moves []lineMove) {
	if moves = v.add(nil, l, order.Ready); len(moves) > 0 {
		return moves
	}
	for _, at := range v.stationsHere(l) {
		moves = addMove(moves, at, l.ID, order.Preparing)
	}
	return moves
}

// add adds the moves that bring a line to a status, at the stations of this screen where it is not that far.
func (v *view) add(moves []lineMove, l *line, to order.Status) []lineMove {
	for _, at := range v.stationsHere(l) {
		if at.Status != order.Ready && at.Status != to {
			moves = addMove(moves, at, l.ID, to)
		}
	}
	return moves
}

// addMove adds a line to the move of its station and status. Each move becomes one message.
func addMove(moves []lineMove, at order.LineState, line string, to order.Status) []lineMove {
	for i := range moves {
		m := &moves[i]
		if m.from == at.Status && m.to == to && (m.station == nil) == (at.Station == nil) && (m.station == nil || *m.station == *at.Station) {
			m.lines = append(m.lines, line)
			return moves
		}
	}
	return append(moves, lineMove{at.Station, []string{line}, at.Status, to})
}
