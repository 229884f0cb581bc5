package ws

import (
	"fmt"
	"testing"
	"time"

	"kitchen/db/order"
)

const (
	grill = "99999999-9999-4999-8999-999999999991"
	bar   = "99999999-9999-4999-8999-999999999992"
	pass  = "99999999-9999-4999-8999-999999999993"
)

// withStations is a feed whose restaurant has stations.
func withStations(s *fakeSubscription) {
	s.do(func() {
		s.stations = order.Stations(`[{"id":"` + grill + `","name":"Grill","kind":"prep"},{"id":"` + bar + `","name":"Bar","kind":"prep"}]`)
		s.deliver(order.State, nil)
	})
}

// wantShown waits until the feed was told last that displays show this.
func (k *kitchen) wantShown(all, atGrill, atBar int) {
	k.t.Helper()
	want := order.Screens{All: all, Stations: map[string]int{}}
	for id, n := range map[string]int{grill: atGrill, bar: atBar} {
		if n > 0 {
			want.Stations[id] = n
		}
	}
	s := k.feed.subscription(k.t, bistro)
	eventually(k.t, fmt.Sprintf("shown %+v", want), func() bool {
		k.feed.mu.Lock()
		defer k.feed.mu.Unlock()
		return len(s.shown) > 0 && s.shown[len(s.shown)-1].Equal(want)
	})
}

func TestFeedIsToldWhatDisplaysShow(t *testing.T) {
	t.Parallel()
	k := open(t)
	one, two := k.join(), k.join()
	withStations(k.feed.subscription(t, bistro))
	k.wantShown(2, 0, 0)
	one.send(`{"type":"show","stations":["` + grill + `"]}`)
	k.wantShown(1, 1, 0)
	two.send(`{"type":"show","stations":["` + bar + `","99999999-9999-4999-8999-99999999999` + `1","` + grill + `"]}`) // one is named twice
	k.wantShown(0, 2, 1)
	one.send(`{"type":"show"}`)
	k.wantShown(1, 1, 1)
	one.send(`{"type":"show","stations":null}`)
	one.send(`{"type":"show","stations":[]}`) // nothing but what everybody shows
	k.wantShown(0, 1, 1)
	two.conn.Close()
	k.wantShown(0, 0, 0)
	three := k.join()
	k.wantShown(1, 0, 0)
	three.conn.Close()
	k.wantShown(0, 0, 0)
}

func TestShowIsRefusedWithWhatIsWrong(t *testing.T) {
	t.Parallel()
	k := open(t)
	c := k.join()
	withStations(k.feed.subscription(t, bistro))
	for _, stations := range []string{`"` + grill + `"`, `[7]`, `["Grill"]`, `["` + pass + `"]`, `["` + grill + `","` + pass + `"]`, `[` + grill + `]`, `{}`} {
		c.send(`{"type":"show","request_id":"r","stations":` + stations + `}`)
		if m := c.wantError("invalid_message"); string(m.RequestID) != `"r"` && stations != `[`+grill+`]` {
			t.Errorf("%s: %+v", stations, m)
		}
	}
	long := `"` + grill + `"`
	for range 100 {
		long += `,"` + grill + `"`
	}
	c.send(`{"type":"show","stations":[` + long + `]}`)
	c.wantError("invalid_message")
	k.wantShown(1, 0, 0)
}

// A display is told of all screens after its first queue, and when that changes; what it has not read yet is replaced.
func TestDisplaysAreToldWhichScreensThereAre(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Times.Heartbeat = time.Hour })
	one := k.join()
	feed := k.feed.subscription(t, bistro)
	say := func(n int) {
		feed.do(func() {
			feed.deliver(order.ScreensMessage, fmt.Appendf(nil, `{"type":"screens","stations":[],"seq":%d,"all":%d}`, n, n))
		})
	}
	say(1)
	if m := one.want("screens"); m.Seq != 1 {
		t.Errorf("the first screens message is %+v, want the one that was delivered first", m)
	}
	two := k.join()
	if m := two.want("screens"); m.Seq != 1 {
		t.Errorf("a display that joined later got %+v, want the screens as they are", m)
	}
	feed.do(func() { feed.deliver(order.Replacement, feed.doc("initial_queue")) })
	say(2)
	for _, c := range []*client{one, two} {
		c.want("initial_queue")
		if m := c.want("screens"); m.Seq != 2 {
			t.Errorf("after a whole queue a display got %+v, want the last screens", m)
		}
	}
}
