package notifier

import (
	"context"
	"time"

	"kitchen/notifier/pause"
)

// maxLag is how long a kitchen may wait for a worker and still be called live.
const maxLag = 2 * time.Second

// reportLag makes kitchens not live that wait for a worker for too long. That happens when the reads before theirs wait for a
// lock, each of which fails only after seconds.
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
		r.mu.Unlock()
		for _, k := range late {
			k.failIf(func() bool {
				r.mu.Lock()
				defer r.mu.Unlock()
				return k.schedule.late() // if not, a worker has it, and says how the read went
			})
		}
	}
}

// late reports whether the kitchen waits for a worker for too long.
func (s *schedule) late() bool { return s.queue != nil && time.Since(s.since) > maxLag }
