package notifier

import (
	"context"
	"time"

	"kitchen/notifier/pause"
)

// maxLag is how long a kitchen may wait for a worker and its read and still be called live.
const maxLag = 2 * time.Second

// reportLag makes kitchens not live that wait for too long. That happens when reads wait for a lock, each of which fails only after
// seconds: those before theirs, and then their own.
func (r *reader) reportLag(ctx context.Context) {
	for pause.Sleep(ctx, maxLag/8) {
		r.mu.Lock()
		var late []*kitchen
		for _, q := range []*workQueue{&r.orders, &r.queues} {
			for e := q.kitchens.Front(); e != nil; e = e.Next() {
				if k, _ := e.Value.(*kitchen); k.schedule.late() {
					late = append(late, k)
				}
			}
		}
		for k := range r.busy {
			if k.schedule.late() {
				late = append(late, k)
			}
		}
		r.mu.Unlock()
		for _, k := range late {
			k.failIf(func() bool {
				r.mu.Lock()
				defer r.mu.Unlock()
				return k.schedule.late() // if not, it was read, and that says how it is
			})
		}
	}
}

// late reports whether the kitchen waits for too long.
func (s *schedule) late() bool { return (s.queue != nil || s.busy) && time.Since(s.since) > maxLag }

// answered notes that the database has answered for the kitchens of jobs: their wait is over before the answer is applied, which
// makes them live again.
func (r *reader) answered(jobs []job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, j := range jobs {
		j.kitchen.schedule.since = time.Now()
	}
}
