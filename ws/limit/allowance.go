package limit

import (
	"time"

	"golang.org/x/time/rate"
)

// Rate is how much of something is allowed: so many a second, and so many at once.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Allowance limits the rate of one peer and counts what it refused: a display that sends a little too fast gets an error, and one
// that goes on is closed. The zero value allows a full burst, and needs no limiter for displays that send nothing.
type Allowance struct {
	bucket  *rate.Limiter
	refused int // since the bucket was full last
}

// Take counts one message, and reports whether it is within the rate, which is the same in every call.
func (a *Allowance) Take(now time.Time, r Rate) bool {
	if a.bucket == nil {
		a.bucket = rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst)
	}
	if a.full(now) {
		a.refused = 0
	}
	if a.bucket.AllowN(now, 1) {
		return true
	}
	a.refused++
	return false
}

// Refused is how many were refused without a pause that fills the burst again.
func (a *Allowance) Refused() int { return a.refused }

// full reports whether a whole burst is allowed again.
func (a *Allowance) full(now time.Time) bool {
	return a.bucket == nil || a.bucket.TokensAt(now) >= float64(a.bucket.Burst())
}
