package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kitchen/db/dbtest/faulttest"
)

// Two thousand displays, a hundred changes a second, a fault a minute, chosen at random from a seed, for as long as -soak
// says: nothing is lost, and at the end there are no more goroutines and not much more memory than at the beginning. Without the flag it is a short one.
func TestSoak(t *testing.T) {
	lasts, every, n, rate := 4*time.Second, 2*time.Second, 50, 40.0
	if given, err := time.ParseDuration(flagged(soakFlag)); err == nil && given > 0 {
		lasts, every, n, rate = given, time.Minute, 2000, 100
		if given < 15*time.Minute {
			every = given / 15 // as many as there are kinds of faults
		}
	}
	h := newRig(t, 20)
	listen, pool := faulttest.NewProxy(t, h.url), faulttest.NewProxy(t, h.url)
	node := startServe(t, "DATABASE_URL="+pool.URL, "KITCHEN_LISTEN_DATABASE_URL="+listen.URL, "KITCHEN_JWT_SECRET="+testSecret)
	front := faulttest.NewPortProxy(t, strings.TrimPrefix(node.url, "http://"))
	h.route(front.URL)
	h.join(n)
	for _, d := range h.displays {
		d.KeepNoHistory()
	}
	h.write(5, rate)
	h.writers.KeepNoHistory()
	h.writers.AwaitCommits(20, waitLimit)
	goroutines, heap := weigh()

	const sweep = 35 * time.Second
	seed, err := strconv.ParseUint(flagged(seedFlag), 10, 64)
	if err != nil || seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	var deck []soakFault
	began := time.Now()
	for time.Since(began) < lasts {
		time.Sleep(min(every, lasts-time.Since(began))) // quiet, between two faults
		if len(deck) == 0 {                             // all of them before any comes again
			deck = soakFaults(h, rng, listen, pool, front, min(5*time.Second, every/4))
			rng.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
		}
		fault := deck[0]
		deck = deck[1:]
		fault.inject()
		h.awaitLive()
		now, bytes := weigh()
		t.Logf("%4.0f s: %s; %d goroutines, %d MB", time.Since(began).Seconds(), fault.name, now, bytes>>20)
	}
	h.writers.Stop()
	at := time.Now()
	converged, differ := faulttest.Converge(context.Background(), h.truth, h.tenants, h.displays, sweep)
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
		_, n := d.Received()
		events += n
	}
	t.Logf("%v: %d changes committed, %d failed; %d displays were sent %d events and showed the database's queue after %v; %d goroutines then %d; %d MB then %d",
		time.Since(began).Round(time.Second), committed, failed, n, events, max(0, converged.Sub(at)).Round(time.Millisecond), goroutines, afterwards, heap>>20, bytes>>20)
	err = faulttest.NewTable(flagged(resultsFlag)).Add(faulttest.Result{Fault: "F51", Name: "soak_with_faults_at_random", Converged: max(0, converged.Sub(at)), Lost: len(differ),
		Displays: n, Changes: committed, Held: !t.Failed(),
		Remark: fmt.Sprintf("seed %d, %v, %d goroutines then %d, %d MB then %d", seed, time.Since(began).Round(time.Second), goroutines, afterwards, heap>>20, bytes>>20)})
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

// soakFault is what happens to a node and its database while it is soaked. It is over when inject returns.
type soakFault struct {
	name   string
	inject func()
}

func soakFaults(h *rig, rng *rand.Rand, listen, pool, front *faulttest.Proxy, lasts time.Duration) []soakFault {
	do := func(sql string, args ...any) func() { // what the database refuses, because of a writer, say, has not happened
		return func() { _, _ = h.pool.Exec(h.Context(), sql, args...) }
	}
	somebody, other := h.tenants[rng.IntN(len(h.tenants))], h.tenants[rng.IntN(len(h.tenants))]
	hole := func(switches ...*atomic.Bool) func() {
		return func() {
			for _, s := range switches {
				s.Store(true)
			}
			time.Sleep(lasts) // the fault's length
			for _, s := range switches {
				s.Store(false)
			}
			listen.Cut()
			pool.Cut()
		}
	}
	return []soakFault{
		{"the listener's backend is ended", do(`
			select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kitchen-listener' and datname = current_database()`)},
		{"all backends are ended", do(`
			select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'kitchen%' and datname = current_database()`)},
		{"half-open both ways", hole(&listen.Blackhole, &pool.Blackhole)},
		{"half-open listener", hole(&listen.Blackhole)},
		{"the database refuses connections", func() {
			listen.Refuse.Store(true)
			pool.Refuse.Store(true)
			listen.Cut()
			pool.Cut()
			time.Sleep(lasts) // the fault's length
			listen.Refuse.Store(false)
			pool.Refuse.Store(false)
		}},
		{"a notification is swallowed", func() { listen.DropAnswer(`"type":"order_`) }},
		{"every display is cut off", front.Cut},
		{"connections are cut", func() { listen.Cut(); pool.Cut() }},
		{"answers come slowly", func() {
			delay := func() time.Duration { return time.Duration(time.Now().UnixNano()) % (50 * time.Millisecond) }
			pool.Delay.Store(&delay)
			time.Sleep(lasts) // the fault's length
			pool.Delay.Store(nil)
		}},
		{"orders are locked", do(fmt.Sprintf(`begin; lock table orders in access exclusive mode; select pg_sleep(%f); commit`, lasts.Seconds()))},
		{"a fifth of the orders are changed at once", do(`update orders set priority = priority + 1 where order_number % 5 = 0`)},
		{"a third are changed in silence", do(`set kitchen.notify = off; update orders set priority = priority + 1 where order_number % 3 = 0; reset kitchen.notify`)},
		{"orders move to another restaurant", func() {
			do(`insert into orders (restaurant_id, notes) select $1, $2 || ' moves' from generate_series(1, 80)`, string(somebody.ID), somebody.Canary)()
			do(`update orders set restaurant_id = $1, notes = $2 where notes = $3 || ' moves'`, string(other.ID), other.Canary, somebody.Canary)()
		}},
		{"a restaurant's orders are deleted", do(`delete from orders where restaurant_id = $1`, string(somebody.ID))},
		{"notifications are forged", do(`select pg_notify('kitchen_' || $1, json_build_object('order_id', gen_random_uuid())::text) from generate_series(1, 500)`, string(somebody.ID))},
	}
}
