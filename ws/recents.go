package ws

import (
	"context"
	"errors"
	"sync"
	"time"
)

// recentRest is the shortest time between two queries for a restaurant's recall list. Displays that ask meanwhile share one
// answer, so that its fifty orders are read and encoded once.
const recentRest = 200 * time.Millisecond

// recents reads the recall list for the displays of one restaurant. One query runs at a time. A display that asks meanwhile waits
// for the next query, so that it never gets a list that is older than its request.
type recents struct {
	querying sync.Mutex // held while a query runs
	asked    time.Time  // when the last one began; guarded by turn
	mu       sync.Mutex
	coming   *recentList // whose query has not begun; nil if nobody waits for one
}

// recentList is one answer, shared by all displays that wait for it.
type recentList struct {
	done   chan struct{} // closed when the rest is set
	orders []byte        // a JSON array
	err    error
}

func (g *Group) recentOrders(ctx context.Context) ([]byte, error) {
	r := &g.recents
	r.mu.Lock()
	list, first := r.coming, r.coming == nil
	if first {
		list = &recentList{done: make(chan struct{})}
		r.coming = list
	}
	r.mu.Unlock()
	if first {
		g.askRecent(list)
	}
	select {
	case <-list.done:
		return list.orders, list.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// askRecent runs the query, after the one before it has ended, and recentRest after that one began.
func (g *Group) askRecent(list *recentList) {
	r := &g.recents
	r.querying.Lock()
	defer r.querying.Unlock()
	waitUntil(g.server.ctx, r.asked.Add(recentRest))
	r.asked = time.Now()
	r.mu.Lock()
	r.coming = nil
	r.mu.Unlock()

	list.err = errors.New("the question panicked")
	defer close(list.done) // also then
	ctx, cancel := context.WithTimeout(g.server.ctx, g.server.times.Store)
	defer cancel()
	orders, err := g.server.store.Recent(ctx, g.restaurant)
	if err == nil {
		doc := []byte{'['}
		for i := range orders {
			if i > 0 {
				doc = append(doc, ',')
			}
			doc = orders[i].AppendJSON(doc)
		}
		list.orders = append(doc, ']')
	}
	list.err = err
}
