package ws

import (
	"context"
	"errors"
	"sync"
	"time"
)

// recentRest is the least time from one question for a restaurant's recall list to the next: displays that ask again and
// again share an answer, whose fifty orders are read and encoded once.
const recentRest = 200 * time.Millisecond

// recents answers the displays of one restaurant that ask for the recall list. One question to the store is under way at a
// time. Whoever asks meanwhile waits for the next one, so that nobody gets a list from before they asked.
type recents struct {
	turn   sync.Mutex // held by whoever puts the question
	asked  time.Time  // when the last one began; guarded by turn
	mu     sync.Mutex
	coming *recentList // the one that has not begun, or nil
}

// recentList is one answer for all who wait for it.
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

// askRecent puts the question, once the one before it is answered, and some time after that one was put.
func (g *Group) askRecent(list *recentList) {
	r := &g.recents
	r.turn.Lock()
	defer r.turn.Unlock()
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
