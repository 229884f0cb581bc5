package ws

import "time"

// rate is a token bucket that also counts refusals, so that a display that is merely hasty is told, and one that floods
// is closed. Times are those since the server started: eight bytes, and no wall clock.
type rate struct {
	spent    float64 // tokens missing from a full bucket, so that the zero value is full
	at       time.Duration
	refusals int
}

// take counts one message at the time now. refusals in a row begin anew when the bucket had the time to fill.
func (r *rate) take(now time.Duration, perSecond float64, burst int) bool {
	r.spent = max(0, r.spent-(now-r.at).Seconds()*perSecond)
	r.at = now
	if r.spent == 0 {
		r.refusals = 0
	}
	if r.spent+1 > float64(burst) {
		r.refusals++
		return false
	}
	r.spent++
	return true
}
