package terminal

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"kitchen/db/order"
)

// key handles a key.
func (s *screen) key(key string) tea.Cmd {
	switch key {
	case "ctrl+c", "q":
		return tea.Quit
	case "r":
		s.recall = !s.recall
		if s.recall {
			s.recent, s.chosen, s.listed = nil, 0, s.now()
			return s.ask(listID, listRequest{"list_recent", listID})
		}
		return nil
	}
	if s.recall {
		return s.recallKey(key)
	}
	queue := s.queue()
	index := s.selectedIndex()
	switch key {
	case "up", "k":
		index--
	case "down", "j":
		index++
	case "pgup":
		index -= 10
	case "pgdown":
		index += 10
	case "home", "g":
		index = 0
	case "end", "G":
		index = len(queue) - 1
	case "enter", "space":
		return s.step(1)
	case "backspace", "b":
		return s.step(-1)
	case "u":
		return s.undo()
	case "i":
		s.nextLine()
		return nil
	case "x":
		return s.tickLine()
	case "f":
		return s.fire()
	default:
		return nil
	}
	if len(queue) > 0 {
		s.selected, s.line = queue[max(0, min(index, len(queue)-1))].ID, ""
	}
	return nil
}

// recallKey handles a key while the list of orders that left is open.
func (s *screen) recallKey(key string) tea.Cmd {
	switch key {
	case "up", "k":
		s.chosen = max(0, s.chosen-1)
	case "down", "j":
		s.chosen = max(0, min(s.chosen+1, len(s.recent)-1))
	case "esc":
		s.recall = false
	case "enter", "space":
		if s.chosen < len(s.recent) {
			o := s.recent[s.chosen]
			return s.request(o.ID, o.Number, o.Status, order.Ready, o.Version, true)
		}
	}
	return nil
}

// step asks for the next status of the selected order (1), or the one before (-1).
func (s *screen) step(by int) tea.Cmd {
	t := s.tickets[s.selected]
	if t == nil || s.isLive() && s.now().Before(s.ignoreUntil) {
		return nil
	}
	if t.struck != "" {
		if by > 0 {
			s.clear(t)
		}
		return nil
	}
	if by > 0 && t.Status != order.Ready || !s.view.showsWholeTickets() {
		moves := s.view.nextMoves(&t.Ticket)
		if by < 0 {
			moves = s.view.backMoves(&t.Ticket)
		}
		if len(moves) > 0 {
			return s.moveLines(t, moves, by < 0)
		}
		if !s.view.showsWholeTickets() && !s.view.nobodyShowsWholeTickets() {
			s.notify(true, "#%d: nothing is to be done at %s", t.Number, s.view.shownNames())
			return nil
		}
		if cook := s.view.stillCooking(&t.Ticket); by > 0 && s.view.shown != nil && cook != "" {
			s.notify(true, "#%d: still to be cooked: %s", t.Number, cook)
			return nil
		}
	}
	all := order.Steps()
	to := slices.Index(all, t.Status) + by
	if to < 0 || to >= len(all) || !slices.Contains(all, t.Status) {
		s.notify(true, "#%d is %s: there is no step back", t.Number, t.Status)
		return nil
	}
	return s.request(t.ID, t.Number, t.Status, all[to], t.Version, by < 0)
}

// clear takes a struck-out order off this screen. The node is not asked: other screens keep theirs until they are cleared.
func (s *screen) clear(t *screenTicket) {
	index := s.selectedIndex()
	delete(s.tickets, t.ID)
	s.remember(move{order: t.ID, number: t.Number, cleared: t})
	s.notify(false, "#%d cleared: u brings it back", t.Number)
	s.keepSelection(index)
}

// undo takes back the last move of this screen; the next undo takes back the one before.
func (s *screen) undo() tea.Cmd {
	if len(s.moves) == 0 {
		s.notify(true, "nothing to undo: this screen has moved nothing")
		return nil
	}
	m := s.moves[len(s.moves)-1]
	if m.cleared != nil {
		s.moves = s.moves[:len(s.moves)-1]
		if s.tickets[m.order] == nil {
			s.tickets[m.order], s.selected = m.cleared, m.order
		}
		return nil
	}
	if m.lines != nil {
		moved := s.tickets[m.order]
		if moved == nil {
			s.moves = s.moves[:len(s.moves)-1]
			s.notify(true, "#%d has left", m.number)
			return nil
		}
		cmd := s.moveLines(moved, []lineMove{{m.lines.station, m.lines.lines, m.lines.to, m.lines.from}}, true)
		if cmd != nil {
			s.moves = s.moves[:len(s.moves)-1]
		}
		return cmd
	}
	cmd := s.request(m.order, m.number, "", m.from, m.version, true)
	if cmd != nil {
		s.moves = s.moves[:len(s.moves)-1]
	}
	return cmd
}
