package notifier

import (
	"context"
	"runtime"
	"testing"
	"time"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// Of 5,000 restaurants that were watched once, on one connection, a name each is left: pgxlisten keeps it until that connection ends.
func TestMemoryOfFiveThousandRestaurantsIsGivenBack(t *testing.T) {
	url := dbtest.New(t)
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	n, err := New(Config{DB: d, ListenURL: url, UnwatchAfter: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = n.Run(ctx) }()
	defer func() { stop(); <-done }()

	const batch, batches = 500, 10
	var ids []order.RestaurantID
	if err := dbtest.Pool(t, url).QueryRow(t.Context(), `
		with r as (insert into restaurants (name) select 'Test' from generate_series(1, $1) returning id),
		     o as (insert into orders (restaurant_id, order_number, notes) select id, 1, repeat('x', 3000) from r)
		select array_agg(id::text) from r`, batch*(batches+1)).Scan(&ids); err != nil {
		t.Fatal(err)
	}
	watchOnce := func(ids []order.RestaurantID) {
		t.Helper()
		var subscriptions []*Subscription
		for _, id := range ids {
			s := n.Subscribe(id, nobody{})
			s.Refresh()
			subscriptions = append(subscriptions, s)
		}
		for _, id := range ids {
			eventually(t, "every restaurant is live", func() bool { _, live := n.Watches(id); return live })
		}
		for _, s := range subscriptions {
			s.Unsubscribe()
		}
		eventually(t, "nobody watches", func() bool { return n.Watched() == 0 })
	}
	memory := func() (heap, goroutines int64) {
		var m runtime.MemStats
		for range 3 {
			runtime.GC()
		}
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc), int64(runtime.NumGoroutine())
	}
	watchOnce(ids[:batch])
	heap, goroutines := memory()
	for i := range batches {
		watchOnce(ids[(i+1)*batch : (i+2)*batch])
	}
	var grown, more int64
	eventually(t, "goroutines and memory of those that were watched are back", func() bool {
		nowHeap, nowGoroutines := memory()
		grown, more = nowHeap-heap, nowGoroutines-goroutines
		return more <= 2 && grown < 3<<20
	})
	t.Logf("5,000 restaurants left %d kB and %d goroutines", grown>>10, more)
}
