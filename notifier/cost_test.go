package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"
	"weak"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

type nobody struct{}

func (nobody) Deliver(order.Message) {}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) { // nothing signals it
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// What a restaurant has in memory goes when nobody watches it any more, though the connection goes on.
func TestMemoryOfARestaurantIsGivenBack(t *testing.T) {
	t.Parallel()
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

	pool := dbtest.Pool(t, url)
	var kitchens []weak.Pointer[kitchen]
	var subscriptions []*Subscription
	for range 20 {
		var id string
		if err := pool.QueryRow(t.Context(), `insert into restaurants (name) values ('Test') returning id::text`).Scan(&id); err != nil {
			t.Fatal(err)
		}
		s := n.Subscribe(order.RestaurantID(id), nobody{})
		s.Refresh()
		subscriptions = append(subscriptions, s)
		kitchens = append(kitchens, weak.Make(s.kitchen))
	}
	for _, s := range subscriptions {
		eventually(t, "every restaurant is live", func() bool { _, live := n.Watches(s.kitchen.id); return live })
	}
	for _, s := range subscriptions {
		s.Unsubscribe()
	}
	clear(subscriptions)
	eventually(t, "nobody watches", func() bool { return n.Watched() == 0 })
	for i, k := range kitchens {
		eventually(t, fmt.Sprintf("kitchen %d is collected", i), func() bool { runtime.GC(); return k.Value() == nil })
	}
	if !n.Live() {
		t.Error("not live")
	}
}

func newTestReader() (*reader, *Notifier) {
	r := newReader(nil, slog.New(slog.DiscardHandler), noMeter{}, time.Second)
	return r, &Notifier{reader: r, log: r.log}
}

// A kitchen that nobody watches any more is not read again, also where its last read is still under way and then fails.
func TestKitchenThatNobodyWatchesIsNotRead(t *testing.T) {
	one := func(*dirty) int { return 1 }
	for name, under := range map[string]bool{"waiting for a worker": false, "being read": true} {
		r, n := newTestReader()
		k := newKitchen("a", n)
		s := &Subscription{kitchen: k, to: nobody{}}
		r.refresh(s, true)
		r.markQueue(k)
		var jobs []job
		if under {
			jobs = r.takeJobs(&r.queues, 10, one)
		}
		r.forget(k)
		for _, j := range jobs {
			r.finish(j, true, true)
		}
		r.markQueue(k)
		r.markOrder(k, "1", origin{})
		if again := r.takeJobs(&r.queues, 10, one); len(again) > 0 || k.schedule.dirty.queue || k.schedule.dirty.waiting != nil {
			t.Errorf("%s: read again: %v, %+v", name, again, k.schedule.dirty)
		}
	}
}

// A subscriber that is gone waits for nothing, also where it was about to be answered and the read failed.
func TestSubscriptionsThatEndedDoNotPileUp(t *testing.T) {
	r, n := newTestReader()
	k := newKitchen("a", n)
	for range 100 {
		waits, reading := &Subscription{kitchen: k, to: nobody{}}, &Subscription{kitchen: k, to: nobody{}}
		r.refresh(reading, true)
		r.markQueue(k)
		jobs := r.takeJobs(&r.queues, 10, func(*dirty) int { return 1 })
		r.refresh(waits, true)
		r.cancel(waits)
		r.cancel(reading)
		for _, j := range jobs {
			r.finish(j, true, true)
		}
		if n := len(k.schedule.dirty.waiting); n > 0 {
			t.Fatalf("%d subscriptions wait that have ended", n)
		}
	}
}

// A kitchen whose read failed alone makes no other fail.
func TestKitchenThatFailsAloneIsReadAlone(t *testing.T) {
	r, n := newTestReader()
	one := func(*dirty) int { return 1 }
	bad := newKitchen("bad", n)
	r.markQueue(bad)
	r.finish(r.takeJobs(&r.queues, 1, one)[0], true, true)
	for i := range 3 {
		r.markQueue(newKitchen(order.RestaurantID(fmt.Sprint(i)), n))
	}
	if jobs := r.takeJobs(&r.queues, maxQueuesRead, one); len(jobs) != 3 {
		t.Errorf("%d of the three others are read together", len(jobs))
	}
	if jobs := r.takeJobs(&r.isolated, 1, one); len(jobs) > 0 {
		t.Error("it is read again without a pause")
	}
	<-r.isolated.wake
	r.markOrder(bad, "1", origin{})
	jobs := r.takeJobs(&r.isolated, 1, one)
	if len(jobs) != 1 || jobs[0].kitchen != bad {
		t.Fatalf("%d jobs after the pause, want the one that failed", len(jobs))
	}
	r.finish(jobs[0], false, true)
	r.markQueue(bad)
	if jobs := r.takeJobs(&r.queues, 1, one); len(jobs) != 1 || len(r.isolatedKitchens) > 0 {
		t.Error("it is read apart after a read that succeeded")
	}
}

// Where one of a few can be read again, the others wait for their own turns: each may have a cause of its own. Where one of many
// can, what kept all of them from being read is over.
func TestKitchensThatFailedTogetherAreReadTogetherAgain(t *testing.T) {
	one := func(*dirty) int { return 1 }
	for many, want := range map[int]int{3: 0, maxNamed + 2: maxNamed + 1} {
		r, n := newTestReader()
		for i := range many {
			r.markQueue(newKitchen(order.RestaurantID(fmt.Sprint(i)), n))
		}
		for _, j := range r.takeJobs(&r.queues, maxQueuesRead, one) {
			r.finish(j, true, true)
		}
		<-r.isolated.wake
		jobs := r.takeJobs(&r.isolated, 1, one)
		r.finish(jobs[0], false, true)
		if got := len(r.takeJobs(&r.queues, maxQueuesRead, one)); got != want {
			t.Errorf("of %d that failed %d are read at once when one could be, want %d", many, got, want)
		}
	}
}

// Connections that were made anew may read what the old ones could not.
func TestKitchensAreReadAtOnceAfterConnectionsWereMadeAnew(t *testing.T) {
	r, n := newTestReader()
	one := func(*dirty) int { return 1 }
	k := newKitchen("a", n)
	r.markQueue(k)
	r.finish(r.takeJobs(&r.queues, 1, one)[0], true, true)
	r.abandonReads()
	if jobs := r.takeJobs(&r.queues, maxQueuesRead, one); len(jobs) != 1 {
		t.Error("it is not read at once")
	}
}
