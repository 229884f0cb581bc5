package ws

import (
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
)

func TestNodeTakesOnlySoManyDisplays(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Limits.Displays, r.Limits.DisplaysPerRestaurant = 2, 2 })
	first := k.join()
	k.join()
	response := k.dialHTTP(t)
	if response.StatusCode != 503 || response.Header.Get("Retry-After") == "" {
		t.Errorf("status %d, headers %v; want 503 with Retry-After", response.StatusCode, response.Header)
	}
	first.conn.Close()
	eventually(t, "a place is free again", func() bool { return k.server.Displays() == 1 })
	k.join()
}

// dialHTTP expects to be refused before the upgrade.
func (k *kitchen) dialHTTP(t *testing.T) *http.Response {
	t.Helper()
	conn, response, err := websocket.DefaultDialer.Dial(k.url(bistro)+"?token="+k.token(cook), nil)
	if err == nil {
		conn.Close()
		t.Fatal("the handshake succeeded")
	}
	if response == nil {
		t.Fatal(err)
	}
	return response
}

func TestRestaurantTakesOnlySoManyDisplays(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Limits.DisplaysPerRestaurant = 1 })
	first := k.join()
	k.dialRefused(bistro, k.token(cook), 4029)
	k.dial(diner, k.token(rival)).want("initial_queue")
	first.conn.Close()
	eventually(t, "the first has left", func() bool { return k.server.Displays() == 1 })
	k.join()
}

func TestJoinWaitsForNoHeartbeat(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Times.Heartbeat = 5 * time.Millisecond })
	k.feed.set(func(f *fakeFeed) { f.mute = true })
	c := k.dial(bistro, k.token(cook))
	c.send(`{"type":"list_recent"}`)
	feed := k.feed.subscription(t, bistro)
	for range 20 { // long enough for heartbeats and the answer, if they were sent
		feed.do(func() {
			feed.state(false)
			feed.state(true)
			feed.deliver(order.Event, []byte(`{"type":"order_deleted"}`))
		})
	}
	feed.do(func() { feed.deliver(order.Snapshot, feed.doc("initial_queue")) })
	if m := c.next(); m.Type != "initial_queue" {
		t.Errorf("the first message is %+v", m)
	}
	c.want("recent_orders")
}

func TestNoSnapshotMeansTryAgain(t *testing.T) {
	t.Parallel()
	t.Run("the feed says so", func(t *testing.T) {
		t.Parallel()
		k := open(t)
		k.feed.set(func(f *fakeFeed) { f.away = true })
		k.dialRefused(bistro, k.token(cook), 1013)
	})
	t.Run("the feed says nothing", func(t *testing.T) {
		t.Parallel()
		k := open(t, func(r *recipe) { r.Times.Heartbeat = 50 * time.Millisecond; r.Times.Snapshot = 100 * time.Millisecond })
		k.feed.set(func(f *fakeFeed) { f.mute = true })
		k.dialRefused(bistro, k.token(cook), 1013)
	})
}
