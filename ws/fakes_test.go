package ws

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"kitchen/db/order"
)

// fakeFeed numbers what it sends: a snapshot holds the number of the event it includes.
type fakeFeed struct {
	mu            sync.Mutex
	subscriptions map[order.RestaurantID]*fakeSubscription
	subscribed    int    // times
	doubles       int    // times that a restaurant with a subscription was subscribed to
	late          int    // uses of a subscription after its end
	mute          bool   // refreshes are noted, and not answered
	away          bool   // refreshes are answered with order.Unavailable
	deaf          bool   // what the first message says about the feed
	filler        string // in every event and snapshot
	wg            sync.WaitGroup
}

func newFakeFeed() *fakeFeed {
	return &fakeFeed{subscriptions: make(map[order.RestaurantID]*fakeSubscription)}
}

func (f *fakeFeed) Subscribe(restaurant order.RestaurantID, to Subscriber) Subscription {
	s := &fakeSubscription{feed: f, restaurant: restaurant, to: to,
		work: make(chan func(), 1000), refresh: make(chan struct{}, 1), left: make(chan struct{}), ended: make(chan struct{})}
	f.mu.Lock()
	f.subscribed++
	if f.subscriptions[restaurant] != nil {
		f.doubles++
	}
	f.subscriptions[restaurant] = s
	live := !f.deaf
	f.mu.Unlock()
	s.state(live)
	f.wg.Go(s.run)
	return s
}

// SubscribePickup keeps the subscription under another name, which no restaurant has.
func (f *fakeFeed) SubscribePickup(restaurant order.RestaurantID, to Subscriber) Subscription {
	return f.Subscribe(pickupOf(restaurant), to)
}

func pickupOf(restaurant order.RestaurantID) order.RestaurantID { return "pickup " + restaurant }

// subscription waits for the subscription of a restaurant.
func (f *fakeFeed) subscription(t testing.TB, restaurant order.RestaurantID) *fakeSubscription {
	t.Helper()
	var s *fakeSubscription
	eventually(t, "a subscription to the feed", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		s = f.subscriptions[restaurant]
		return s != nil
	})
	return s
}

func (f *fakeFeed) set(change func(f *fakeFeed)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *fakeFeed) close() { f.wg.Wait() }

// check holds what a feed may rely on, whatever a test was about.
func (f *fakeFeed) check(t testing.TB) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.doubles > 0 {
		t.Errorf("a restaurant had two subscriptions %d times", f.doubles)
	}
	if f.late > 0 {
		t.Errorf("a subscription was used %d times after its end", f.late)
	}
	if len(f.subscriptions) > 0 {
		t.Errorf("%d subscriptions were never ended", len(f.subscriptions))
	}
}

// fakeSubscription is one sequencer: its own goroutine delivers every message after the first.
type fakeSubscription struct {
	feed       *fakeFeed
	restaurant order.RestaurantID
	to         Subscriber
	work       chan func()
	refresh    chan struct{}
	left       chan struct{}
	ended      chan struct{}

	// Owned by run.
	seq      int
	live     bool
	omitted  int
	stations order.Stations

	// Guarded by feed.mu.
	gone      bool
	refreshes int
	shown     []order.Screens
}

func (s *fakeSubscription) run() {
	defer close(s.ended)
	for {
		select {
		case <-s.left:
			return
		case <-s.refresh:
			s.feed.mu.Lock()
			mute, away := s.feed.mute, s.feed.away
			s.feed.mu.Unlock()
			switch {
			case away:
				s.deliver(order.Unavailable, nil)
			case !mute:
				s.deliver(order.Snapshot, s.doc("initial_queue"))
			}
		case work := <-s.work:
			work()
		}
	}
}

func (s *fakeSubscription) doc(kind string) []byte {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return fmt.Appendf(nil, `{"type":%q,"restaurant_id":%q,"seq":%d,"filler":%q}`, kind, s.restaurant, s.seq, s.feed.filler)
}

func (s *fakeSubscription) deliver(kind order.MessageKind, doc []byte) {
	s.to.Deliver(order.Message{Kind: kind, Document: doc, Sequence: uint64(s.seq), Live: s.live, Omitted: s.omitted, Stations: s.stations})
}

func (s *fakeSubscription) state(live bool) {
	s.live = live
	s.deliver(order.State, nil)
}

// do runs work on the sequencer, and waits for it.
func (s *fakeSubscription) do(work func()) {
	done := make(chan struct{})
	s.work <- func() { work(); close(done) }
	select {
	case <-done:
	case <-s.ended:
	}
}

// event delivers the next event.
func (s *fakeSubscription) event() {
	s.do(func() {
		s.seq++
		s.deliver(order.Event, s.doc("order_updated"))
	})
}

func (s *fakeSubscription) Refresh() {
	s.feed.set(func(f *fakeFeed) {
		s.refreshes++
		if s.gone {
			f.late++
		}
	})
	select {
	case s.refresh <- struct{}{}:
	default:
	}
}

func (s *fakeSubscription) Show(shown order.Screens) {
	s.feed.set(func(f *fakeFeed) {
		s.shown = append(s.shown, shown)
		if s.gone {
			f.late++
		}
	})
}

func (s *fakeSubscription) Unsubscribe() {
	close(s.left)
	<-s.ended
	s.feed.set(func(f *fakeFeed) {
		s.gone = true
		if f.subscriptions[s.restaurant] == s {
			delete(f.subscriptions, s.restaurant)
		}
	})
}

// logRecorder keeps everything that was logged.
type logRecorder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logRecorder) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logRecorder) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
