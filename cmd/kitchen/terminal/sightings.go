package terminal

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"kitchen/db/order"
)

// paintedAfter is how long after a change it is on the terminal: several frames.
const paintedAfter = 100 * time.Millisecond

// alarmFor is how long an alarm is shown.
const alarmFor = 30 * time.Second

// seenID is the request_id of every seen message, so that an error that answers one is recognised.
const seenID = "seen"

// sightings is what a screen has reported on this connection: which version of an order was painted, and for which orders a key was
// pressed.
type sightings struct {
	painted map[order.OrderID]int64
	touched map[order.OrderID]bool
	waiting bool // until what changed is painted
}

type seenRequest struct {
	Type      string      `json:"type"`
	RequestID string      `json:"request_id"`
	How       order.How   `json:"how"`
	Orders    []seenOrder `json:"orders"`
}

type seenOrder struct {
	Order   order.OrderID `json:"order_id"`
	Version int64         `json:"version"`
}

// paintedMsg says that what changed a moment ago is on the terminal.
type paintedMsg struct{}

// forgetSeen makes a new connection report everything again.
func (s *screen) forgetSeen() {
	s.seen.painted, s.seen.touched = map[order.OrderID]int64{}, map[order.OrderID]bool{}
}

// awaitPaint reports, after a pause, what is on the screen and was not reported as painted.
func (s *screen) awaitPaint() tea.Cmd {
	if s.seen.waiting || len(s.unpainted()) == 0 {
		return nil
	}
	s.seen.waiting = true
	return s.after(paintedAfter, func(time.Time) tea.Msg { return paintedMsg{} })
}

// sayPainted reports what is on the screen and was not reported before.
func (s *screen) sayPainted() tea.Cmd {
	s.seen.waiting = false
	tickets := s.unpainted()
	for _, t := range tickets {
		s.seen.painted[t.ID] = t.Version
	}
	return s.saySeen(order.Painted, tickets)
}

// sayTouched reports that a key was pressed while an order was selected.
func (s *screen) sayTouched(id order.OrderID) tea.Cmd {
	t := s.tickets[id]
	if t == nil || t.struck != "" || s.seen.touched[id] {
		return nil
	}
	s.seen.touched[id] = true
	return s.saySeen(order.Touched, []*screenTicket{t})
}

// unpainted lists the tickets that the table shows and that were not reported as painted.
func (s *screen) unpainted() (tickets []*screenTicket) {
	if s.recall || !s.queued || s.lost != "" {
		return nil
	}
	queue := s.queue()
	from, to := s.rows(len(queue), s.height-3-len(s.details()))
	for _, t := range queue[from:to] {
		if said, ok := s.seen.painted[t.ID]; t.struck == "" && (!ok || said < t.Version) {
			tickets = append(tickets, t)
		}
	}
	return tickets
}

func (s *screen) saySeen(how order.How, tickets []*screenTicket) tea.Cmd {
	if len(tickets) == 0 {
		return nil
	}
	r := seenRequest{Type: "seen", RequestID: seenID, How: how}
	for _, t := range tickets {
		r.Orders = append(r.Orders, seenOrder{t.ID, t.Version})
	}
	return s.ask(seenID, r)
}

// words says which orders nobody has seen.
func (a alarm) words() string {
	what := "an order"
	if a.Number != nil {
		what = fmt.Sprintf("#%d", *a.Number)
	}
	if a.Count > 1 {
		what += fmt.Sprintf(" and %d more", a.Count-1)
	}
	return fmt.Sprintf("ALARM %s: %s for %d s", what, reasonInWords(a.Reason), a.Age)
}

// reasonInWords says why an alarm is on; a reason that this version does not know stays as it is.
func reasonInWords(reason string) string {
	switch reason {
	case "no_display":
		return "on no screen"
	case "not_painted":
		return "not shown on any screen"
	case "not_touched":
		return "not touched by anybody"
	}
	return reason
}

// alarm is what a node says of orders that nobody has seen.
type alarm struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
	Number *int64 `json:"oldest_order_number"`
	Age    int64  `json:"age_s"`
}

// showAlarm shows an alarm for a while.
func (s *screen) showAlarm(a alarm) {
	s.notify(true, "%s", a.words())
	s.until = s.now().Add(alarmFor)
}
