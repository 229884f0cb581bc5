package terminal

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"kitchen/db/order"
)

// moveLines asks the node to move lines of a ticket, with one message for each station and status.
func (s *screen) moveLines(t *screenTicket, moves []lineMove, undo bool) tea.Cmd {
	if !s.mayAsk(t.ID, t.Number) {
		return nil
	}
	cmds := make([]tea.Cmd, len(moves))
	for i, m := range moves {
		id := s.wait(pendingRequest{order: t.ID, number: t.Number, from: m.from, to: m.to, undo: undo, lines: &m})
		cmds[i] = s.ask(id, linesRequest{"update_lines", id, t.ID, m.station, m.lines, m.from, m.to})
	}
	return func() tea.Msg { // one after the other, as they were asked for
		for _, cmd := range cmds {
			if unsent := cmd(); unsent != nil {
				return unsent
			}
		}
		return nil
	}
}

// own are the lines of a ticket that this screen works on.
func (s *screen) own(t *Ticket) (own []*line) {
	for i := range t.Items {
		if l := &t.Items[i]; !l.Held && len(s.view.stationsHere(l)) > 0 {
			own = append(own, l)
		}
	}
	return own
}

// chosenLine is the line of the selected ticket that x ticks off, or -1.
func (s *screen) chosenLine(own []*line) int {
	i := slices.IndexFunc(own, func(l *line) bool { return l.ID == s.line })
	if i < 0 && len(own) > 0 {
		return 0
	}
	return i
}

func (s *screen) nextLine() {
	if t := s.tickets[s.selected]; t != nil {
		if own := s.own(&t.Ticket); len(own) > 0 {
			s.line = own[(s.chosenLine(own)+1)%len(own)].ID
		}
	}
}

// tickLine ticks the chosen line off, or takes the tick back.
func (s *screen) tickLine() tea.Cmd {
	t := s.tickets[s.selected]
	if t == nil || t.struck != "" || s.now().Before(s.ignoreUntil) {
		return nil
	}
	own := s.own(&t.Ticket)
	if len(own) == 0 {
		s.notify(true, "#%d has no line to tick off here", t.Number)
		return nil
	}
	l := own[s.chosenLine(own)]
	moves := s.view.tickMoves(l)
	return s.moveLines(t, moves, moves[0].to != order.Ready)
}

// fire asks the node to fire the first held course of the selected ticket.
func (s *screen) fire() tea.Cmd {
	t := s.tickets[s.selected]
	if t == nil || t.struck != "" || s.now().Before(s.ignoreUntil) {
		return nil
	}
	var course *int32
	for i := range t.Items {
		if c := t.Items[i].Course; t.Items[i].Held && c != nil && (course == nil || *c < *course) {
			course = c
		}
	}
	switch {
	case course == nil:
		s.notify(true, "#%d: no course is held", t.Number)
		return nil
	case !s.view.showsWholeTickets() && !s.view.nobodyShowsWholeTickets():
		s.notify(true, "#%d: courses are fired at the pass", t.Number)
		return nil
	case !s.mayAsk(t.ID, t.Number):
		return nil
	}
	id := s.wait(pendingRequest{order: t.ID, number: t.Number, fired: true})
	return s.ask(id, fireRequest{"fire", id, t.ID, *course})
}
