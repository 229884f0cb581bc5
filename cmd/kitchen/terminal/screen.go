// Package terminal is a kitchen display in a terminal: a table where the output is a terminal, and else a line for each event. It
// knows only what a node sends over the displays' socket.
package terminal

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"kitchen/cmd/kitchen/text"
	"kitchen/db/order"
)

// screen is a kitchen display in a terminal, as a bubbletea model. It holds what the node sent, the selection, and the requests
// that the node has not answered. Only bubbletea's goroutine calls its methods.
type screen struct {
	// Static after construction.
	send func(any) error // to the node; called from other goroutines
	now  func() time.Time
	// after sends a message to the model after a pause.
	after func(time.Duration, func(time.Time) tea.Msg) tea.Cmd

	width, height int

	// As the node sent it.
	restaurant  restaurantInfo
	queued      bool // a queue has arrived
	live        bool
	lost        string        // why there is no connection; empty while there is one
	again       time.Time     // when the next connection is tried
	clockOffset time.Duration // what the node's clock is ahead of this one
	tickets     map[order.OrderID]*screenTicket

	view      view
	shownSent bool   // what this screen shows was sent on this connection
	line      string // the id of the line that x ticks off; empty: the first of its own

	selected    order.OrderID
	ignoreUntil time.Time // until then no key moves an order: the selection has just moved to another one by itself
	notice      string
	bad         bool
	until       time.Time // when the notice disappears

	pending map[string]pendingRequest // by the id of the request
	last    int                       // the id of the newest request
	moves   []move                    // made on this screen, for undo

	recall bool      // the list of orders that left the queue is open
	recent []Ticket  // of that list; nil until the node has answered
	listed time.Time // when the node was asked for it
	chosen int

	seen sightings

	ended error // why the display was refused
}

// cancelled is the status of an order that nobody should cook any more.
const cancelled order.Status = "cancelled"

const (
	markFor   = 15 * time.Second // how long NEW or CHANGED is shown
	noticeFor = 8 * time.Second
	answerBy  = 5 * time.Second        // how long a request waits for its answer
	ignoreFor = 400 * time.Millisecond // longer than a cook takes to press a key twice
)

func newScreen(send func(any) error, stations []string) *screen {
	return &screen{send: send, view: view{asked: stations}, now: time.Now, after: tea.Tick, width: 80, height: 24, tickets: map[order.OrderID]*screenTicket{}, pending: map[string]pendingRequest{},
		seen: sightings{painted: map[order.OrderID]int64{}, touched: map[order.OrderID]bool{}}}
}

// What other goroutines send to bubbletea.
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

// Update takes one event: a key, a message of the node, the loss of the connection, a tick of the clock.
func (s *screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		s.width, s.height = m.Width, m.Height
		return s, s.awaitPaint()
	case tea.KeyPressMsg:
		before := s.selected
		cmd := s.key(m.String())
		return s, tea.Batch(s.sayTouched(before), cmd, s.awaitPaint())
	case Message:
		return s, tea.Batch(s.apply(m), s.awaitPaint())
	case paintedMsg:
		return s, s.sayPainted()
	case lostMsg:
		s.forgetSeen()
		s.live, s.lost, s.again, s.shownSent, s.view.screens = false, m.reason, m.again, false, nil
		clear(s.pending)
		s.closeUnanswered()
	case unsentMsg:
		delete(s.pending, m.id)
		if m.id == seenID {
			return s, nil // said again on the next connection
		}
		if m.id == listID {
			s.closeUnanswered()
		}
		s.notify(true, "nothing was sent: there is no connection")
	case endedMsg:
		s.ended = m.err
		return s, tea.Quit
	case tickMsg:
		for id, w := range s.pending {
			if s.now().Sub(w.at) > answerBy {
				delete(s.pending, id)
				s.notify(true, "#%d: no answer; what the table shows is true", w.number)
			}
		}
		if s.now().Sub(s.listed) > answerBy && s.closeUnanswered() {
			s.notify(true, "the list of what left did not come: r asks again")
		}
		return s, tick()
	}
	return s, nil
}

// closeUnanswered closes the list of orders that left, if it is still waiting for the node.
func (s *screen) closeUnanswered() (closed bool) {
	closed = s.recall && s.recent == nil
	s.recall = s.recall && !closed
	return closed
}

func (s *screen) notify(bad bool, format string, args ...any) {
	s.notice, s.bad, s.until = text.Harmless(fmt.Sprintf(format, args...)), bad, s.now().Add(noticeFor)
}

// open counts the orders that a cook still has to work on.
func (s *screen) open() int {
	n := 0
	for _, t := range s.tickets {
		if t.struck == "" && s.view.shows(&t.Ticket) {
			n++
		}
	}
	return n
}

// queue is all tickets on the screen, oldest first.
func (s *screen) queue() []*screenTicket {
	all := make([]*screenTicket, 0, len(s.tickets))
	for _, t := range s.tickets {
		if t.struck != "" || s.view.shows(&t.Ticket) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *screenTicket) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// selectedIndex is the index of the selected order in the queue, or -1.
func (s *screen) selectedIndex() int {
	return slices.IndexFunc(s.queue(), func(t *screenTicket) bool { return t.ID == s.selected })
}

// keepSelection selects another order where the selected one is gone: the one that is now at its index.
func (s *screen) keepSelection(index int) {
	queue := s.queue()
	if s.selectedIndex() >= 0 {
		return
	}
	s.selected = ""
	if len(queue) > 0 {
		s.selected = queue[max(0, min(index, len(queue)-1))].ID
		if index >= 0 {
			s.ignoreUntil = s.now().Add(ignoreFor)
		}
	}
}
