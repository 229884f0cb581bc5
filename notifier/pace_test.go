package notifier

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kitchen/db/order"
)

// A change that comes after a while is read at once. While 1,000 a second come, reads are few and large, and none of the changes waits long.
func TestReadsOfChangedOrdersAreFewUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, n := newTestReader()
		k := newKitchen("a", n)
		k.schedule.loaded = true
		ctx, stop := context.WithCancel(t.Context())
		var (
			mu      sync.Mutex
			reads   int
			slowest time.Duration
			seen    = map[order.OrderID]bool{}
		)
		w := workKind{queue: &r.orders, most: maxOrdersRead, size: func(d *dirty) int { return len(d.orders) }, pace: newPace(),
			read: func(_ context.Context, jobs []job) ([]job, error) {
				mu.Lock()
				defer mu.Unlock()
				reads++
				for id, h := range jobs[0].dirty.orders {
					seen[id], slowest = true, max(slowest, time.Since(h.at))
				}
				return nil, nil
			}}
		var workers sync.WaitGroup
		for range 2 {
			workers.Go(func() { r.runWorker(ctx, w) })
		}
		const changes = 1000
		for i := range changes {
			r.markOrder(k, order.OrderID(strconv.Itoa(i)), origin{})
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if most := readsAhead + int(changes*time.Millisecond/readEvery) + 2; reads > most || len(seen) != changes || slowest > readEvery {
			t.Errorf("%d of %d changes in %d reads, of at most %d; the slowest after %s", len(seen), changes, reads, most, slowest)
		}
		for i := range readsAhead { // a few that come at once
			slowest = 0
			r.markOrder(k, order.OrderID("late "+strconv.Itoa(i)), origin{})
			synctest.Wait()
			if len(seen) != changes+i+1 || slowest != 0 {
				t.Errorf("change %d after a pause was read after %s; %d were read", i, slowest, len(seen)-changes)
			}
		}
		stop()
		workers.Wait()
	})
}
