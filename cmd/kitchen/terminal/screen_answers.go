package terminal

import (
	"slices"
	"time"

	"kitchen/cmd/kitchen/text"
	"kitchen/db/order"
)

// pendingRequest is a change of status that the node has not answered yet.
type pendingRequest struct {
	order  order.OrderID
	number int64
	from   order.Status
	to     order.Status
	undo   bool
	lines  *lineMove // where lines are moved, and not the order
	fired  bool      // where a course is fired
	at     time.Time
}

// move is a change of status that was made on this screen.
type move struct {
	order   order.OrderID
	number  int64
	from    order.Status
	version int64         // of the order afterwards
	lines   *lineMove     // set where lines were moved, from one status to the other
	cleared *screenTicket // set where no order was moved, but this ticket taken off the screen
}

// maxMoves limits how many steps can be undone.
const maxMoves = 50

// answered takes the node's ack of a request.
func (s *screen) answered(m Message) {
	w, ok := s.pending[m.RequestID]
	if !ok {
		return
	}
	delete(s.pending, m.RequestID)
	switch {
	case w.fired:
		s.notify(false, "#%d fired", w.number)
	case w.lines != nil:
		s.notify(false, "#%d %s %s, the order is %s", w.number, text.Count(len(w.lines.lines), "line"), w.to, m.Status)
	default:
		s.notify(false, "#%d %s", w.number, m.Status)
	}
	switch {
	case w.fired, w.lines != nil && w.undo:
	case w.lines != nil:
		s.remember(move{order: w.order, number: w.number, lines: w.lines})
	case w.undo:
		s.forgetUndone(m)
	default:
		s.remember(move{order: w.order, number: w.number, from: w.from, version: m.Version})
	}
	s.moved(m.OrderID, m.Status, m.Version, "")
	if t := s.tickets[m.OrderID]; t != nil && t.Version == m.Version {
		t.by = "you"
	}
	if s.recall && w.undo {
		s.recall = false
	}
}

func (s *screen) remember(m move) {
	s.moves = append(s.moves, m)
	s.moves = s.moves[max(0, len(s.moves)-maxMoves):]
}

// forgetUndone drops the move that a step back has undone. An earlier move of the same order gets the order's present version,
// so that it can be undone next.
func (s *screen) forgetUndone(m Message) {
	for i := len(s.moves) - 1; i >= 0; i-- {
		switch {
		case s.moves[i].order != m.OrderID:
		case s.moves[i].from == m.Status:
			s.moves = slices.Delete(s.moves, i, i+1)
		default:
			s.moves[i].version = m.Version
			return
		}
	}
}

// refused shows the node's error for a request, and where the order is now.
func (s *screen) refused(m Message) {
	w, ok := s.pending[m.RequestID]
	delete(s.pending, m.RequestID)
	switch {
	case m.RequestID == seenID && m.Code == "unknown_type": // a node of an older version
	case m.RequestID == listID:
		s.recall = false
		s.notify(true, "the list of what left did not come: %s: %s", m.Code, m.Message)
	case !ok:
		s.notify(true, "%s: %s", m.Code, m.Message)
	case m.Code == "conflict" && w.lines != nil:
		s.notify(true, "#%d: somebody was faster: its lines have moved", w.number)
	case m.Code == "conflict":
		s.notify(true, "#%d: somebody was faster, it is %s now", w.number, m.Status)
	default:
		s.notify(true, "#%d: %s: %s", w.number, m.Code, m.Message)
	}
}
