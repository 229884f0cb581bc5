package terminal

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"kitchen/cmd/kitchen/text"
	"kitchen/db"
)

// screen is a kitchen display in a terminal: what a node said, what whoever looks at it selected, and what was asked of the
// node and not answered. Its methods are called by one goroutine, that of the terminal library.
type screen struct {
	// Static after construction.
	send func(any) error // to the node; called from other goroutines
	now  func() time.Time

	width, height int

	// As the node said.
	restaurant nameOf
	queued     bool // ever
	live       bool
	lost       string        // why there is no connection; empty where there is one
	again      time.Time     // when the next is tried
	ahead      time.Duration // of the node's clock
	tickets    map[db.OrderID]*slip

	selected db.OrderID
	deaf     time.Time // until then no key moves an order: another one has just come to be selected
	notice   string
	bad      bool
	until    time.Time // the notice is shown

	asked map[string]wish // by the id of the request
	last  int             // id of a request
	moves []move          // of this screen, for undo

	recall bool      // the list of what left is open
	recent []Ticket  // nil while the node is asked
	listed time.Time // when it was asked
	chosen int

	ended error // why the display was refused
}

// slip is a ticket on the screen.
type slip struct {
	Ticket
	mark  string // NEW, CHANGED, RECALLED
	left  string // cancelled or deleted: it stays until somebody has seen it
	by    string // who made the last change that was heard
	until time.Time
}

// wish is a request that has no answer yet.
type wish struct {
	order  db.OrderID
	number int64
	from   db.Status
	to     db.Status
	undo   bool
	at     time.Time
}

// move is a step that this screen has made.
type move struct {
	order   db.OrderID
	number  int64
	from    db.Status
	version int64 // that it made
	cleared *slip // nothing was moved: this slip was taken off the screen
}

// cancelled is what an order that is not to be cooked any more is called.
const cancelled db.Status = "cancelled"

const (
	markFor   = 15 * time.Second // that something has changed
	noticeFor = 8 * time.Second
	answerBy  = 5 * time.Second        // else it was lost
	deafFor   = 400 * time.Millisecond // as long as a second press of the same key takes
	maxMoves  = 50
)

func newScreen(send func(any) error) *screen {
	return &screen{send: send, now: time.Now, width: 80, height: 24, tickets: map[db.OrderID]*slip{}, asked: map[string]wish{}}
}

// What the terminal library is told by others.
type (
	lostMsg struct {
		again  time.Time
		reason string
	}
	endedMsg  struct{ err error }
	unsentMsg struct{ id string }
	tickMsg   struct{}
)

func tick() tea.Cmd { return tea.Tick(time.Second, func(time.Time) tea.Msg { return tickMsg{} }) }

// Init starts the clock.
func (s *screen) Init() tea.Cmd { return tick() }

// Update takes whatever happened.
func (s *screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		s.width, s.height = m.Width, m.Height
	case tea.KeyPressMsg:
		return s, s.key(m.String())
	case Message:
		s.heard(m)
	case lostMsg:
		s.live, s.lost, s.again = false, m.reason, m.again
		clear(s.asked)
		s.closeUnanswered()
	case unsentMsg:
		delete(s.asked, m.id)
		if m.id == listID {
			s.closeUnanswered()
		}
		s.say(true, "nothing was sent: there is no connection")
	case endedMsg:
		s.ended = m.err
		return s, tea.Quit
	case tickMsg:
		for id, w := range s.asked {
			if s.now().Sub(w.at) > answerBy {
				delete(s.asked, id)
				s.say(true, "#%d: no answer; what the table shows is true", w.number)
			}
		}
		if s.now().Sub(s.listed) > answerBy && s.closeUnanswered() {
			s.say(true, "the list of what left did not come: r asks again")
		}
		return s, tick()
	}
	return s, nil
}

// closeUnanswered closes the list of what left where its answer will not come any more.
func (s *screen) closeUnanswered() (closed bool) {
	closed = s.recall && s.recent == nil
	s.recall = s.recall && !closed
	return closed
}

func (s *screen) say(bad bool, format string, args ...any) {
	s.notice, s.bad, s.until = text.Harmless(fmt.Sprintf(format, args...)), bad, s.now().Add(noticeFor)
}

// heard folds in what the node said.
func (s *screen) heard(m Message) {
	s.lost = ""
	if !m.ServerTime.IsZero() {
		s.ahead = m.ServerTime.Sub(s.now())
	}
	place := s.place()
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
		s.gone(m.OrderID, "deleted", m.By)
	case "ack":
		s.answered(m)
	case "error":
		s.refused(m)
	case "recent_orders":
		s.recent = append([]Ticket{}, m.Orders...)
		s.chosen = min(s.chosen, max(len(s.recent)-1, 0))
	}
	s.keepPlace(place)
}

