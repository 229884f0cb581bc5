package notifier

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"kitchen/db"
)

const (
	maxMarkedOrders = 200             // of one kitchen; beyond, its whole queue is read instead
	maxOrdersRead   = 1000            // in one statement
	maxQueuesRead   = 100             // in one statement
	readTimeout     = 3 * time.Second // of one round trip; a half-open connection never answers
	firstRetry      = 50 * time.Millisecond
	lastRetry       = time.Second
	tooLong         = 2 * time.Second // to stand in line, and be called live
)

// lane is a line of kitchens for one kind of work, so that long reads of queues do not hold up short ones of orders.
type lane struct {
	kitchens []*kitchen    // guarded by reader.mu
	wake     chan struct{} // of one token: there may be work
}

// reader reads what was marked. While one query runs, marks pile up; the next takes them all, of every kitchen: the load
// on the database grows with time, not with events. A kitchen is with one worker at a time, so that what is read later
// is also told later.
type reader struct {
	// Static after construction.
	db    *db.DB
	log   *slog.Logger
	meter Meter

	mu        sync.Mutex
	given     context.Context // ends when all reads under way are given up; guarded by mu, as is giveUp
	giveUp    context.CancelFunc
	orders    lane // kitchens with marked orders
	queues    lane // kitchens whose queue is to be read
	snapshots lane // kitchens where only snapshots of the told queue are asked for
}

func newReader(d *db.DB, log *slog.Logger, meter Meter) *reader {
	r := &reader{db: d, log: log, meter: meter}
	r.given, r.giveUp = context.WithCancel(context.Background())
	for _, l := range []*lane{&r.orders, &r.queues, &r.snapshots} {
		l.wake = make(chan struct{}, 1)
	}
	return r
}

// enqueue puts a kitchen where its marks belong. The caller holds mu.
func (r *reader) enqueue(k *kitchen) {
	m := &k.marks
	if m.busy || !m.any() {
		return
	}
	l := &r.snapshots
	switch {
	case m.queue:
		l = &r.queues
	case !m.loaded:
		return // LISTEN first: its answer, or impatience, marks the queue
	case len(m.orders) > 0:
		l = &r.orders
	}
	if m.standsIn == l {
		return
	}
	// Where it stood in another lane, that lane's worker will pass over it.
	if m.standsIn == nil {
		m.since = time.Now()
	}
	m.standsIn = l
	l.kitchens = append(l.kitchens, k)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// job is what a worker took of a kitchen's marks.
type job struct {
	kitchen *kitchen
	marks   marks
}

// take takes kitchens out of a lane, with all their marks, until size says that it is enough.
func (r *reader) take(l *lane, limit int, size func(*marks) int) []job {
	r.mu.Lock()
	defer r.mu.Unlock()
	var jobs []job
	sum, i := 0, 0
	for ; i < len(l.kitchens) && sum < limit; i++ {
		k := l.kitchens[i]
		if k.marks.standsIn != l {
			continue
		}
		sum += size(&k.marks)
		jobs = append(jobs, job{k, k.marks})
		k.marks = marks{busy: true, heard: k.marks.heard, loaded: k.marks.loaded}
	}
	l.kitchens = slices.Delete(l.kitchens, 0, i)
	if len(l.kitchens) > 0 {
		select {
		case l.wake <- struct{}{}: // there is more, for another worker or for this one's next turn
		default:
		}
	}
	return jobs
}

// done gives kitchens back. Where the work failed, their marks are set again.
func (r *reader) done(jobs []job, failed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, j := range jobs {
		m := &j.kitchen.marks
		m.busy, m.standsIn = false, nil
		m.loaded = m.loaded || j.marks.queue && !failed
		if failed {
			m.queue = m.queue || j.marks.queue
			m.repairs = m.repairs || j.marks.repairs
			m.waiting = append(j.marks.waiting, m.waiting...)
			if !j.marks.hinted.IsZero() {
				m.hinted = j.marks.hinted
			}
			for id, earlier := range j.marks.orders {
				if m.orders == nil {
					m.orders = make(map[db.OrderID]clue, len(j.marks.orders))
				}
				if later, again := m.orders[id]; again {
					earlier = later.after(earlier)
				}
				m.orders[id] = earlier
			}
		}
		r.enqueue(j.kitchen)
	}
}

// run works until ctx ends.
func (r *reader) run(ctx context.Context) {
	var workers sync.WaitGroup
	defer workers.Wait()
	one := func(*marks) int { return 1 }
	for range 2 { // one reads while the other compares
		workers.Go(func() {
			r.work(ctx, &r.orders, maxOrdersRead, func(m *marks) int { return len(m.orders) }, r.readOrders)
		})
		workers.Go(func() { r.work(ctx, &r.queues, maxQueuesRead, one, r.readQueues) })
	}
	workers.Go(func() { r.work(ctx, &r.snapshots, 1, one, func(context.Context, []job) error { return nil }) })
	workers.Go(func() {
		for sleep(ctx, tooLong/8) {
			r.admit()
		}
	})
}

// admit makes kitchens say that they are not live, that stand in line for too long: behind reads that wait for a lock, say,
// of which each fails only after seconds.
func (r *reader) admit() {
	late := func(k *kitchen) bool { return k.marks.standsIn != nil && time.Since(k.marks.since) > tooLong }
	var waiting []*kitchen
	r.mu.Lock()
	for _, l := range []*lane{&r.orders, &r.queues} {
		for _, k := range l.kitchens {
			if k.marks.standsIn == l && late(k) {
				waiting = append(waiting, k)
			}
		}
	}
	r.mu.Unlock()
	for _, k := range waiting {
		k.seq.Lock()
		r.mu.Lock()
		still := late(k) // else it has been read since, or will be told by who reads it
		r.mu.Unlock()
		if still {
			k.setLive(k.heardSince, true)
		}
		k.seq.Unlock()
	}
}

// renew gives up all reads under way, and the pauses between them: they are made again at once. For when connections were
// made anew, and the old ones may never answer.
func (r *reader) renew() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.giveUp()
	r.given, r.giveUp = context.WithCancel(context.Background())
}

