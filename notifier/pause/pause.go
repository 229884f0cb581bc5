// Package pause has the pauses between retries: they grow, and differ from node to node.
package pause

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// The pauses between attempts grow from First to Last.
const (
	First = 50 * time.Millisecond
	Last  = time.Second
)

// NewBackoff has the pauses between attempts, which double with each up to [Last], less up to half, so that nodes that fail
// together do not try again together. Its Reset is called after an attempt that succeeded.
func NewBackoff() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{InitialInterval: First * 3 / 4, Multiplier: 2, MaxInterval: Last * 3 / 4, RandomizationFactor: 1. / 3}
}

// Jitter is a time between half of d and d, so that nodes do not look at the database in step.
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
