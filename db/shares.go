package db

import (
	"context"
	"fmt"
	"math"
	"sync"

	"kitchen/db/order"
)

// shares divides connections of the pool among restaurants, for what their displays ask. No restaurant uses more than its share at
// one time. A connection that is given back goes to the waiting restaurant that uses the fewest, or, among equals, to the one that has
// waited longest. So a locked order on which fifty cooks tap delays no other restaurant.
type shares struct {
	perRestaurant int // static

	mu    sync.Mutex
	free  int
	turns uint64
	of    map[order.RestaurantID]*share // of restaurants that use or wait for a connection
}

// share is what one restaurant uses of them.
type share struct {
	using    int
	waiting  []chan struct{} // each is closed when its owner has a connection; oldest first
	lastTurn uint64
}

func newShares(connections int) *shares {
	return &shares{free: connections, perRestaurant: (connections + 1) / 2, of: make(map[order.RestaurantID]*share)}
}

// use calls do while it counts against a restaurant's share, and before that waits for its turn, no longer than ctx.
func (s *shares) use(ctx context.Context, id order.RestaurantID, do func() error) error {
	if err := s.take(ctx, id); err != nil {
		return fmt.Errorf("wait for a connection: %w", err)
	}
	defer s.giveBack(id)
	return do()
}

func (s *shares) take(ctx context.Context, id order.RestaurantID) error {
	s.mu.Lock()
	mine := s.of[id]
	if mine == nil {
		mine = &share{}
		s.of[id] = mine
	}
	turn := make(chan struct{})
	mine.waiting = append(mine.waiting, turn)
	s.grant()
	s.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, waiting := range mine.waiting {
		if waiting == turn {
			mine.waiting = append(mine.waiting[:i], mine.waiting[i+1:]...)
			s.forget(id, mine)
			return ctx.Err()
		}
	}
	return nil // its turn came at the same moment
}

func (s *shares) giveBack(id order.RestaurantID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mine := s.of[id]
	mine.using--
	s.free++
	s.grant()
	s.forget(id, mine)
}

// grant gives out what is free. The caller holds the lock, as it does for forget.
func (s *shares) grant() {
	for s.free > 0 {
		var next *share
		fewest, longest := math.MaxInt, uint64(0)
		for _, one := range s.of {
			if len(one.waiting) == 0 || one.using >= s.perRestaurant {
				continue
			}
			if one.using < fewest || one.using == fewest && one.lastTurn < longest {
				next, fewest, longest = one, one.using, one.lastTurn
			}
		}
		if next == nil {
			return
		}
		close(next.waiting[0])
		next.waiting = next.waiting[1:]
		next.using++
		s.turns++
		next.lastTurn = s.turns
		s.free--
	}
}

func (s *shares) forget(id order.RestaurantID, one *share) {
	if one.using == 0 && len(one.waiting) == 0 {
		delete(s.of, id)
	}
}
