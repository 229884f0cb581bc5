package ws

import (
	"testing"
	"time"
)

func TestDeliveriesAreRememberedByTheirNumber(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Times.Heartbeat, r.Times.Ping = time.Hour, 2*time.Hour })
	displays := make([]*client, displaysNamed+1)
	for i := range displays {
		displays[i] = k.join()
	}
	feed := k.feed.subscription(t, bistro)
	for range deliveriesKept + 1 {
		feed.event()
	}
	if got := k.server.Delivery(bistro, 1); got.Reached != 0 {
		t.Errorf("the first of %d is remembered: %+v", deliveriesKept+1, got)
	}
	for _, sequence := range []uint64{2, deliveriesKept + 1} {
		got := k.server.Delivery(bistro, sequence)
		if got.Reached != len(displays) || len(got.Displays) != displaysNamed || got.Behind != 0 || got.Displays[0] == got.Displays[1] {
			t.Errorf("number %d: %+v", sequence, got)
		}
	}
	behindOne := k.displayOf(0)
	behindOne.mu.Lock()
	behindOne.progress = behind
	behindOne.mu.Unlock()
	feed.event()
	if got := k.server.Delivery(bistro, deliveriesKept+2); got.Reached != len(displays)-1 || got.Behind != 1 {
		t.Errorf("with one behind: %+v", got)
	}
	for _, c := range displays {
		c.conn.Close()
	}
	eventually(t, "all have left", func() bool { return k.server.Displays() == 0 })
	if got := k.server.Delivery(bistro, 2+1); got.Reached != len(displays) {
		t.Errorf("after the last display left: %+v", got)
	}
	if got := k.server.Delivery(diner, 1); got.Reached != 0 {
		t.Errorf("of a restaurant without displays: %+v", got)
	}
}
