package node

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestTidyingGoesOnUntilNothingIsLeftAndSaysOnceThatItFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var log bytes.Buffer
		var mu sync.Mutex
		left, calls, fault := 2*tidyBatch+5, 0, error(nil)
		done := make(chan struct{})
		go func() {
			defer close(done)
			tidy(ctx, func(_ context.Context, most int) (int, error) {
				mu.Lock()
				defer mu.Unlock()
				calls++
				n := min(left, most)
				left -= n
				return n, fault
			}, slog.New(slog.NewTextHandler(&log, nil)))
		}()
		time.Sleep(tidyEvery + time.Second)
		synctest.Wait()
		mu.Lock()
		if left != 0 || calls != 3 {
			t.Errorf("%d are left after %d batches", left, calls)
		}
		fault = errors.New("away")
		mu.Unlock()
		time.Sleep(3 * tidyEvery)
		synctest.Wait()
		stop()
		<-done
		if n := strings.Count(log.String(), "away"); n != 1 || calls != 6 {
			t.Errorf("said %d times in %d batches: %s", n, calls, log.String())
		}
	})
}