// begin is the context of a read, which ends with the reads of its time, and those.
func (r *reader) begin(ctx context.Context) (_ context.Context, end func(), given <-chan struct{}) {
	r.mu.Lock()
	reads := r.given
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	stop := context.AfterFunc(reads, cancel)
	return ctx, func() { stop(); cancel() }, reads.Done()
}

// work empties a lane, again and again. After an error it goes on with one kitchen at a time and with growing pauses, so
// that neither a database that is away nor one restaurant's unreadable row holds up the rest for long.
func (r *reader) work(ctx context.Context, l *lane, most int, size func(*marks) int, read func(context.Context, []job) error) {
	limit, pause := most, firstRetry
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		}
		for {
			jobs := r.take(l, limit, size)
			if len(jobs) == 0 {
				break
			}
			readCtx, end, given := r.begin(ctx)
			err := read(readCtx, jobs)
			end()
			for i := range jobs {
				if err != nil {
					jobs[i].kitchen.fail()
				}
				r.answer(&jobs[i]) // before anything else is read for this kitchen
			}
			r.done(jobs, err != nil)
			if err == nil {
				limit, pause = min(limit*2, most), firstRetry
				continue
			}
			if ctx.Err() != nil {
				return
			}
			select {
			case <-given:
				limit, pause = most, firstRetry
				continue
			default:
			}
			if pause == firstRetry { // once an outage
				r.log.Warn("cannot read the database, trying again", "kitchens", len(jobs), "err", err)
			}
			if !sleepUnless(ctx, given, jitter(pause)) {
				return
			}
			limit, pause = 1, min(pause*2, lastRetry)
		}
	}
}

// answer gives their snapshots to the subscribers that wait, also where the read has failed: then the queue as it was told last,
// which says that it is not live. Those of a kitchen that was never read are told so, and wait on.
func (r *reader) answer(j *job) {
	if len(j.marks.waiting) == 0 {
		return
	}
	if !j.kitchen.wasLoaded() {
		j.kitchen.unavailable(j.marks.waiting)
		return
	}
	r.mu.Lock()
	for _, s := range j.marks.waiting {
		s.waiting = false // who asks from here on asks for another
	}
	r.mu.Unlock()
	j.kitchen.snapshot(j.marks.waiting)
	j.marks.waiting = nil
}
