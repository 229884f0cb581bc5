package terminal

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"kitchen/db/order"
)

func TestScreenShowsTheQueueWithItsAges(t *testing.T) {
	s := newStage(t, 120, 24)
	s.reads("connecting")
	late, slow, fresh := s.order(1, 11*time.Minute), s.order(2, 6*time.Minute), s.order(3, 10*time.Second)
	fresh.Table, fresh.AllergyNote, fresh.Priority = &order.Table{Label: "T4"}, "nuts", 1
	s.queueOf(fresh, late, slow)
	s.reads("LIVE  3 open orders, 1 late", "Da Gino", "#1    !!11:00", "#2    !6:00", "#3    0:10", "table T4", "ALLERGY nuts; RUSH 2x Calzone", "▸ #1")
	changed := s.order(3, 10*time.Second)
	changed.Version, changed.Status = 2, order.Ready
	s.receive(Message{Type: "order_updated", Order: &changed, By: "till-3"})
	created := s.order(4, 0)
	s.receive(Message{Type: "order_created", Order: &created, By: "psql"})
	s.reads("4 open orders", "CHANGED 2x Calzone", "till-3", "NEW 2x Calzone", "psql", "ready")
	s.clock = s.clock.Add(markFor)
	if text := s.text(); strings.Contains(text, "NEW") || strings.Contains(text, "CHANGED") {
		t.Errorf("news for ever:\n%s", text)
	}
	old := s.order(3, 0)
	s.receive(Message{Type: "order_updated", Order: &old})
	s.receive(Message{Type: "order_status_changed", OrderID: "o3", Status: order.Pending, Version: 1})
	s.reads("ready") // an older version than that on the screen
	s.receive(Message{Type: "order_deleted", OrderID: "o1", By: "psql"})
	s.receive(Message{Type: "order_status_changed", OrderID: "o2", Status: "cancelled", Version: 2})
	s.reads("2 open orders", "#2 was cancelled", "DELETED 2x Calzone", "psql")
	recalled := s.order(1, time.Hour)
	recalled.Recalled = true
	s.receive(Message{Type: "order_updated", Order: &recalled})
	s.reads("RECALLED", "1h00")
}

// What is cancelled must not go under while a cook is at it.
func TestCancelledOrderStaysUntilSomebodyHasSeenIt(t *testing.T) {
	s := newStage(t, 110, 24)
	s.queueOf(s.order(1, time.Hour), s.order(2, time.Minute))
	s.receive(Message{Type: "order_status_changed", OrderID: "o1", Status: cancelled, Version: 2, By: "till-3"})
	s.clock = s.clock.Add(noticeFor)
	s.reads("1 open order, 0 late", "CANCELLED 2x Calzone", "till-3", "#1 was cancelled: STOP COOKING")
	s.queueOf(s.order(2, time.Minute)) // the connection was away
	s.reads("1 open order", "CANCELLED 2x Calzone")
	s.receive(Message{Type: "order_status_changed", OrderID: "o1", Status: order.Ready, Version: 1}) // old
	s.press("b")
	s.reads("CANCELLED 2x Calzone")
	s.press("enter")
	if text := s.text(); strings.Contains(text, "CANCELLED") || s.selected != "o2" || len(s.sent) > 0 {
		t.Errorf("after it was cleared, %s is selected, sent %v:\n%s", s.selected, s.sent, text)
	}
	s.press("u")
	s.reads("CANCELLED 2x Calzone", "▸ #1")
	back := s.order(1, time.Hour)
	back.Recalled, back.Version = true, 3
	s.receive(Message{Type: "order_updated", Order: &back})
	s.reads("2 open orders", "RECALLED 2x Calzone")
	s.queueOf(s.order(2, time.Minute))
	s.reads("1 order left while this screen was away")
}

// Times are the restaurant's, wherever the terminal stands, and quantities and kinds are as the node says.
func TestScreenShowsTimesOfTheRestaurantAndEveryKind(t *testing.T) {
	s := newStage(t, 160, 24)
	var m Message
	err := json.Unmarshal([]byte(`{"type": "initial_queue", "live": true, "server_time": "2026-11-23T19:00:00Z",
		"restaurant": {"name": "Da Gino", "timezone": "Asia/Kolkata", "warn_after_s": 300, "late_after_s": 600},
		"orders": [{"id": "o1", "order_number": 1, "order_type": "takeaway", "status": "pending", "version": 1, "created_at": "2026-11-23T18:00:00Z",
			"promised_at": "2026-11-23T19:04:00Z", "allergy_note": "sesame", "items": [{"menu_item": {"name": "Salad"}, "quantity": 1.5, "modifiers": [
				{"modifier_option": {"name": "Nuts"}, "quantity": 1, "kind": "allergy"}, {"modifier_option": {"name": "Onion"}, "quantity": 1, "kind": "remove"},
				{"modifier_option": {"name": "Feta"}, "quantity": 2, "kind": "add"}, {"modifier_option": {"name": "to share"}, "quantity": 1, "kind": "note"},
				{"modifier_option": {"name": "no salt"}, "quantity": 1, "kind": null}]}]}]}`), &m)
	if err != nil {
		t.Fatal(err)
	}
	s.receive(m)
	s.reads(" 00:30", "DUE 00:34", "promised 00:34", "!1h00", "0 late", "ALLERGY sesame, Nuts in Salad; ",
		"1.5x Salad (ALLERGY Nuts, − Onion, + 2x Feta, “to share”, no salt)")
	s.clock = s.clock.Add(4 * time.Minute)
	s.reads("!!1h04", "1 late")
}

