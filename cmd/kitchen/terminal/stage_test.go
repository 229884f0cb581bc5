package terminal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"kitchen/db/order"
)

// stage runs a screen with a fake clock and a fake node.
type stage struct {
	*testing.T
	*screen
	clock time.Time
	sent  []any
	said  []string // what the screen reported as seen
	fails bool
}

func newStage(t *testing.T, width, height int) *stage {
	s := &stage{T: t, clock: time.Date(2026, 11, 23, 19, 0, 0, 0, time.UTC)}
	s.screen = newScreen(func(m any) error {
		if s.fails {
			return errNotConnected
		}
		if r, ok := m.(seenRequest); ok { // which every screen says by itself
			for _, o := range r.Orders {
				s.said = append(s.said, fmt.Sprintf("%s %s %d", r.How, o.Order, o.Version))
			}
			return nil
		}
		s.sent = append(s.sent, m)
		return nil
	}, nil)
	s.now = func() time.Time { return s.clock }
	s.after = func(_ time.Duration, then func(time.Time) tea.Msg) tea.Cmd {
		return func() tea.Msg { return then(s.clock) }
	}
	s.Update(tea.WindowSizeMsg{Width: width, Height: height})
	return s
}

func (s *stage) order(n int64, old time.Duration) Ticket {
	at := s.clock.Add(-old)
	return Ticket{
		Order: order.Order{ID: order.OrderID(fmt.Sprintf("o%d", n)), Number: n, Type: "dine_in", Status: order.Pending, Version: 1, CreatedAt: at},
		Items: []line{{Quantity: "2", MenuItem: order.Ref{Name: "Calzone"}}},
	}
}

func (s *stage) queueOf(orders ...Ticket) {
	s.receive(Message{Type: "initial_queue", Live: true, ServerTime: s.clock, Restaurant: restaurantInfo{"Da Gino", "Asia/Kolkata", 300, 600, nil}, Orders: orders})
	s.clock = s.clock.Add(ignoreFor)
}

func (s *stage) receive(m Message) {
	_, cmd := s.Update(m)
	s.follow(cmd)
}

// follow runs a command, and those that follow from it.
func (s *stage) follow(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch m := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, one := range m {
			s.follow(one)
		}
	default:
		_, next := s.Update(m)
		s.follow(next)
	}
}

// press presses keys, and runs the command of each.
func (s *stage) press(keys ...string) {
	for _, key := range keys {
		if cmd := s.key(key); cmd != nil {
			if m := cmd(); m != nil {
				s.Update(m)
			}
		}
	}
}

// text is what can be read on the screen; it must fit.
func (s *stage) text() string {
	s.Helper()
	content := s.View().Content
	lines := strings.Split(content, "\n")
	if len(lines) > max(s.height, 2) {
		s.Errorf("%d lines on a screen of %d", len(lines), s.height)
	}
	for _, l := range lines {
		if w := ansi.StringWidth(l); w > s.width {
			s.Errorf("a line of %d on a screen of %d: %q", w, s.width, ansi.Strip(l))
		}
	}
	return ansi.Strip(content)
}

func (s *stage) reads(words ...string) {
	s.Helper()
	text := s.text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			s.Errorf("no %q on the screen:\n%s", w, text)
		}
	}
}

func (s *stage) lastAsked() statusRequest {
	s.Helper()
	if len(s.sent) == 0 {
		s.Fatal("nothing was sent")
	}
	r, _ := s.sent[len(s.sent)-1].(statusRequest)
	return r
}
