package ws

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kitchen/db/order"
)

// follow reads a display's messages and holds what every display is promised: a queue first, and after one nothing but
// the next event, or a later queue. It begins after event at, or with the first queue where that is -1, and returns once
// it has seen event until, or a queue that includes it.
func (c *client) follow(at, until int) (queues int, err error) {
	for at < until {
		m, err := c.read()
		switch {
		case err != nil:
			return queues, fmt.Errorf("after %d: %w", at, err)
		case m.Type == "heartbeat" && at >= 0:
		case m.Type == "initial_queue" && m.Seq >= at:
			at = m.Seq
			queues++
		case m.Type == "order_updated" && at >= 0 && m.Seq == at+1:
			at = m.Seq
		default:
			return queues, fmt.Errorf("%s %d came after %d", m.Type, m.Seq, at)
		}
	}
	return queues, nil
}

func TestBroadcastOrder(t *testing.T) {
	t.Parallel()
	const events, displays = 600, 40
	k := open(t, func(r *recipe) { r.Times.Heartbeat = 20 * time.Millisecond; r.Limits.QueueMessages = 8 })
	k.join() // so that the subscription is there, and stays
	feed := k.feed.subscription(t, bistro)
	token := k.token(cook)

	var joined, done sync.WaitGroup
	joined.Add(displays)
	for i := range displays {
		c := k.dial(bistro, token)
		done.Go(func() {
			joined.Done()
			if _, err := c.follow(-1, events); err != nil {
				t.Errorf("display %d: %v", i, err)
			}
		})
		for range events / displays { // while the next ones join
			feed.event()
		}
	}
	joined.Wait()
	done.Wait()
}

func TestDisplaysOfOneRestaurantHearNothingOfAnother(t *testing.T) {
	t.Parallel()
	k := open(t)
	ours := k.join()
	theirs := k.dial(diner, k.token(rival))
	if m := theirs.want("initial_queue"); m.Type == "" {
		t.Fatal("no queue")
	}
	k.feed.subscription(t, bistro).event()
	k.feed.subscription(t, bistro).event()
	k.feed.subscription(t, diner).event()
	theirs.send(`{"type":"list_recent"}`)
	if m := theirs.want("order_updated"); m.Seq != 1 {
		t.Errorf("the diner's display got event %d", m.Seq)
	}
	theirs.want("recent_orders")
	ours.want("order_updated")
	ours.want("order_updated")
	ours.send(`{"type":"list_recent"}`)
	ours.want("recent_orders")
}

func TestJoinsAndLeavesRace(t *testing.T) {
	t.Parallel()
	k := open(t)
	token := k.token(cook)
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			for range 25 {
				c := k.dial(bistro, token)
				if m, err := c.read(); err != nil || m.Type != "initial_queue" {
					t.Errorf("joined to %+v, %v", m, err)
				}
				c.conn.Close()
			}
		})
	}
	done.Wait()
	// That no restaurant had two subscriptions, and none was used after its end, is checked when every test ends.
	eventually(t, "the subscription ends, and the group is forgotten a while later", func() bool {
		k.server.mu.Lock()
		defer k.server.mu.Unlock()
		k.server.forgetGroups(k.server.elapsed() + groupKept)
		return len(k.server.groups) == 0 && k.server.places == 0
	})
	k.feed.set(func(f *fakeFeed) {
		if f.subscribed < 1 || len(f.subscriptions) != 0 {
			t.Errorf("subscribed %d times, %d subscriptions left", f.subscribed, len(f.subscriptions))
		}
	})
	k.join()
}

func TestJoinWhileTheLastOneLeaves(t *testing.T) {
	t.Parallel()
	k := open(t)
	first := k.join()
	feed := k.feed.subscription(t, bistro)
	hold := make(chan struct{})
	feed.work <- func() { <-hold } // Unsubscribe waits for the sequencer, which waits for us
	first.conn.Close()
	<-feed.left // it is under way
	second := k.dial(bistro, k.token(cook))
	eventually(t, "the second is a member", func() bool {
		k.server.mu.Lock()
		defer k.server.mu.Unlock()
		g := k.server.groups[bistro]
		g.mu.Lock()
		defer g.mu.Unlock()
		return len(g.members) == 1
	})
	close(hold)
	second.want("initial_queue")
}

