package ws

import (
	"time"

	"golang.org/x/time/rate"
)

// allowance limits the rate of one peer and counts the messages that it refused: a display that sends a little too fast gets an
// error, and one that goes on is closed. The zero value allows a full burst, and needs no limiter for displays that send nothing.
type allowance struct {
	bucket   *rate.Limiter
	refusals int // since the bucket was full last
}

// take counts one message, and reports whether it is within the rate.
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

// full reports whether a whole burst is allowed again.
func (a *allowance) full(now time.Time) bool {
	return a.bucket == nil || a.bucket.TokensAt(now) >= float64(a.bucket.Burst())
}
