package notifier

import (
	"testing"
	"time"
)

// The displays of a node that dies are gone on every board within 15 s, the time included in which the others find that out and tell it.
// One write that fails must not be enough for it.
func TestDeadNodeIsForgottenWithinFifteenSeconds(t *testing.T) {
	t.Parallel()
	var c Config
	c.setDefaults()
	if c.ScreensKept+2*time.Second > 15*time.Second {
		t.Errorf("a silent node counts for %v, which leaves no time to tell boards within 15 s", c.ScreensKept)
	}
	if c.ScreensKept <= 2*c.ScreensEvery {
		t.Errorf("a node counts for %v and writes every %v: one write that fails would make its displays go", c.ScreensKept, c.ScreensEvery)
	}
}
