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

// reader reads what was marked as dirty. While one query runs, marks pile up; the next takes them all, of every kitchen: the
// load on the database grows with time, not with events. A kitchen is with one worker at a time, so that what is read later
// is also sent later.
type reader struct {
	// Static after construction.
	db    *db.DB
	log   *slog.Logger
	meter Meter

	unsettled chan unsettled // orders to be settled

	mu        sync.Mutex
	reads     context.Context // ends when all reads under way are abandoned; guarded by mu, as is abandon
	abandon   context.CancelFunc
	orders    workQueue // kitchens with dirty orders
	queues    workQueue // kitchens with a dirty queue
	snapshots workQueue // kitchens of which only snapshots of the sent queue are asked for
	outage    bool      // a read for several kitchens failed, and none has succeeded since
}

func newReader(d *db.DB, log *slog.Logger, meter Meter) *reader {
	r := &reader{db: d, log: log, meter: meter, unsettled: make(chan unsettled, maxUnsettled)}
	r.reads, r.abandon = context.WithCancel(context.Background())
	for _, q := range []*workQueue{&r.orders, &r.queues, &r.snapshots} {
		q.wake = make(chan struct{}, 1)
	}
	return r
}

// markOrder notes that an order may have changed.
func (r *reader) markOrder(k *kitchen, id order.OrderID, from origin) {
	r.mark(k, func(s *schedule) { s.dirty.markOrder(id, hinted{time.Now(), from}) })
}

// markQueue notes that anything may have changed.
func (r *reader) markQueue(k *kitchen) { r.mark(k, func(s *schedule) { s.dirty.queue = true }) }

// markHinted is markQueue for a notification.
func (r *reader) markHinted(k *kitchen) {
	r.mark(k, func(s *schedule) {
		s.dirty.queue = true
		if s.dirty.hinted.IsZero() {
			s.dirty.hinted = time.Now()
		}
	})
}

// markListening is markQueue for a kitchen whose channel has just begun to be listened to: LISTEN first, read second.
func (r *reader) markListening(k *kitchen, g *listen.Generation) {
	r.mark(k, func(s *schedule) { s.dirty.queue, s.listening = true, g })
}

// markNotListening is markQueue for a kitchen whose channel is not listened to in time.
func (r *reader) markNotListening(k *kitchen) {
	r.mark(k, func(s *schedule) { s.dirty.queue = s.dirty.queue || s.listening == nil })
}

// markRepair is markQueue for the periodic check.
func (r *reader) markRepair(k *kitchen) {
	r.mark(k, func(s *schedule) { s.dirty.queue, s.dirty.repair = true, true })
}

// refresh has a snapshot made for a subscriber. While the listener is deaf, what was sent last may be old: the display may
// have seen more on another node, and should not see less here, if the database can be read.
func (r *reader) refresh(s *Subscription, deaf bool) {
	r.mark(s.kitchen, func(sched *schedule) {
		sched.dirty.queue = sched.dirty.queue || deaf && sched.loaded
		if !s.waiting && !s.ended {
			s.waiting = true
			sched.dirty.waiting = append(sched.dirty.waiting, s)
		}
	})
}
