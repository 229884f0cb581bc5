package pause

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Pauses grow to a second and no further, and begin anew after a success.
func TestPausesGrowAndBeginAnew(t *testing.T) {
	b := NewBackoff()
	for _, longest := range []time.Duration{First, 2 * First, 4 * First, 8 * First, 16 * First, Last, Last} {
		if d := b.NextBackOff(); d < longest/2 || d > longest {
			t.Errorf("%v, want %v or up to half of it less", d, longest)
		}
	}
	b.Reset()
	if d := b.NextBackOff(); d > First {
		t.Errorf("%v after a success", d)
	}
}

func TestSleepEndsWithItsContextOrWhenWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		if !Sleep(ctx, time.Minute) || time.Since(began) != time.Minute {
			t.Errorf("slept %v, not a minute", time.Since(began))
		}
		woken := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(woken) })
		began = time.Now()
		if !SleepUnless(ctx, woken, time.Hour) || time.Since(began) != time.Second {
			t.Errorf("woken after %v, not a second", time.Since(began))
		}
		cancel()
		if Sleep(ctx, time.Hour) {
			t.Error("slept though its context has ended")
		}
	})
}
