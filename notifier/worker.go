package notifier

import (
	"context"
	"sync"
	"time"

	"kitchen/notifier/pause"
)

// readTimeout bounds one round trip: a half-open connection never answers.
const readTimeout = 3 * time.Second

// work is what a worker does with the kitchens of a work queue.
type work struct {
	queue *workQueue
	most  int              // at once
	size  func(*dirty) int // what counts as one, or more
	read  func(context.Context, []job) (failed []job, err error)
}

// run works until ctx ends.
func (r *reader) run(ctx context.Context) {
	one := func(*dirty) int { return 1 }
	orders := work{&r.orders, maxOrdersRead, func(d *dirty) int { return len(d.orders) }, r.readOrders}
	queues := work{&r.queues, maxQueuesRead, one, r.readQueues}
	snapshots := work{&r.snapshots, 1, one, func(context.Context, []job) ([]job, error) { return nil, nil }}
	var workers sync.WaitGroup
	for _, w := range []work{orders, orders, queues, queues, snapshots} { // of two, one reads while the other compares
		workers.Go(func() { r.work(ctx, w) })
	}
	workers.Go(func() { r.reportLag(ctx) })
	workers.Go(func() { r.settle(ctx) })
	workers.Wait()
}

// work empties a work queue, again and again. After an error it goes on with one kitchen at a time and with growing pauses,
// so that neither a database that is away nor one restaurant's unreadable row holds up the others for long.
func (r *reader) work(ctx context.Context, w work) {
	limit, backoff := w.most, pause.Backoff{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.queue.wake:
		}
		for jobs := r.take(w.queue, limit, w.size); len(jobs) > 0; jobs = r.take(w.queue, limit, w.size) {
			err, abandoned := r.do(ctx, w, jobs)
			switch {
			case ctx.Err() != nil:
				return
			case err == nil:
				limit = min(limit*2, w.most)
				backoff.Reset()
				continue
			case abandoned.Err() == nil:
				if !pause.SleepUnless(ctx, abandoned.Done(), backoff.Next()) {
					return
				}
			}
			if abandoned.Err() != nil { // connections were made anew: the read may work at once
				limit = w.most
				backoff.Reset()
			} else {
				limit = 1
			}
		}
	}
}

// do reads for some kitchens, answers those who wait for a snapshot of them, and gives them back. The context that it
// returns ends when the reads of this time are abandoned.
func (r *reader) do(ctx context.Context, w work, jobs []job) (err error, abandoned context.Context) {
	r.mu.Lock()
	abandoned = r.reads
	r.mu.Unlock()
	reading, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(abandoned, stop)()

	failed, err := w.read(reading, jobs)
	r.note(jobs, err)
	unread := make(map[*kitchen]bool, len(failed))
	for _, j := range failed {
		unread[j.kitchen] = true
	}
	for i := range jobs {
		j := &jobs[i]
		if unread[j.kitchen] {
			j.kitchen.fail()
		}
		r.answer(j) // before anything else is read for this kitchen
		r.done(*j, unread[j.kitchen], len(jobs) == 1)
	}
	return err, abandoned
}

// deadline bounds one round trip.
func deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, readTimeout)
}

// note puts a line into the log once an outage, and once for each restaurant that cannot be read though others can.
func (r *reader) note(jobs []job, err error) {
	const cannot = "cannot read the database, trying again"
	r.mu.Lock()
	defer r.mu.Unlock()
	k := jobs[0].kitchen
	switch {
	case err == nil:
		r.outage = false
		if k.schedule.alone {
			r.log.Info("the restaurant can be read again", "restaurant", k.id)
		}
	case len(jobs) > 1 && !r.outage:
		r.outage = true
		r.log.Warn(cannot, "kitchens", len(jobs), "err", err)
	case len(jobs) == 1 && !r.outage && !k.schedule.alone:
		r.log.Warn(cannot, "restaurant", k.id, "err", err)
	}
}

// abandonReads gives up all reads under way, and the pauses between them: they are made again at once. It is for when
// connections were made anew, and the old ones may never answer.
func (r *reader) abandonReads() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.abandon()
	r.reads, r.abandon = context.WithCancel(context.Background())
}

// answer gives their snapshots to the subscribers that wait, also where the read has failed: then the queue as it was sent
// last, which says that it is not live. The subscribers of a kitchen that was never read learn that there is none, and wait on.
func (r *reader) answer(j *job) {
	if len(j.dirty.waiting) == 0 {
		return
	}
	if !j.kitchen.wasLoaded() {
		j.kitchen.unavailable(j.dirty.waiting)
		return
	}
	r.mu.Lock()
	for _, s := range j.dirty.waiting {
		s.waiting = false // who asks from here on asks for another
	}
	r.mu.Unlock()
	j.kitchen.snapshot(j.dirty.waiting)
	j.dirty.waiting = nil
}
