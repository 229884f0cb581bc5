package ws

import (
	"testing"
	"time"
)

func TestLiveIsToldAtOnceAndInEveryHeartbeat(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Times.Heartbeat = time.Hour; r.Times.Ping = 2 * time.Hour })
	c := k.join()
	feed := k.feed.subscription(t, bistro)
	for _, live := range []bool{false, true, false} {
		feed.do(func() { feed.state(live); feed.state(live) })
		if m := c.next(); m.Type != "heartbeat" || m.Live != live || m.ServerTime.IsZero() {
			t.Errorf("%+v, want a heartbeat with live %v", m, live)
		}
	}
	feed.event()
	if m := c.next(); m.Type != "order_updated" {
		t.Errorf("%+v came after the last change", m)
	}
}

func TestHeartbeats(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 3600)
	k := open(t, func(r *recipe) {
		r.Times.Heartbeat = 20 * time.Millisecond
		r.Now = func() time.Time { return time.Now().In(zone) }
	})
	c := k.join()
	var last time.Time
	for range 5 {
		m := c.next()
		if m.Type != "heartbeat" || !m.Live || m.ServerTime.Before(last) || time.Since(m.ServerTime) > time.Minute {
			t.Fatalf("%+v after %v", m, last)
		}
		last = m.ServerTime
	}
	feed := k.feed.subscription(t, bistro)
	feed.do(func() { feed.state(false) })
	for live := true; live; {
		live = c.want("heartbeat").Live
	}
	for range 5 {
		if m := c.want("heartbeat"); m.Live {
			t.Fatal("a heartbeat says live after the feed went deaf")
		}
	}
}

func TestHeartbeatIsUTCWithMilliseconds(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 7, 1, 1, 2, 3, 4_000_000, time.FixedZone("", 2*3600))
	for omitted, want := range map[int]string{
		0: `{"type":"heartbeat","server_time":"2026-06-30T23:02:03.004Z","live":false}`,
		7: `{"type":"heartbeat","server_time":"2026-06-30T23:02:03.004Z","live":false,"omitted":7}`,
	} {
		if got := string(heartbeat(at, false, omitted)[2:]); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestHeartbeatsAreSpread(t *testing.T) {
	t.Parallel()
	var r wheel
	for range 1000 {
		r.add(&display{})
	}
	for i, part := range r.slots {
		if len(part) != 1000/slots {
			t.Fatalf("part %d has %d displays", i, len(part))
		}
	}
	all := r.all(nil)
	for i, d := range all {
		if i%3 != 0 {
			r.remove(d)
		}
	}
	left := r.all(nil)
	if len(left) != 334 {
		t.Fatalf("%d are left", len(left))
	}
	for _, d := range left {
		if r.slots[d.slot][d.indexInSlot] != d {
			t.Fatal("a display is not where it says")
		}
	}
}
