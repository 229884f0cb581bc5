package notifier

import (
	"testing"
	"time"
)

// Within 15 s after a node crashes, no board counts its displays any more. That includes the time in which other nodes notice it.
// One write that fails must not be enough for it.
func TestDeadNodeIsForgottenWithinFifteenSeconds(t *testing.T) {
	t.Parallel()
	var c Config
	c.setDefaults()
	if c.ScreensKept+2*time.Second > 15*time.Second {
		t.Errorf("a silent node counts for %v, which leaves no time to update boards within 15 s", c.ScreensKept)
	}
	if c.ScreensKept <= 2*c.ScreensEvery {
		t.Errorf("a node counts for %v and writes every %v: one write that fails would make its displays go", c.ScreensKept, c.ScreensEvery)
	}
}
