package ws

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kitchen/db/order"
	"kitchen/ws/protocol"
)

// What displays have seen reaches the store once, together, and in the name of their own restaurant.
func TestSightingsReachTheStoreOnceAndTogether(t *testing.T) {
	t.Parallel()
	k := open(t)
	noted, failing := make(chan []order.Sighting, 100), make(chan bool, 100)
	failing <- true // the first time
	k.store.set(func(s *fakeStore) {
		s.sightings = func(_ context.Context, seen []order.Sighting) error {
			select {
			case <-failing:
				return errAway
			default:
			}
			noted <- seen
			return nil
		}
	})
	one, two := k.join(), k.join()
	seen := func(how string, versions ...int) string {
		var orders []string
		for _, v := range versions {
			orders = append(orders, fmt.Sprintf(`{"order_id":%q,"version":%d,"more":1}`, strings.ToUpper(string(soup)), v))
		}
		return `{"type":"seen","how":"` + how + `","orders":[` + strings.Join(orders, ",") + `]}`
	}
	one.send(seen("painted", 1, 2, 1))
	two.send(seen("painted", 2))
	two.send(seen("touched", 2))
	for _, c := range []*client{one, two} { // whose answers come in order
		c.send(`{"type":"list_recent"}`)
		c.want("recent_orders")
	}
	got := map[string]int{}
	for len(got) < 3 {
		select {
		case batch := <-noted:
			for _, s := range batch {
				if s.Restaurant != bistro || s.Order != soup || s.Display == 0 || time.Since(s.At) > time.Minute {
					t.Errorf("noted is a sighting of something else, or of another time: %+v", s)
				}
				got[fmt.Sprint(s.How, s.Version)]++
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("only %v was noted", got)
		}
	}
	one.send(seen("painted", 1)) // again, as after a reconnect
	one.send(seen("painted", 3))
	for batch := range noted {
		for _, s := range batch {
			got[fmt.Sprint(s.How, s.Version)]++
		}
		if got["painted3"] > 0 {
			break
		}
	}
	for what, times := range got {
		if times != 1 {
			t.Errorf("%s was noted %d times", what, times)
		}
	}
}

func TestSightingsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	k := open(t)
	c := k.join()
	many, _ := json.Marshal(make([]map[string]any, 251))
	for _, wrong := range []string{
		`"how":"painted"`, `"how":"painted","orders":{}`, `"how":"painted","orders":[]`, `"how":"painted","orders":null`, `"how":"painted","orders":[1]`,
		`"how":"guessed","orders":[{"order_id":"` + string(soup) + `","version":1}]`, `"orders":[{"order_id":"` + string(soup) + `","version":1}]`,
		`"how":"painted","orders":[{"order_id":"7","version":1}]`, `"how":"painted","orders":[{"order_id":"` + string(soup) + `"}]`,
		`"how":"painted","orders":[{"order_id":"` + string(soup) + `","version":-1}]`, `"how":"painted","orders":[{"order_id":"` + string(soup) + `","Version":1}]`,
		`"how":"painted","orders":` + string(many),
	} {
		c.send(`{"type":"seen","request_id":"s",` + wrong + `}`)
		if m := c.wantError("invalid_message"); string(m.RequestID) != `"s"` {
			t.Errorf("%s: request_id %s", wrong, m.RequestID)
		}
	}
}

// However long nothing can be noted, a node keeps a bounded number of sightings, and what it keeps is noted in the end.
func TestSightingsThatWaitAreBounded(t *testing.T) {
	t.Parallel()
	var s sightings
	add := func(from, n int) (dropped bool) {
		for i := range n {
			dropped = s.add(order.RestaurantID(fmt.Sprint("r", (from+i)%100)), requestOfSeen(from+i), 1) || dropped
		}
		return dropped
	}
	if add(0, sightingsMost) {
		t.Error("dropped while there is room")
	}
	if !add(sightingsMost, 10) || add(sightingsMost+10, 10) {
		t.Error("that some are dropped is said once")
	}
	batch := s.take()
	s.putBack(batch)
	count := 0
	for batch := s.take(); len(batch) > 0; batch = s.take() {
		count += len(batch)
		s.noted()
	}
	if count != sightingsMost || len(s.known[0])+len(s.known[1]) > 2*sightingsKnown {
		t.Errorf("%d were kept, %d and %d are known", count, len(s.known[0]), len(s.known[1]))
	}
	if add(sightingsMost, 1) || len(s.waiting) != 1 {
		t.Error("what was dropped is not taken when it is said again")
	}
}

// A display that says that it has seen what there is not takes nothing from the other restaurants of the node, however often it does.
func TestSightingsOfOneRestaurantLeaveRoomForOthers(t *testing.T) {
	t.Parallel()
	var s sightings
	for round := range 2 { // what was noted makes room again
		dropped := false
		for i := range 2 * sightingsMost {
			dropped = s.add(bistro, requestOfSeen(round*2*sightingsMost+i), 1) || dropped
		}
		if !dropped || len(s.waiting) >= sightingsMost/2 {
			t.Errorf("%d wait of one restaurant", len(s.waiting))
		}
		if s.dropped = false; s.add(diner, requestOfSeen(round), 2) {
			t.Error("what another restaurant has seen was dropped")
		}
		found := false
		for batch := s.take(); len(batch) > 0; batch = s.take() {
			found = found || slices.ContainsFunc(batch, func(one order.Sighting) bool { return one.Restaurant == diner })
		}
		if !found || len(s.each) != 0 {
			t.Errorf("found %v, counted afterwards: %v", found, s.each)
		}
		s.noted()
	}
}

func requestOfSeen(i int) protocol.Request {
	return protocol.Request{Kind: "seen", How: order.Painted, Seen: []protocol.Seen{{Order: order.OrderID(fmt.Sprint("o", i)), Version: 1}}}
}

// What it costs a node that one of 2,000 displays says that it has painted an order, from its socket to the batch: of the node, besides the
// display's own part. The share is of one core, for 100 such messages a second.
func BenchmarkSeen(b *testing.B) {
	var s sightings
	ids := order.Keys{}
	var batches int
	body := make([][]byte, 1000)
	for i := range body {
		body[i] = fmt.Appendf(nil, `{"type":"seen","how":"painted","orders":[{"order_id":"%08d-eeee-4eee-8eee-eeeeeeeeeeee","version":1}],"request_id":"seen-%d"}`, i, i)
	}
	for i := 0; b.Loop(); i++ {
		r, wrong := protocol.ParseRequest(true, body[i%len(body)], ids)
		if wrong != nil {
			b.Fatal(wrong)
		}
		s.add(bistro, r, uint64(i%2000))
		if i%100 == 99 {
			s.take()
			batches++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)*100/1e9*100, "%core")
}
