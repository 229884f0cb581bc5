package terminal

import (
	"slices"
	"testing"
	"time"

	"kitchen/db/order"
)

// Whatever becomes of the question, the list does not wait for an answer for ever.
func TestRecallListDoesNotWaitForEver(t *testing.T) {
	for name, happens := range map[string]func(*stage){
		"the connection is lost": func(s *stage) { s.Update(lostMsg{s.clock, "gone"}) },
		"nothing was sent":       func(s *stage) { s.Update(unsentMsg{listID}) },
		"no answer comes": func(s *stage) {
			s.clock = s.clock.Add(answerBy + time.Second)
			s.Update(tickMsg{})
		},
	} {
		s := newStage(t, 80, 24)
		s.queueOf(s.order(1, time.Hour))
		s.press("r")
		if happens(s); s.recall {
			t.Errorf("%s: the list is still open\n%s", name, s.text())
		}
	}
}

func TestRecallListBringsBack(t *testing.T) {
	s := newStage(t, 80, 24)
	s.queueOf(s.order(1, time.Hour))
	s.press("r")
	s.reads("asking")
	if !slices.Contains(s.sent, any(listRequest{"list_recent", listID})) {
		t.Errorf("sent: %v", s.sent)
	}
	s.receive(Message{Type: "error", RequestID: listID, Code: "unavailable", Message: "the database is away"})
	s.reads("did not come: unavailable", "▸ #1")
	s.press("r")
	s.receive(Message{Type: "recent_orders"})
	s.reads("nothing that could come back")
	nine, eight := s.order(9, time.Hour), s.order(8, time.Hour)
	nine.Status, eight.Status, eight.Version = "completed", "completed", 5
	s.receive(Message{Type: "recent_orders", Orders: []Ticket{nine, eight}})
	s.reads("▸ #9 completed", "#8 completed", "2x Calzone")
	s.press("down", "down", "enter")
	if r := s.lastAsked(); r.OrderID != "o8" || r.Status != order.Ready || r.Version != 5 {
		t.Errorf("recalling #8 asked for %+v", r)
	}
	s.receive(Message{Type: "ack", RequestID: "1", OrderID: "o8", Status: order.Ready, Version: 6})
	s.reads("LIVE  1 open order", "#8 ready", "u undo")
	s.press("r", "esc")
	s.reads("u undo")
}
