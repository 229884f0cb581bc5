package dbtest

import "time"

// Poll calls ok every 5 ms until it returns true, and reports whether it did within the time. It is for what nothing signals: another
// process, or the server itself.
func Poll(within time.Duration, ok func() bool) bool {
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	late := time.After(within)
	for !ok() {
		select {
		case <-again.C:
		case <-late:
			return false
		}
	}
	return true
}
