package demo

import (
	"testing"
	"time"

	"kitchen/cmd/kitchen/terminal"
	"kitchen/db/order"
	"kitchen/db/rush"
)

func TestMeterMeasuresFromCommitToDisplay(t *testing.T) {
	m, zero := newMeter(), time.Now()
	at := func(ms int) time.Time { return zero.Add(time.Duration(ms) * time.Millisecond) }
	commit := func(id string, version int64, ms int) {
		m.committed(rush.Change{Order: order.OrderID(id), Version: version, At: at(ms)})
	}

	commit("a", 1, 0)
	m.receive(terminal.Message{Type: "order_created", At: at(5), Order: &terminal.Ticket{Order: order.Order{ID: "a", Version: 1}}}) // 5 ms
	commit("a", 2, 10)
	commit("a", 3, 11)
	m.receive(terminal.Message{Type: "order_status_changed", At: at(20), OrderID: "a", Version: 3}) // 10 and 9 ms, by one event
	m.receive(terminal.Message{Type: "order_status_changed", At: at(30), OrderID: "a", Version: 4})
	commit("a", 4, 31) // received before the commit returned: 0 ms
	commit("b", 1, 40)
	m.receive(terminal.Message{Type: "initial_queue", At: at(43), Orders: []terminal.Ticket{{Order: order.Order{ID: "b", Version: 1}}}}) // 3 ms
	commit("c", 2, 50)
	m.receive(terminal.Message{Type: "order_deleted", At: at(51), OrderID: "c"}) // 1 ms
	m.receive(terminal.Message{Type: "order_created", At: at(60), Order: &terminal.Ticket{Order: order.Order{ID: "of somebody else", Version: 1}}})
	m.receive(terminal.Message{Type: "heartbeat", At: at(61)})

	f := m.figures()
	if want := (figures{received: 5, p50: 3 * time.Millisecond, p99: 10 * time.Millisecond}); f != want {
		t.Errorf("got %+v, want %+v", f, want)
	}
	commit("d", 1, 70)
	m.wait(time.Nanosecond)
	if f := m.figures(); f.missing != 1 {
		t.Errorf("%d missing, want 1", f.missing)
	}
}

func TestPercentileIsTheNearestRank(t *testing.T) {
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(i+1))
	}
	for _, c := range []struct {
		of    []time.Duration
		share float64
		want  time.Duration
	}{
		{nil, 0.5, 0}, {hundred[:1], 0.99, 1}, {hundred[:2], 0.5, 1}, {hundred[:3], 0.5, 2},
		{hundred, 0.5, 50}, {hundred, 0.99, 99}, {hundred, 1, 100}, {hundred, 0, 1},
	} {
		if got := percentile(c.of, c.share); got != c.want {
			t.Errorf("percentile(%d values, %v) = %d, want %d", len(c.of), c.share, got, c.want)
		}
	}
}
