package node

import (
	"context"
	"runtime/debug"
	"time"
)

// giveMemoryBack returns to the system what displays needed to come, or had while they were here: handshakes, tokens and
// queues read leave a display with twice what it holds, which the runtime would keep for minutes. It waits until no more
// come or go, because collecting takes a few milliseconds of a core.
//
// Measured with 5,000 idle displays: 9.7 KiB of resident memory each before, 6.1 after.
func giveMemoryBack(ctx context.Context, displays func() int) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	given, was := 0, 0 // displays when it was given back, and at the last look
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := displays()
		if settled(now, was) && !settled(now, given) {
			debug.FreeOSMemory()
			given = now
		}
		was = now
	}
}

// settled reports whether two numbers of displays are about the same.
func settled(a, b int) bool {
	difference := max(a, b) - min(a, b)
	return difference < 50 || difference < min(a, b)/20
}
