package terminal

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"kitchen/cmd/kitchen/text"
	"kitchen/db/order"
)

// screenTicket is a ticket and how the screen shows it.
type screenTicket struct {
	Ticket
	mark   string    // NEW, CHANGED, RECALLED
	struck string    // cancelled or deleted: shown struck out until a cook clears it
	by     string    // who made the last change
	until  time.Time // when the mark disappears
}

// apply changes the screen by one message of the node.
func (s *screen) apply(m Message) (cmd tea.Cmd) {
	s.lost = ""
	if !m.ServerTime.IsZero() {
		s.clockOffset = m.ServerTime.Sub(s.now())
	}
	index := s.selectedIndex()
	switch m.Type {
	case "initial_queue":
		cmd = s.takeStations(m)
		s.replace(m)
		for _, a := range m.Alarms {
			s.showAlarm(a)
		}
	case "screens":
		s.view.setScreens(m)
	case "heartbeat":
		s.live = m.Live
	case "alarm":
		s.showAlarm(m.alarm)
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
	return cmd
}

// takeStations takes the stations of the restaurant, and sends the node what this screen shows of them.
func (s *screen) takeStations(m Message) tea.Cmd {
	before := s.view.shown
	if unknown := s.view.setStations(m.Restaurant.Stations); len(unknown) > 0 {
		s.notify(true, "%s", noStation(unknown, m.Restaurant.Stations))
	}
	if s.shownSent && slices.Equal(before, s.view.shown) || !s.shownSent && s.view.shown == nil {
		return nil
	}
	s.shownSent = true
	return s.ask(showID, showRequest{"show", showID, s.view.shown})
}

// noStation says that stations do not exist, and which do.
func noStation(unknown []string, stations []order.Station) string {
	names := make([]string, len(stations))
	for i, s := range stations {
		names[i] = s.Name
	}
	there := "there are " + strings.Join(names, ", ")
	if len(names) == 0 {
		there = "this restaurant has none"
	}
	return fmt.Sprintf("there is no station %s: %s", strings.Join(unknown, ", "), there)
}

// replace takes a whole queue. Tickets that are struck out stay until a cook clears them.
func (s *screen) replace(m Message) {
	before, again := s.tickets, s.queued
	s.restaurant, s.live, s.queued = m.Restaurant, m.Live, true
	s.tickets = map[order.OrderID]*screenTicket{}
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
	case old != nil && old.describe(time.UTC, &view{}) == m.Order.describe(time.UTC, &view{}): // its lines were moved on, and nothing else
		s.tickets[m.Order.ID] = &screenTicket{Ticket: *m.Order, mark: old.mark, by: m.By, until: old.until}
		return
	}
	s.tickets[m.Order.ID] = &screenTicket{Ticket: *m.Order, mark: mark, by: m.By, until: s.now().Add(markFor)}
}

func (s *screen) moved(id order.OrderID, status order.Status, version int64, by string) {
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

// strikeOut takes a completed order off the screen. A cancelled or deleted one stays, struck out, because a cook may be working on it.
func (s *screen) strikeOut(id order.OrderID, how, by string) {
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
