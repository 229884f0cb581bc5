package node

import (
	"context"
	"log/slog"
	"time"
)

const (
	tidyEvery = 5 * time.Minute
	tidyBatch = 5000 // orders: a batch is a transaction of a fraction of a second
)

// tidy merges the rows in which the triggers keep the versions of orders: triggers only add rows, so that no writer waits for another.
// One node does it at a time. It runs every tidyEvery, batch after batch until nothing is left.
func tidy(ctx context.Context, batch func(context.Context, int) (int, error), log *slog.Logger) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	failed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		done, err := tidyBatch, error(nil)
		for done >= tidyBatch && err == nil && ctx.Err() == nil {
			done, err = batch(ctx, tidyBatch)
		}
		if err != nil && ctx.Err() == nil && !failed { // said once, until it succeeds
			log.Warn("the rows that keep the versions of orders could not be put together: they become more, and reads slower", "err", err)
		}
		failed = err != nil
	}
}
