package notifier

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"kitchen/db"
	"kitchen/db/order"
	"kitchen/notifier/listen"
)

const (
	maxDirtyOrders = 200  // of one kitchen; beyond, its whole queue is read instead
	maxOrdersRead  = 1000 // in one statement
	maxQueuesRead  = 100  // in one statement
)

// reader reads what was marked as dirty. What is marked while a query runs waits for the next one, which asks for all of it, of
// every kitchen: many events make larger queries and not more of them. See schedule.go for how it goes on for one kitchen.
type reader struct {
	// Static after construction.
	db    *db.DB
	log   *slog.Logger
	meter Meter

	deafAfter time.Duration // how long the notification of a change may take that a read has shown

	stale chan staleStatus // orders whose status does not follow from their lines

	mu        sync.Mutex
	reads     context.Context // ends when all reads under way are abandoned; guarded by mu, as is abandon
	abandon   context.CancelFunc
	orders    workQueue // kitchens with dirty orders
	queues    workQueue // kitchens whose whole queue is dirty
	snapshots workQueue // kitchens with nothing dirty whose subscribers wait for a snapshot
	isolated  workQueue // kitchens with anything dirty whose last read failed for them alone
	outage    bool      // the database did not answer after a read that failed, and has not since

	isolatedKitchens map[*kitchen]struct{} // guarded by mu
	busy             map[*kitchen]struct{} // those that a worker reads for; guarded by mu
}

func newReader(d *db.DB, log *slog.Logger, meter Meter, deafAfter time.Duration) *reader {
	r := &reader{db: d, log: log, meter: meter, deafAfter: deafAfter, stale: make(chan staleStatus, maxStale),
		isolatedKitchens: make(map[*kitchen]struct{}), busy: make(map[*kitchen]struct{})}
	r.reads, r.abandon = context.WithCancel(context.Background())
	for _, q := range []*workQueue{&r.orders, &r.queues, &r.snapshots, &r.isolated} {
		q.wake = make(chan struct{}, 1)
	}
	return r
}

// markOrder notes that an order may have changed.
func (r *reader) markOrder(k *kitchen, id order.OrderID, from origin) {
	r.mark(k, func(s *schedule) {
		s.dirty.markOrder(id, hinted{time.Now(), from})
		s.announced(id)
	})
}

// markQueue notes that anything may have changed, so that the whole queue is read.
func (r *reader) markQueue(k *kitchen) { r.mark(k, func(s *schedule) { s.dirty.queue = true }) }

// markHinted is markQueue for a notification that names no order.
func (r *reader) markHinted(k *kitchen) {
	r.mark(k, func(s *schedule) {
		s.dirty.queue = true
		if s.dirty.hinted.IsZero() {
			s.dirty.hinted = time.Now()
		}
		s.announced("")
	})
}

// markListening is markQueue for a kitchen whose LISTEN has just been answered: the queue is read after LISTEN, so that no change is
// missed. g is nil where changes are not announced.
func (r *reader) markListening(k *kitchen, g *listen.Generation) {
	r.mark(k, func(s *schedule) { s.dirty.queue, s.listening = true, g })
}

// markNotListening is markQueue for a kitchen whose LISTEN took too long. It does nothing if LISTEN was answered meanwhile.
func (r *reader) markNotListening(k *kitchen) {
	r.mark(k, func(s *schedule) { s.dirty.queue = s.dirty.queue || s.listening == nil })
}

// markRepair is markQueue for the periodic check, which found a difference.
func (r *reader) markRepair(k *kitchen) {
	r.mark(k, func(s *schedule) { s.dirty.queue, s.dirty.repair = true, true })
}

// refresh orders a snapshot for a subscriber. While notifications do not arrive it is made after a read, if one succeeds: the sent queue
// may be old, and the display may have seen a newer one on another node.
func (r *reader) refresh(s *Subscription, deaf bool) {
	r.mark(s.kitchen, func(sched *schedule) {
		sched.dirty.queue = sched.dirty.queue || deaf && sched.loaded
		if !s.waiting && !s.ended {
			s.waiting = true
			sched.dirty.waiting = append(sched.dirty.waiting, s)
		}
	})
}
