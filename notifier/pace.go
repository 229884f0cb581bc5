package notifier

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// While more than 125 reads a second would begin, one begins every 8 ms, and asks for all that was marked until then: four orders in one
// query cost the database a third of what they cost in four. Before that many have begun, none waits. With 8 ms, 99 in 100 changes are on
// displays within 15 ms of their commit on a loaded machine; what a longer time would save is in the bench's README.
const (
	readEvery  = 8 * time.Millisecond
	readsAhead = 10 // may begin at once, after a while without any
)

// pace says when the next read may begin. It is shared by the workers of a work queue.
type pace struct {
	turn  chan struct{} // of size 1, held by the worker that waits: the other finds what is left
	limit *rate.Limiter
}

func newPace() *pace {
	return &pace{turn: make(chan struct{}, 1), limit: rate.NewLimiter(rate.Every(readEvery), readsAhead)}
}

// takeInPace is takeJobs, when the next read may begin. It takes nothing once ctx has ended.
func (r *reader) takeInPace(ctx context.Context, w workKind, limit int) []job {
	if p := w.pace; p != nil {
		select {
		case p.turn <- struct{}{}:
			defer func() { <-p.turn }()
		case <-ctx.Done():
			return nil
		}
		if !r.waits(w.queue) || p.limit.Wait(ctx) != nil {
			return nil
		}
	}
	return r.takeJobs(w.queue, limit, w.size)
}

// waits reports whether a kitchen waits in a work queue.
func (r *reader) waits(q *workQueue) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return q.kitchens.Len() > 0
}
