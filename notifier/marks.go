package notifier

import (
	"time"

	"kitchen/db"
)

// marks says what of a kitchen is to be read. Marking twice is marking once: that is how notifications coalesce.
type marks struct {
	orders   map[db.OrderID]clue // and what was heard of them
	queue    bool                // the whole queue
	hinted   time.Time           // when a notification first asked for that; else zero
	waiting  []*Subscription     // that wait for a snapshot
	heard    uint64              // the listener's generation when the channel was last known to be listened to
	repairs  bool                // the periodic check found a difference: if the read does, too, it was one that nobody announced
	loaded   bool                // the queue has been read at least once: there is something to make a snapshot of
	busy     bool                // a worker has the kitchen
	standsIn *lane
	since    time.Time // when it began to stand in line
}

func (m *marks) any() bool { return m.queue || len(m.orders) > 0 || len(m.waiting) > 0 }

// markOrder notes that an order may have changed.
func (r *reader) markOrder(k *kitchen, id db.OrderID, said word) {
	r.mark(k, func(m *marks) {
		if m.queue {
			return
		}
		if m.orders == nil {
			m.orders = make(map[db.OrderID]clue, 1)
		}
		if earlier, again := m.orders[id]; again {
			m.orders[id] = clue{word: said}.after(earlier)
		} else {
			m.orders[id] = clue{time.Now(), said}
		}
		if len(m.orders) > maxMarkedOrders {
			m.queue, m.orders, m.hinted = true, nil, time.Now()
		}
	})
}

// markQueue notes that anything may have changed.
func (r *reader) markQueue(k *kitchen) { r.mark(k, func(m *marks) { m.queue = true }) }

// markHinted is markQueue for a notification.
func (r *reader) markHinted(k *kitchen) {
	r.mark(k, func(m *marks) {
		m.queue = true
		if m.hinted.IsZero() {
			m.hinted = time.Now()
		}
	})
}

// markHeard is markQueue for a kitchen whose channel has just begun to be listened to: LISTEN first, read second.
func (r *reader) markHeard(k *kitchen, generation uint64) {
	r.mark(k, func(m *marks) { m.queue, m.heard = true, generation })
}

// markUnheard is markQueue for a kitchen whose channel is not listened to in time.
func (r *reader) markUnheard(k *kitchen) {
	r.mark(k, func(m *marks) { m.queue = m.queue || m.heard == 0 })
}

// markRepair is markQueue for the periodic check.
func (r *reader) markRepair(k *kitchen) {
	r.mark(k, func(m *marks) { m.queue, m.repairs = true, true })
}

// refresh has a snapshot made for a subscriber. While the listener is deaf, what was told last may be old: the display may have
// seen more on another node, and should not see less here, if the database can be read.
func (r *reader) refresh(s *Subscription, deaf bool) {
	r.mark(s.kitchen, func(m *marks) {
		m.queue = m.queue || deaf && m.loaded
		if !s.waiting {
			s.waiting = true
			m.waiting = append(m.waiting, s)
		}
	})
}

func (r *reader) mark(k *kitchen, change func(*marks)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&k.marks)
	r.enqueue(k)
}
