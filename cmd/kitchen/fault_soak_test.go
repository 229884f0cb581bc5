package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"kitchen/db/dbtest/witness"
)

// Two thousand displays, a hundred changes a second, a fault a minute, for as long as -soak says: nothing is lost, and at
// the end there are no more goroutines and not much more memory than at the beginning. Without the flag it is a short one.
func TestSoak(t *testing.T) {
	lasts, every, n, rate := 4*time.Second, 2*time.Second, 50, 40.0
	if given, err := time.ParseDuration(flagged(soakFlag)); err == nil && given > 0 {
		lasts, every, n, rate = given, time.Minute, 2000, 100
		if given < 4*time.Minute {
			every = given / 4
		}
	}
	h := newHall(t, 20)
	listen, pool := witness.NewProxy(t, h.url), witness.NewProxy(t, h.url)
	node := startServe(t, "DATABASE_URL="+pool.URL, "KITCHEN_LISTEN_DATABASE_URL="+listen.URL, "KITCHEN_JWT_SECRET="+testSecret)
	front := witness.NewPortProxy(t, strings.TrimPrefix(node.url, "http://"))
	h.lead(front.URL)
	h.fill(n)
	for _, d := range h.displays {
		d.Forget()
	}
	h.write(5, rate)
	h.writers.Forget()
	h.writers.Await(20, patience)
	goroutines, heap := weigh()

	const sweep = 35 * time.Second
	faults := []struct {
		name   string
		inject func()
	}{
		{"the listener's backend is ended", func() {
			_, _ = h.pool.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kitchen-listener' and datname = current_database()`)
		}},
		{"half-open both ways", func() {
			listen.Hole.Store(true)
			pool.Hole.Store(true)
			time.Sleep(min(5*time.Second, every/4)) // the fault's length
			listen.Cut()
			pool.Cut()
			listen.Hole.Store(false)
			pool.Hole.Store(false)
		}},
		{"all backends are ended", func() {
			_, _ = h.pool.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'kitchen%' and datname = current_database()`)
		}},
		{"every display is cut off", front.Cut},
		{"connections are cut", func() { listen.Cut(); pool.Cut() }},
		{"a fifth of the orders are changed at once", func() {
			_, _ = h.pool.Exec(t.Context(), `update orders set priority = priority + 1 where order_number % 5 = 0`)
		}},
	}
	began := time.Now()
	for i := 0; time.Since(began) < lasts; i++ {
		time.Sleep(min(every, lasts-time.Since(began))) // quiet, between two faults
		fault := faults[i%len(faults)]
		fault.inject()
		h.seated()
		now, bytes := weigh()
		t.Logf("%4.0f s: %s; %d goroutines, %d MB", time.Since(began).Seconds(), fault.name, now, bytes>>20)
	}
	h.writers.Rest()
	at := time.Now()
	converged, differ := witness.Converge(context.Background(), h.truth, h.tenants, h.displays, sweep)
	for _, d := range h.displays {
		differ = append(differ, d.Wrong()...)
	}
	for _, wrong := range differ[:min(len(differ), 10)] {
		t.Error(wrong)
	}
	afterwards, bytes := weigh()
	for deadline := time.Now().Add(20 * time.Second); afterwards > goroutines+50 && time.Now().Before(deadline); { // farewells take up to 15 s
		time.Sleep(100 * time.Millisecond)
		afterwards, bytes = weigh()
	}
	if afterwards > goroutines+50 {
		t.Errorf("%d goroutines, and %d at the beginning", afterwards, goroutines)
	}
	if bytes > heap*12/10+(32<<20) {
		t.Errorf("%d MB of memory, and %d at the beginning", bytes>>20, heap>>20)
	}
	committed, failed := h.writers.Committed()
	events := 0
	for _, d := range h.displays {
		_, n := d.Heard()
		events += n
	}
	t.Logf("%v: %d changes committed, %d failed; %d displays were sent %d events and showed the database's queue after %v; %d goroutines then %d; %d MB then %d",
		time.Since(began).Round(time.Second), committed, failed, n, events, converged.Sub(at).Round(time.Millisecond), goroutines, afterwards, heap>>20, bytes>>20)
	err := witness.NewTable(flagged(resultsFlag)).Add(witness.Result{Fault: "F51", Name: "soak", Converged: converged.Sub(at), Lost: len(differ),
		Displays: n, Changes: committed, Held: !t.Failed(),
		Remark: fmt.Sprintf("%v, %d goroutines then %d, %d MB then %d", time.Since(began).Round(time.Second), goroutines, afterwards, heap>>20, bytes>>20)})
	if err != nil {
		t.Error(err)
	}
}

// weigh counts this process, which holds the node and its displays alike.
func weigh() (goroutines int, heap uint64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return runtime.NumGoroutine(), m.HeapAlloc
}
