package ws

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
)

func TestRecentOrders(t *testing.T) {
	t.Parallel()
	k := open(t)
	c := k.join()
	c.send(`{"type":"list_recent"}`)
	if m := c.want("recent_orders"); m.Orders == nil || len(m.Orders) != 0 {
		t.Errorf("no orders are %v, want an empty list", m.Orders)
	}
	k.store.set(func(s *fakeStore) {
		s.recent = func(_ context.Context, r order.RestaurantID) ([]order.Order, error) {
			return []order.Order{{ID: "2"}, {ID: "1", RestaurantID: r}}, nil
		}
	})
	c.send(`{"type":"list_recent"}`)
	m := c.want("recent_orders")
	if len(m.Orders) != 2 || !strings.HasPrefix(string(m.Orders[0]), `{"id":"2",`) || !strings.Contains(string(m.Orders[1]), string(bistro)) {
		t.Errorf("orders %s", m.Orders)
	}
}

// Displays that ask for the recall list all the time share its answers. None gets one from before it asked.
func TestRecallListsAreReadTogether(t *testing.T) {
	t.Parallel()
	k := open(t)
	var questions, busy atomic.Int64
	k.store.set(func(s *fakeStore) {
		s.recent = func(_ context.Context, r order.RestaurantID) ([]order.Order, error) {
			if r == bistro && busy.Add(1) > 1 {
				t.Error("two questions for one restaurant at a time")
			}
			n := int64(questions.Add(1))
			if r == bistro {
				busy.Add(-1)
			}
			return []order.Order{{Number: n}}, nil
		}
	})
	const displays, times = 20, 10
	began := time.Now()
	var asking sync.WaitGroup
	for range displays {
		c := k.join()
		asking.Go(func() {
			for i := range times {
				before := questions.Load()
				if err := c.conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"list_recent","request_id":%d}`, i)); err != nil {
					t.Error(err)
					return
				}
				m, err := c.read()
				for err == nil && m.Type == "heartbeat" {
					m, err = c.read()
				}
				var o struct {
					Number int64 `json:"order_number"`
				}
				if err != nil || m.Type != "recent_orders" || string(m.RequestID) != fmt.Sprint(i) || len(m.Orders) != 1 ||
					json.Unmarshal(m.Orders[0], &o) != nil {
					t.Errorf("%+v, %v", m, err)
					return
				}
				if o.Number <= before {
					t.Errorf("answer %d is older than the question, before which there were %d", o.Number, before)
				}
			}
		})
	}
	asking.Wait()
	if n, most := questions.Load(), int64(time.Since(began)/recentRest)+2; n > most {
		t.Errorf("%d questions for %d requests, want at most %d", n, displays*times, most)
	}

	// A restaurant whose list takes long delays no other.
	hold, held := make(chan struct{}), make(chan struct{})
	k.store.set(func(s *fakeStore) {
		s.recent = func(_ context.Context, r order.RestaurantID) ([]order.Order, error) {
			if r == bistro {
				close(held)
				<-hold
			}
			return nil, nil
		}
	})
	slow := k.join()
	slow.send(`{"type":"list_recent"}`)
	<-held
	theirs := k.dial(diner, k.token(rival))
	theirs.want("initial_queue")
	theirs.send(`{"type":"list_recent"}`)
	theirs.want("recent_orders")
	close(hold)
	slow.want("recent_orders")
}