// replace takes a whole queue. What was struck out stays until somebody has seen it.
func (s *screen) replace(m Message) {
	before, again := s.tickets, s.queued
	s.restaurant, s.live, s.queued = m.Restaurant, m.Live, true
	s.tickets = map[db.OrderID]*slip{}
	for _, t := range m.Orders {
		s.tickets[t.ID] = &slip{Ticket: t}
	}
	missing := 0
	for id, t := range before {
		switch {
		case s.tickets[id] != nil:
		case t.left != "":
			s.tickets[id] = t
		default:
			missing++
		}
	}
	if again && missing > 0 {
		s.say(true, "%s left while this screen was away: r lists them", text.Count(missing, "order"))
	}
}

func (s *screen) put(m Message, mark string) {
	if m.Order == nil {
		return
	}
	old := s.tickets[m.Order.ID]
	if old != nil && old.left != "" {
		old = nil // it came back
	}
	switch {
	case old != nil && old.Version > m.Order.Version:
		return
	case !m.Order.Status.Open():
		s.gone(m.Order.ID, string(m.Order.Status), m.By)
		return
	case m.Order.Recalled && old == nil:
		mark = "RECALLED"
	}
	s.tickets[m.Order.ID] = &slip{Ticket: *m.Order, mark: mark, by: m.By, until: s.now().Add(markFor)}
}

func (s *screen) moved(id db.OrderID, status db.Status, version int64, by string) {
	t := s.tickets[id]
	if t == nil || t.left != "" || t.Version > version {
		return
	}
	if !status.Open() {
		s.gone(id, string(status), by)
		return
	}
	t.Status, t.Version, t.by = status, version, by
}

// gone takes a completed order off the screen. Any other stays, struck out, until somebody has seen it: a cook may be at it.
func (s *screen) gone(id db.OrderID, how, by string) {
	t := s.tickets[id]
	if t == nil || t.left != "" {
		return
	}
	if how == "completed" {
		delete(s.tickets, id)
		return
	}
	t.left, t.by, t.mark = how, by, ""
	if by != "" {
		how += " by " + by
	}
	s.say(true, "#%d was %s", t.Number, how)
}

// answered is told that a request was granted.
func (s *screen) answered(m Message) {
	w, ok := s.asked[m.RequestID]
	if !ok {
		return
	}
	delete(s.asked, m.RequestID)
	s.say(false, "#%d %s", w.number, m.Status)
	if w.undo {
		s.tookBack(m)
	} else {
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

// tookBack forgets the step of this screen that a step back has undone, and makes the one before it the next to undo.
func (s *screen) tookBack(m Message) {
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

// refused is told that a request was not granted, and how the order stands.
func (s *screen) refused(m Message) {
	w, ok := s.asked[m.RequestID]
	delete(s.asked, m.RequestID)
	switch {
	case m.RequestID == listID:
		s.recall = false
		s.say(true, "the list of what left did not come: %s: %s", m.Code, m.Message)
	case !ok:
		s.say(true, "%s: %s", m.Code, m.Message)
	case m.Code == "conflict":
		s.say(true, "#%d: somebody was faster, it is %s now", w.number, m.Status)
	default:
		s.say(true, "#%d: %s: %s", w.number, m.Code, m.Message)
	}
}

// open counts the orders that somebody still has to work on.
func (s *screen) open() int {
	n := 0
	for _, t := range s.tickets {
		if t.left == "" {
			n++
		}
	}
	return n
}

// queue is everything on the screen, oldest first.
func (s *screen) queue() []*slip {
	all := make([]*slip, 0, len(s.tickets))
	for _, t := range s.tickets {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *slip) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// place is where the selected order stands, -1 for nowhere.
func (s *screen) place() int {
	return slices.IndexFunc(s.queue(), func(t *slip) bool { return t.ID == s.selected })
}

// keepPlace selects what came to stand where the selected order was, if that is gone.
func (s *screen) keepPlace(place int) {
	queue := s.queue()
	if s.tickets[s.selected] != nil {
		return
	}
	s.selected = ""
	if len(queue) > 0 {
		s.selected = queue[max(0, min(place, len(queue)-1))].ID
		if place >= 0 {
			s.deaf = s.now().Add(deafFor)
		}
	}
}
