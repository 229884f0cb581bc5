package terminal

import (
	"time"

	"kitchen/cmd/kitchen/text"
	"kitchen/db"
)

// screenTicket is a ticket with what the screen knows of it.
type screenTicket struct {
	Ticket
	mark   string    // NEW, CHANGED, RECALLED
	struck string    // cancelled or deleted: shown struck out until a cook clears it
	by     string    // who made the last change
	until  time.Time // when the mark goes
}

// apply changes the screen by one message of the node.
func (s *screen) apply(m Message) {
	s.lost = ""
	if !m.ServerTime.IsZero() {
		s.clockOffset = m.ServerTime.Sub(s.now())
	}
	index := s.selectedIndex()
	switch m.Type {
	case "initial_queue":
		s.replace(m)
	case "heartbeat":
		s.live = m.Live
	case "order_created":
		s.put(m, "NEW")
	case "order_updated":
		s.put(m, "CHANGED")
	case "order_status_changed":
		s.moved(m.OrderID, m.Status, m.Version, m.By)
	case "order_deleted":
		s.strikeOut(m.OrderID, "deleted", m.By)
	case "ack":
		s.answered(m)
	case "error":
		s.refused(m)
	case "recent_orders":
		s.recent = append([]Ticket{}, m.Orders...)
		s.chosen = min(s.chosen, max(len(s.recent)-1, 0))
	}
	s.keepSelection(index)
}

// replace takes a whole queue. Tickets that are struck out stay until a cook clears them.
func (s *screen) replace(m Message) {
	before, again := s.tickets, s.queued
	s.restaurant, s.live, s.queued = m.Restaurant, m.Live, true
	s.tickets = map[db.OrderID]*screenTicket{}
	for _, t := range m.Orders {
		s.tickets[t.ID] = &screenTicket{Ticket: t}
	}
	missing := 0
	for id, t := range before {
		switch {
		case s.tickets[id] != nil:
		case t.struck != "":
			s.tickets[id] = t
		default:
			missing++
		}
	}
	if again && missing > 0 {
		s.notify(true, "%s left while this screen was away: r lists them", text.Count(missing, "order"))
	}
}

func (s *screen) put(m Message, mark string) {
	if m.Order == nil {
		return
	}
	old := s.tickets[m.Order.ID]
	if old != nil && old.struck != "" {
		old = nil // the order came back
	}
	switch {
	case old != nil && old.Version > m.Order.Version:
		return
	case !m.Order.Status.Open():
		s.strikeOut(m.Order.ID, string(m.Order.Status), m.By)
		return
	case m.Order.Recalled && old == nil:
		mark = "RECALLED"
	}
	s.tickets[m.Order.ID] = &screenTicket{Ticket: *m.Order, mark: mark, by: m.By, until: s.now().Add(markFor)}
}

func (s *screen) moved(id db.OrderID, status db.Status, version int64, by string) {
	t := s.tickets[id]
	if t == nil || t.struck != "" || t.Version > version {
		return
	}
	if !status.Open() {
		s.strikeOut(id, string(status), by)
		return
	}
	t.Status, t.Version, t.by = status, version, by
}

// strikeOut takes a completed order off the screen. A cancelled or deleted one stays, struck out, because a cook may be at it.
func (s *screen) strikeOut(id db.OrderID, how, by string) {
	t := s.tickets[id]
	if t == nil || t.struck != "" {
		return
	}
	if how == "completed" {
		delete(s.tickets, id)
		return
	}
	t.struck, t.by, t.mark = how, by, ""
	if by != "" {
		how += " by " + by
	}
	s.notify(true, "#%d was %s", t.Number, how)
}