// Whatever is wrong, the first line says so, and no key sends anything.
func TestScreenSaysLoudlyThatItIsNotLive(t *testing.T) {
	s := newStage(t, 80, 24)
	s.queueOf(s.order(1, 0))
	for name, wrong := range map[string]tea.Msg{
		"deaf": Message{Type: "heartbeat", Live: false},
		"lost": lostMsg{time.Now().Add(3 * time.Second), "nothing was received for 12s"},
	} {
		s.receive(Message{Type: "heartbeat", Live: true})
		s.reads("LIVE  1 open order")
		s.Update(wrong)
		if first := strings.Split(s.text(), "\n")[0]; !strings.HasPrefix(first, " NOT LIVE") {
			t.Errorf("%s: %s", name, first)
		}
		if title := s.View().WindowTitle; title != "NOT LIVE Da Gino" {
			t.Errorf("%s: the title is %q", name, title)
		}
		s.press("enter")
		s.reads("nothing was sent")
		if len(s.sent) > 0 {
			t.Errorf("%s: sent %v", name, s.sent)
		}
	}
}

func TestKeysMoveOrdersWithTheVersionOfTheScreen(t *testing.T) {
	s := newStage(t, 80, 24)
	two := s.order(2, time.Minute)
	two.Version = 7
	s.queueOf(s.order(1, time.Hour), two)
	s.press("down", "enter")
	if r := s.lastAsked(); r != (statusRequest{"update_status", "1", "o2", order.Preparing, 7}) {
		t.Fatalf("Enter on #2 asked for %+v", r)
	}
	s.press("enter") // a double tap
	s.reads("#2: waiting for the answer")
	if len(s.sent) != 1 {
		t.Errorf("a double press sent %v, want one request", s.sent)
	}
	s.receive(Message{Type: "ack", RequestID: "1", OrderID: "o2", Status: order.Preparing, Version: 8})
	s.reads("#2 preparing", "last changed by you")
	s.receive(Message{Type: "order_status_changed", OrderID: "o2", Status: order.Preparing, Version: 8})
	s.press("enter")
	if r := s.lastAsked(); r.Version != 8 || r.Status != order.Ready {
		t.Errorf("Enter on #2, which is preparing at version 8, asked for %+v", r)
	}
	s.receive(Message{Type: "error", RequestID: "2", Code: "conflict", OrderID: "o2", Status: order.Pending, Version: 9})
	s.reads("#2: somebody was faster, it is pending now")
	s.press("b")
	if r := s.lastAsked(); r.Status != order.Pending || r.Version != 8 {
		t.Errorf("the key for back asked for %+v, want pending of version 8", r)
	}
	s.receive(Message{Type: "error", RequestID: "3", Code: "not_allowed", Message: "this move is not allowed"})
	s.reads("#2: not_allowed: this move is not allowed")
	s.press("u")
	if r := s.lastAsked(); r != (statusRequest{"update_status", "4", "o2", order.Pending, 8}) {
		t.Errorf("undo of the move to preparing: %+v", r)
	}
	s.receive(Message{Type: "ack", RequestID: "4", OrderID: "o2", Status: order.Pending, Version: 10})
	s.press("u")
	s.reads("nothing to undo")
	s.press("up", "b")
	s.reads("#1 is pending: there is no step back")
	s.press("enter")
	s.clock = s.clock.Add(answerBy + time.Second)
	s.Update(tickMsg{})
	s.reads("#1: no answer")
	s.fails = true
	s.press("enter")
	s.reads("nothing was sent")
}

// Undo goes back step by step, also past a step that was taken back by hand.
func TestUndoGoesBackStepByStep(t *testing.T) {
	s := newStage(t, 80, 24)
	s.queueOf(s.order(1, 0))
	version := int64(1)
	grant := func(key string, status order.Status) {
		t.Helper()
		s.press(key)
		if r := s.lastAsked(); r.Status != status || r.Version != version {
			t.Fatalf("%s: %+v, want %s of version %d", key, r, status, version)
		}
		version++
		s.receive(Message{Type: "ack", RequestID: s.lastAsked().RequestID, OrderID: "o1", Status: status, Version: version})
	}
	grant("enter", order.Preparing)
	grant("enter", order.Ready)
	grant("u", order.Preparing)
	grant("enter", order.Ready)
	grant("b", order.Preparing)
	grant("u", order.Pending)
	s.press("u")
	s.reads("nothing to undo")
}

// A second press for the order that has just gone must not move the one that took its place.
func TestSecondPressDoesNotHitWhatTookThePlace(t *testing.T) {
	s := newStage(t, 80, 24)
	one := s.order(1, time.Hour)
	one.Status = order.Ready
	s.queueOf(one, s.order(2, time.Minute))
	s.press("enter")
	s.receive(Message{Type: "order_status_changed", OrderID: "o1", Status: "completed", Version: 2})
	s.receive(Message{Type: "ack", RequestID: "1", OrderID: "o1", Status: "completed", Version: 2})
	s.press("enter")
	if s.selected != "o2" || len(s.sent) != 1 {
		t.Errorf("%s is selected, sent: %v", s.selected, s.sent)
	}
	s.clock = s.clock.Add(ignoreFor)
	s.press("enter")
	if s.lastAsked().OrderID != "o2" {
		t.Errorf("sent: %v", s.sent)
	}
	s.press("u")
	if r := s.lastAsked(); r.OrderID != "o1" || r.Status != order.Ready || r.Version != 2 {
		t.Errorf("undo: %+v", r)
	}
}
