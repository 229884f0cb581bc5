package notifier

import (
	"encoding/json"
	"strings"
	"testing"

	"kitchen/db/order"
)

// Whatever a notification says, it names at most one order by a key, and the same as JSON has it.
func FuzzHint(f *testing.F) {
	const id = "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"
	for _, seed := range []string{`{"type":"order_created","order_id":"` + id + `","version":1}`, `{"type":"queue_changed"}`, ``, `null`, `[]`,
		`{"order_id":7}`, `{"order_id":"` + strings.ToUpper(id) + `"}`, `{"type":"a","order_id":"` + id + `","order_id":"x"}`, `{"type":"","order_id":"` + id} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		got, ok := orderOf(payload)
		if again, is := order.Key(string(got)); ok && (!is || again != string(got)) {
			t.Errorf("%q: %q is no key", payload, got)
		}
		var hint struct {
			OrderID string `json:"order_id"`
		}
		if json.Unmarshal([]byte(payload), &hint) != nil {
			return
		}
		if want, is := order.Key(hint.OrderID); is && !ok {
			t.Errorf("%q names %s, and was not understood", payload, want)
		}
	})
}

// What is sent of two states of an order never takes a display to an older version, never leaves out something new,
// and brings a display that folds it to the later state.
func FuzzDifference(f *testing.F) {
	f.Add(uint8(1), uint8(0), "a", uint8(2), uint8(1), "a", false)
	f.Add(uint8(1), uint8(0), "a", uint8(2), uint8(3), "b", true)
	f.Add(uint8(0), uint8(0), "", uint8(1), uint8(0), "x", false)
	f.Add(uint8(2), uint8(1), "a", uint8(0), uint8(0), "", false)
	f.Add(uint8(2), uint8(1), "a", uint8(1), uint8(1), "a", false)
	statuses := []order.Status{order.Pending, order.Preparing, order.Ready, "completed", "cancelled"}
	orderOf := func(version, status uint8, notes string, recalled bool) *order.Order {
		if version == 0 {
			return nil
		}
		return &order.Order{ID: "o", Version: int64(version), Status: statuses[int(status)%len(statuses)], Notes: notes, Recalled: recalled}
	}
	f.Fuzz(func(t *testing.T, v1, s1 uint8, n1 string, v2, s2 uint8, n2 string, recalled bool) {
		was, is := orderOf(v1, s1, n1, false), orderOf(v2, s2, n2, recalled)
		if was != nil && !was.Status.Open() {
			was = nil // the sent queue holds only open orders
		}
		message, back := difference(was, is)
		if back != (was != nil && is != nil && (is.Version < was.Version || is.Version == was.Version && (is.Status != was.Status || !was.SameContent(is)))) {
			t.Fatalf("%+v to %+v: back %t", was, is, back)
		}
		if back {
			return
		}
		shown := was
		switch m := message.(type) {
		case nil:
		case *orderMessage:
			shown = m.Order
		case *statusMessage:
			if was == nil {
				t.Fatal("a status of what is not shown")
			}
			copied := *was
			copied.Status, copied.Version = m.Status, m.Version
			shown = &copied
		case *deletedMessage:
			shown = nil
		}
		if shown != nil && !shown.Status.Open() {
			shown = nil
		}
		if open := is != nil && is.Status.Open(); open != (shown != nil) {
			t.Fatalf("%+v to %+v: shown %+v", was, is, shown)
		} else if open && (shown.Version != is.Version || shown.Status != is.Status || !shown.SameContent(is)) {
			t.Fatalf("%+v to %+v: shown %+v", was, is, shown)
		}
	})
}
