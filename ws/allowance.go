package ws

import (
	"time"

	"golang.org/x/time/rate"
)

// allowance is a rate for one peer that also counts refusals, so that a display that is merely hasty is told, and one that
// floods is closed. Its zero value is full, and takes no memory beyond this for a display that sends nothing.
type allowance struct {
	bucket   *rate.Limiter
	refusals int // without a pause that was long enough to fill the bucket
}

// take counts one message, and answers whether it is within the rate.
func (a *allowance) take(now time.Time, perSecond float64, burst int) bool {
	if a.bucket == nil {
		a.bucket = rate.NewLimiter(rate.Limit(perSecond), burst)
	}
	if a.full(now) {
		a.refusals = 0
	}
	if a.bucket.AllowN(now, 1) {
		return true
	}
	a.refusals++
	return false
}

// full answers whether the allowance is as good as new.
func (a *allowance) full(now time.Time) bool {
	return a.bucket == nil || a.bucket.TokensAt(now) >= float64(a.bucket.Burst())
}
