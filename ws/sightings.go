package ws

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"kitchen/db/order"
	"kitchen/ws/protocol"
)

const (
	sightingsEvery = time.Second // what displays have seen meanwhile is noted together
	sightingsBatch = 1000        // noted at once
	sightingsMost  = 50_000      // that wait while they cannot be noted; more are dropped
	sightingsEach  = 5000        // that wait of one restaurant, so that none has those of others dropped
	sightingsKnown = 20_000      // that have been noted, and are not noted again
)

// sightings gathers what the displays of this node have seen, and has it noted once a second. Displays repeat themselves: several show
// the same order, and each says so again when it has reconnected. Only the first sighting of a version is passed on.
type sightings struct {
	mu      sync.Mutex
	waiting []order.Sighting
	each    map[order.RestaurantID]int // how many of those that wait are a restaurant's
	known   [2]map[seen]struct{}       // that wait or were noted: lately, and before that
	dropped bool                       // some, since the last that could be noted
}

// seen is a sighting without its time and place.
type seen struct {
	restaurant order.RestaurantID
	order      order.OrderID
	version    int64
	how        order.How
}

func keyOf(s order.Sighting) seen { return seen{s.Restaurant, s.Order, s.Version, s.How} }

// seen notes what a display says that it has seen. Whether those are orders of its restaurant, the database knows.
func (d *display) seen(r protocol.Request) {
	dropped := d.server.sightings.add(d.group.restaurant, r, d.id)
	if dropped {
		d.server.peerLog.Write(slog.LevelWarn, "which orders were seen cannot be noted, and is forgotten: a false alarm may follow")
	}
}

// add takes what has not been seen before. It reports whether something was dropped for the first time.
func (s *sightings) add(restaurant order.RestaurantID, r protocol.Request, display uint64) (dropped bool) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range r.Seen {
		sighting := order.Sighting{Restaurant: restaurant, Order: one.Order, Version: one.Version, How: r.How, At: now, Display: display}
		if s.knows(keyOf(sighting)) {
			continue
		}
		if len(s.waiting) >= sightingsMost || s.each[restaurant] >= sightingsEach {
			dropped = dropped || !s.dropped
			s.dropped = true
			continue
		}
		s.remember(keyOf(sighting))
		s.waiting = append(s.waiting, sighting)
		s.count(restaurant, 1)
	}
	return dropped
}

// knows, remember and the rest are called with mu held.

func (s *sightings) knows(k seen) bool {
	for _, known := range s.known {
		if _, ok := known[k]; ok {
			return true
		}
	}
	return false
}

func (s *sightings) remember(k seen) {
	if s.known[0] == nil || len(s.known[0]) >= sightingsKnown {
		s.known[0], s.known[1] = make(map[seen]struct{}), s.known[0]
	}
	s.known[0][k] = struct{}{}
}

func (s *sightings) count(r order.RestaurantID, n int) {
	if s.each == nil {
		s.each = make(map[order.RestaurantID]int)
	}
	if s.each[r] += n; s.each[r] == 0 {
		delete(s.each, r)
	}
}

// take returns what waits the longest.
func (s *sightings) take() []order.Sighting {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.waiting), sightingsBatch)
	batch := s.waiting[:n:n]
	s.waiting = s.waiting[n:]
	if len(s.waiting) == 0 {
		s.waiting = nil
	}
	for _, one := range batch {
		s.count(one.Restaurant, -1)
	}
	return batch
}

// putBack has a batch noted later.
func (s *sightings) putBack(batch []order.Sighting) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(batch, s.waiting...)
	for _, one := range batch {
		s.count(one.Restaurant, 1)
	}
}

// noted says that a batch was noted.
func (s *sightings) noted() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropped = false
}

// noteSightings has what displays have seen noted until the server ends, and what came last then.
func (s *Server) noteSightings() {
	tick := time.NewTicker(sightingsEvery)
	defer tick.Stop()
	failed := false
	for ended := false; !ended; {
		select {
		case <-s.running.Done():
			ended = true
		case <-tick.C:
		}
		for batch := s.sightings.take(); len(batch) > 0; batch = s.sightings.take() {
			ctx, cancel := context.WithTimeout(s.ctx, s.times.Store)
			err := s.store.NoteSightings(ctx, batch)
			cancel()
			if err != nil {
				s.sightings.putBack(batch)
				if !failed { // said once, until it succeeds
					s.log.Warn("which orders were seen could not be noted, trying again", "err", err)
				}
				failed = true
				break
			}
			s.sightings.noted()
			failed = false
		}
	}
}
