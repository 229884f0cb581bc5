// Package pause has the waits of whatever tries again: pauses that grow and that differ from node to node.
package pause

import (
	"context"
	"math/rand/v2"
	"time"
)

// The pauses between attempts grow from First to Last.
const (
	First = 50 * time.Millisecond
	Last  = time.Second
)

// Backoff is the pause before the next attempt, which doubles with each. The zero value begins with [First].
type Backoff struct{ longer time.Duration }

// Next returns how long to wait before the next attempt.
func (b *Backoff) Next() time.Duration {
	now := max(b.longer, First)
	b.longer = min(now*2, Last)
	return Jitter(now)
}

// Reset is called after an attempt that succeeded.
func (b *Backoff) Reset() { b.longer = 0 }

// Jitter is a time between half of d and d, so that nodes that fail together do not try again together.
func Jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

// Sleep waits for d, or returns false when ctx ends before.
func Sleep(ctx context.Context, d time.Duration) bool { return SleepUnless(ctx, nil, d) }

// SleepUnless is Sleep that ends early when woken is closed.
func SleepUnless(ctx context.Context, woken <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-woken:
	case <-timer.C:
	}
	return true
}
