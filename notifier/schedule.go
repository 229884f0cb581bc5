package notifier

import (
	"container/list"
	"time"

	"github.com/cenkalti/backoff/v5"

	"kitchen/notifier/listen"
	"kitchen/notifier/pause"
)

// How a kitchen gets read.
//
// A kitchen is idle, or waits in one work queue, or is busy with one worker. mark adds to what is dirty, and puts the kitchen into
// the work queue that suits it, unless it is busy. takeJobs makes it busy and moves all that is dirty into a job, so that what is
// marked during the read gathers anew. finish ends busy: it adds the job to what is dirty where the read failed, and puts the
// kitchen back into a work queue if anything is dirty by then.
//
// A kitchen whose read failed by itself is isolated until a read of it succeeds. It waits in a work queue apart, and pauses before
// it gets there, so that reads of it that take long, or fail at once, hold up no other.
//
// So a kitchen has one read at a time, what is marked during a read is read after it, and no mark is lost.

// schedule is the state of a kitchen's reads. All of it is guarded by reader.mu.
type schedule struct {
	dirty     dirty
	listening *listen.Generation // in which LISTEN of the kitchen's channel was answered last, or nil
	loaded    bool               // the queue has been read at least once: there is something to make a snapshot of
	busy      bool               // a worker reads for the kitchen
	isolation *isolation         // since a read failed that was for this kitchen only, or nil
	ended     bool               // nobody watches the kitchen any more: nothing is read for it

	unannounced *differences // that the periodic check found and no notification has announced yet, or nil

	queue   *workQueue    // in which it waits for a worker, or nil
	element *list.Element // of that queue
	since   time.Time     // when it began to wait, for a worker and its read
}

// isolation is the state of a kitchen that is read apart from the others.
type isolation struct {
	backoff *backoff.ExponentialBackOff
	timer   *time.Timer // ends the pause before the next read, or nil
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

// job is what a worker has to read for a kitchen. The worker owns it.
type job struct {
	kitchen   *kitchen
	dirty     dirty              // all that was marked until the job was taken
	listening *listen.Generation // as of when the job was taken, which is before the read
}

// mark changes what is dirty of a kitchen, and has it read.
func (r *reader) mark(k *kitchen, change func(*schedule)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k.schedule.ended {
		return
	}
	change(&k.schedule)
	r.enqueue(k)
}

// enqueue puts a kitchen into the work queue that suits what is dirty. The caller holds mu.
func (r *reader) enqueue(k *kitchen) {
	s := &k.schedule
	if s.busy {
		return // finish calls this again
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

// queueFor is the work queue for a kitchen, or nil where nothing has to be read. A kitchen that was never read waits in none until its
// whole queue is dirty, because LISTEN comes first: its answer marks the queue, or the listen timeout does.
func (r *reader) queueFor(s *schedule) *workQueue {
	switch d := &s.dirty; {
	case s.ended:
		return nil
	case s.isolation != nil && (d.queue || s.loaded && len(d.orders) > 0):
		if s.isolation.timer != nil {
			return nil
		}
		return &r.isolated
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

// takeJobs takes kitchens out of a work queue, until their sizes add up to limit or none is left. Each is busy from then on, until
// finish.
func (r *reader) takeJobs(q *workQueue, limit int, size func(*dirty) int) []job {
	r.mu.Lock()
	defer r.mu.Unlock()
	var jobs []job
	for sum := 0; sum < limit && q.kitchens.Len() > 0; {
		first := q.kitchens.Front()
		k, _ := first.Value.(*kitchen)
		s := &k.schedule
		sum += size(&s.dirty)
		q.kitchens.Remove(first)
		jobs = append(jobs, job{k, s.dirty, s.listening})
		s.dirty, s.queue, s.element, s.busy = dirty{}, nil, nil, true
		r.busy[k] = struct{}{}
	}
	if q.kitchens.Len() > 0 {
		q.signal() // for another worker, or for this one when it has read
	}
	return jobs
}

// finish ends a job. What could not be read is dirty still. alone says that the read was for this kitchen only.
func (r *reader) finish(j job, failed, alone bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &j.kitchen.schedule
	s.busy = false
	delete(r.busy, j.kitchen)
	if s.ended {
		return
	}
	if failed {
		s.dirty.putBack(j.dirty)
		if s.isolation != nil || alone && !r.outage { // in an outage all fail, whichever they are
			r.isolate(j.kitchen)
		}
	} else {
		if s.isolation != nil && len(r.isolatedKitchens) > maxNamed {
			r.endIsolations() // so many had the same cause, and it has ended
		}
		r.endIsolation(j.kitchen)
		s.loaded = s.loaded || j.dirty.queue
	}
	r.enqueue(j.kitchen)
}

// isolate has a kitchen read apart from the others, after a pause. The caller holds mu.
func (r *reader) isolate(k *kitchen) {
	i := k.schedule.isolation
	if i == nil {
		i = &isolation{backoff: pause.NewBackoff()}
		k.schedule.isolation = i
		r.isolatedKitchens[k] = struct{}{}
	}
	i.timer = time.AfterFunc(i.backoff.NextBackOff(), func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		i.timer = nil
		r.enqueue(k)
	})
}

// endIsolation has a kitchen read among the others again. The caller holds mu.
func (r *reader) endIsolation(k *kitchen) {
	if i := k.schedule.isolation; i != nil {
		if i.timer != nil {
			i.timer.Stop()
		}
		k.schedule.isolation = nil
		delete(r.isolatedKitchens, k)
	}
}

// endIsolations has all kitchens read among the others again, at once. The caller holds mu.
func (r *reader) endIsolations() {
	for k := range r.isolatedKitchens {
		r.endIsolation(k)
		r.enqueue(k)
	}
}

// forget ends all reading for a kitchen that nobody watches any more.
func (r *reader) forget(k *kitchen) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k.schedule.ended, k.schedule.dirty = true, dirty{}
	r.endIsolation(k)
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
