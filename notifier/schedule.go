package notifier

import (
	"container/list"
	"time"

	"kitchen/notifier/listen"
)

// schedule is where a kitchen stands with the workers of a [reader]. All of it is guarded by reader.mu.
type schedule struct {
	dirty     dirty
	listening *listen.Generation // in which the kitchen's channel was last known to be listened to, or nil
	loaded    bool               // the queue has been read at least once: there is something to make a snapshot of
	busy      bool               // a worker reads for the kitchen
	alone     bool               // its last read failed though it was for this kitchen alone: it must not make others fail
	ended     bool               // nobody watches the kitchen any more: nothing is read for it

	queue   *workQueue // where it waits for a worker, or nil
	element *list.Element
	since   time.Time // it waits
}

// workQueue is the kitchens that wait for one kind of work, so that long reads of queues do not hold up short reads of orders.
type workQueue struct {
	kitchens list.List     // of *kitchen; guarded by reader.mu
	wake     chan struct{} // holds one token while there may be work
}

func (q *workQueue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// job is what a worker took of a kitchen.
type job struct {
	kitchen   *kitchen
	dirty     dirty
	listening *listen.Generation
}

// mark changes what has to be read of a kitchen, and has it read.
func (r *reader) mark(k *kitchen, change func(*schedule)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k.schedule.ended {
		return
	}
	change(&k.schedule)
	r.enqueue(k)
}

// enqueue puts a kitchen where it belongs by what has to be read. The caller holds mu.
func (r *reader) enqueue(k *kitchen) {
	s := &k.schedule
	if s.busy {
		return // whoever reads for it calls done
	}
	to := r.queueFor(s)
	if to == s.queue {
		return
	}
	if s.queue == nil {
		s.since = time.Now()
	} else {
		s.queue.kitchens.Remove(s.element)
	}
	s.queue, s.element = to, nil
	if to != nil {
		s.element = to.kitchens.PushBack(k)
		to.signal()
	}
}

// queueFor is where a kitchen has to wait, or nil where nothing has to be read. A kitchen whose queue was never read waits
// until it is marked, because LISTEN comes first: its answer marks the queue, or the listen timeout does.
func (r *reader) queueFor(s *schedule) *workQueue {
	switch d := &s.dirty; {
	case s.ended:
		return nil
	case d.queue:
		return &r.queues
	case !s.loaded:
		return nil
	case len(d.orders) > 0:
		return &r.orders
	case len(d.waiting) > 0:
		return &r.snapshots
	}
	return nil
}

// take takes kitchens out of a work queue, with all that has to be read of them, until size says that it is enough. A kitchen
// that failed alone is taken alone.
func (r *reader) take(q *workQueue, limit int, size func(*dirty) int) []job {
	r.mu.Lock()
	defer r.mu.Unlock()
	var jobs []job
	for sum := 0; sum < limit && q.kitchens.Len() > 0; {
		first := q.kitchens.Front()
		k, _ := first.Value.(*kitchen)
		s := &k.schedule
		if s.alone {
			if len(jobs) > 0 {
				break
			}
			sum = limit
		}
		sum += size(&s.dirty)
		q.kitchens.Remove(first)
		jobs = append(jobs, job{k, s.dirty, s.listening})
		s.dirty, s.queue, s.element, s.busy = dirty{}, nil, nil, true
	}
	if q.kitchens.Len() > 0 {
		q.signal() // for another worker, or for this one's next turn
	}
	return jobs
}

// done gives a kitchen back. What could not be read has to be read still.
func (r *reader) done(j job, failed, alone bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &j.kitchen.schedule
	s.busy = false
	if s.ended {
		return
	}
	if failed {
		s.dirty.putBack(j.dirty)
		s.alone = s.alone || alone && !r.outage // in an outage, all fail
	} else {
		s.alone = false
		s.loaded = s.loaded || j.dirty.queue
	}
	r.enqueue(j.kitchen)
}

// forget ends all reading for a kitchen that nobody watches any more.
func (r *reader) forget(k *kitchen) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k.schedule.ended, k.schedule.dirty = true, dirty{}
	if !k.schedule.busy {
		r.enqueue(k)
	}
}

// cancel ends a subscription's wait for a snapshot.
func (r *reader) cancel(s *Subscription) {
	r.mark(s.kitchen, func(sched *schedule) {
		s.ended = true
		waiting := sched.dirty.waiting[:0]
		for _, other := range sched.dirty.waiting {
			if other != s {
				waiting = append(waiting, other)
			}
		}
		clear(sched.dirty.waiting[len(waiting):])
		sched.dirty.waiting = waiting
	})
}
