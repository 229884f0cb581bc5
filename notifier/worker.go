package notifier

import (
	"context"
	"sync"
	"time"

	"kitchen/db"
	"kitchen/notifier/pause"
)

// readTimeout bounds one round trip: a half-open connection never answers.
const readTimeout = 3 * time.Second

// deadline bounds one round trip.
func deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, readTimeout)
}

// workKind is what a worker does with the kitchens of a work queue.
type workKind struct {
	queue *workQueue
	most  int              // the most orders, or queues, that one read asks for
	size  func(*dirty) int // how many of these a kitchen needs
	read  func(context.Context, []job) (failed []job, err error)
	pace  *pace // nil: reads begin as soon as there is work
}

// run runs the workers until ctx ends.
func (r *reader) run(ctx context.Context) {
	one := func(*dirty) int { return 1 }
	orders := workKind{&r.orders, maxOrdersRead, func(d *dirty) int { return len(d.orders) }, r.readOrders, newPace()}
	queues := workKind{&r.queues, maxQueuesRead, one, r.readQueues, nil}
	snapshots := workKind{&r.snapshots, 1, one, func(context.Context, []job) ([]job, error) { return nil, nil }, nil}
	isolated := workKind{&r.isolated, 1, one, r.readIsolated, nil}
	var workers sync.WaitGroup
	for _, w := range []workKind{orders, orders, queues, queues, snapshots, isolated} { // of two, one reads while the other compares
		workers.Go(func() { r.runWorker(ctx, w) })
	}
	workers.Go(func() { r.reportLag(ctx) })
	workers.Go(func() { r.setDerivedStatuses(ctx) })
	workers.Wait()
}

// runWorker reads for the kitchens of a work queue until ctx ends. After a read that failed it reads for one kitchen at a time, and
// after one that succeeded for twice as many as before. It pauses while the database is away. A kitchen that fails by itself
// is isolated and waits elsewhere, so the worker goes on at once. Reads that were abandoned are made again at once.
func (r *reader) runWorker(ctx context.Context, w workKind) {
	limit, backoff := w.most, pause.NewBackoff()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.queue.wake:
		}
		for jobs := r.takeInPace(ctx, w, limit); len(jobs) > 0; jobs = r.takeInPace(ctx, w, limit) {
			abandoned, err := r.readJobs(ctx, w, jobs)
			if err == nil {
				limit = min(limit*2, w.most)
				backoff.Reset()
				continue
			}
			wait := time.Duration(0)
			switch {
			case abandoned.Err() != nil:
			case r.inOutage():
				wait, limit = backoff.NextBackOff(), 1
			case w.queue == &r.isolated:
				wait = pause.First // between different kitchens; each has pauses of its own
			default:
				limit = 1
			}
			if !pause.SleepUnless(ctx, abandoned.Done(), wait) || ctx.Err() != nil {
				return
			}
			if abandoned.Err() != nil { // before the pause, or during it
				limit = w.most
				backoff.Reset()
			}
		}
	}
}

// readJobs reads for some kitchens, answers those who wait for a snapshot of them, and finishes the jobs. The context that it
// returns ends when the reads that are under way now are abandoned.
func (r *reader) readJobs(ctx context.Context, w workKind, jobs []job) (abandoned context.Context, err error) {
	r.mu.Lock()
	abandoned = r.reads
	r.mu.Unlock()
	reading, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(abandoned, stop)()

	failed, err := w.read(reading, jobs)
	away := err != nil && (db.Unreachable(err) || !r.answers(reading))
	r.logOutcome(jobs, err, away)
	unread := make(map[*kitchen]bool, len(failed))
	for _, j := range failed {
		unread[j.kitchen] = true
	}
	for i := range jobs {
		j := &jobs[i]
		if unread[j.kitchen] {
			j.kitchen.fail()
		}
		r.answerWaiting(j) // before anything else is read for this kitchen
		r.finish(*j, unread[j.kitchen], len(jobs) == 1)
	}
	return abandoned, err
}

func (r *reader) inOutage() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.outage
}

// readIsolated reads what is dirty of the one kitchen that it is given.
func (r *reader) readIsolated(ctx context.Context, jobs []job) (failed []job, err error) {
	if jobs[0].dirty.queue {
		return r.readQueues(ctx, jobs)
	}
	return r.readOrders(ctx, jobs)
}

// answers reports whether the database answers at all. Where it does, only some restaurants cannot be read.
func (r *reader) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, readTimeout/3)
	defer cancel()
	_, err := r.db.Now(ctx)
	return err == nil
}

// maxNamed is how many restaurants that cannot be read are named in the log.
const maxNamed = 20

// logOutcome notes whether the database is away. It writes a line once an outage, and once for each of the first restaurants that
// cannot be read though the database answers.
func (r *reader) logOutcome(jobs []job, err error, away bool) {
	const cannot = "cannot read the database, trying again"
	r.mu.Lock()
	defer r.mu.Unlock()
	k := jobs[0].kitchen
	switch {
	case err == nil:
		r.outage = false
		if k.schedule.isolation != nil {
			r.log.Info("the restaurant can be read again", "restaurant", k.id)
		}
	case away && !r.outage:
		r.outage = true
		r.log.Warn(cannot, "kitchens", len(jobs), "err", err)
	case !away:
		r.outage = false
		if isolated := len(r.isolatedKitchens); len(jobs) == 1 && k.schedule.isolation == nil && isolated < maxNamed {
			r.log.Warn(cannot, "restaurant", k.id, "err", err, "others", isolated)
		}
	}
}

// abandonReads cancels all reads that are under way, and the pauses between them. The reads are made again at once. It is called
// when connections were made anew, because the old ones may never answer, and may be why kitchens were isolated.
func (r *reader) abandonReads() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.endIsolations()
	r.abandon()
	r.reads, r.abandon = context.WithCancel(context.Background())
}

// answerWaiting gives their snapshots to the subscribers that wait for one. Where the read has failed, it is the queue as it was
// sent last, and says that it is not live. The subscribers of a kitchen that was never read are answered that there is no snapshot,
// and go on waiting.
func (r *reader) answerWaiting(j *job) {
	if len(j.dirty.waiting) == 0 {
		return
	}
	if !j.kitchen.wasLoaded() {
		j.kitchen.unavailable(j.dirty.waiting)
		return
	}
	r.mu.Lock()
	for _, s := range j.dirty.waiting {
		s.waiting = false // a request from here on is a new one
	}
	r.mu.Unlock()
	j.kitchen.snapshot(j.dirty.waiting)
	j.dirty.waiting = nil
}