func TestGroupThatSomebodyCameBackToIsNotForgotten(t *testing.T) {
	t.Parallel()
	k := open(t)
	first := k.join()
	first.conn.Close()
	eventually(t, "the group has no subscription", func() bool {
		k.feed.mu.Lock()
		defer k.feed.mu.Unlock()
		return len(k.feed.subscriptions) == 0
	})
	k.join()
	k.server.mu.Lock()
	k.server.forgetGroups(k.server.elapsed() + 2*groupKept)
	k.server.mu.Unlock()
	k.join() // a second subscription for the restaurant would be noticed when the test ends
	k.feed.set(func(f *fakeFeed) {
		if f.subscribed != 2 {
			t.Errorf("the feed was subscribed to %d times", f.subscribed)
		}
	})
}

func TestReplacementReachesEveryDisplay(t *testing.T) {
	t.Parallel()
	k := open(t)
	a, b := k.join(), k.join()
	feed := k.feed.subscription(t, bistro)
	k.feed.set(func(f *fakeFeed) { f.mute = true })
	waits := k.dial(bistro, k.token(cook))
	eventually(t, "the third waits for a snapshot", func() bool {
		k.server.mu.Lock()
		defer k.server.mu.Unlock()
		return k.server.places == 3 && len(k.server.groups[bistro].members) == 3
	})
	feed.do(func() {
		feed.deliver(order.Replacement, feed.doc("initial_queue"))
		feed.deliver(order.Snapshot, []byte(`{"type":"for nobody"}`))
	})
	feed.event()
	for _, c := range []*client{a, b, waits} {
		c.want("initial_queue")
		c.want("order_updated")
	}
}

func TestUnavailableClosesOnlyThoseThatHaveNothing(t *testing.T) {
	t.Parallel()
	k := open(t)
	has := k.join()
	k.feed.set(func(f *fakeFeed) { f.away = true })
	k.dialRefused(bistro, k.token(cook), 1013)
	k.feed.subscription(t, bistro).event()
	has.want("order_updated")
}

// What is known of the feed comes with every message, whatever it is for.
func TestEveryMessageSaysWhetherTheFeedIsLiveAndWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Times.Heartbeat = 20 * time.Millisecond })
	c := k.join()
	feed := k.feed.subscription(t, bistro)
	feed.do(func() {
		feed.live, feed.omitted = true, 149_500
		feed.deliver(order.Event, feed.doc("order_updated"))
	})
	c.want("order_updated")
	for range 5 {
		if m := c.want("heartbeat"); m.Omitted != 149_500 || !m.Live {
			t.Fatalf("after the event: %+v", m)
		}
	}
	feed.do(func() {
		feed.live, feed.omitted = false, 0
		feed.deliver(order.Replacement, feed.doc("initial_queue"))
	})
	c.want("initial_queue")
	for range 5 {
		if m := c.want("heartbeat"); m.Omitted != 0 || m.Live {
			t.Fatalf("after the replacement: %+v", m)
		}
	}
}

func TestPanicClosesOneDisplay(t *testing.T) {
	t.Parallel()
	k := open(t)
	well := k.join()
	k.store.set(func(s *fakeStore) {
		s.update = func(context.Context, order.StatusUpdate) (order.StatusResult, error) { panic("a bug") }
	})
	ill := k.join()
	ill.send(`{"type":"update_status","order_id":"` + string(soup) + `","status":"ready"}`)
	if m, err := ill.read(); err == nil {
		t.Errorf("got %+v", m)
	}
	k.store.set(func(s *fakeStore) {
		s.user = func(context.Context, order.UserID) (order.User, error) { panic("another bug") }
	})
	k.dialRefused(bistro, k.token(cook), 1013)
	eventually(t, "the places of both are free", func() bool { return k.server.Displays() == 1 })
	k.feed.subscription(t, bistro).event()
	well.want("order_updated")
	if logs := k.logs.String(); strings.Count(logs, "code panicked") != 1 ||
		strings.Count(logs, "look-up of users panicked") != 1 || !strings.Contains(logs, "requests.go") ||
		!strings.Contains(logs, "fakestore_test.go") {
		t.Error("the panics are not in the log, with where they happened")
	}
}
