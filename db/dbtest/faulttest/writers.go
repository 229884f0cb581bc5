package faulttest

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// change is a change that a writer knows to be committed.
type change struct {
	tenant  *Tenant
	id      string
	version int64
	closes  bool // the order leaves the queue
	began   time.Time
	at      time.Time // COMMIT was answered
}

// Writers write orders of tenants as tills do, from a seed: each has orders of its own, so that none waits for another.
type Writers struct {
	pool    *pgxpool.Pool
	tenants []*Tenant
	pause   time.Duration
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup

	mu        sync.Mutex
	changed   chan struct{}
	changes   []change
	count     int
	failures  int
	example   error
	noHistory bool
}

// KeepNoHistory makes the writers count what they commit, and remember none of it, for tests that run long.
func (w *Writers) KeepNoHistory() { w.mu.Lock(); w.noHistory = true; w.mu.Unlock() }

// Write starts n writers that together commit about rate changes a second, until [Writers.Stop].
func Write(t testing.TB, url string, tenants []*Tenant, seed uint64, n int, rate float64) *Writers {
	t.Helper()
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatalf("faulttest: %v", err)
	}
	cfg.MaxConns = int32(n)
	cfg.ConnConfig.RuntimeParams["application_name"] = "writer"
	ctx, stop := context.WithCancel(context.Background())
	w := &Writers{tenants: tenants, ctx: ctx, stop: stop, changed: make(chan struct{}),
		pause: time.Duration(float64(n) / rate * float64(time.Second))}
	if w.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		t.Fatalf("faulttest: %v", err)
	}
	for i := range n {
		writer := writer{Writers: w, rng: rand.New(rand.NewPCG(seed, uint64(i)))}
		w.running.Go(writer.run)
	}
	t.Cleanup(w.Stop)
	return w
}

// Stop ends the writers, and waits for their open transactions.
func (w *Writers) Stop() {
	w.stop()
	w.running.Wait()
	w.pool.Close()
}

// AwaitCommits waits until n more changes are committed, and returns false after the timeout.
func (w *Writers) AwaitCommits(n int, timeout time.Duration) bool {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	w.mu.Lock()
	want := w.count + n
	for w.count < want {
		changed := w.changed
		w.mu.Unlock()
		select {
		case <-changed:
		case <-timer.C:
			return false
		}
		w.mu.Lock()
	}
	w.mu.Unlock()
	return true
}

// Committed returns how many changes are known to be committed, and how many failed or were not answered.
func (w *Writers) Committed() (committed, failed int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count, w.failures
}

// Example is the error of the first change that failed.
func (w *Writers) Example() error { w.mu.Lock(); defer w.mu.Unlock(); return w.example }

// slowest is the p-quantile of how long changes took to commit.
func (w *Writers) slowest(p float64) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.changes) == 0 {
		return 0
	}
	all := make([]time.Duration, len(w.changes))
	for i, c := range w.changes {
		all[i] = c.at.Sub(c.began)
	}
	slices.Sort(all)
	return all[int(float64(len(all)-1)*p)]
}

func (w *Writers) committed(c change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count++
	if !w.noHistory {
		w.changes = append(w.changes, c)
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *Writers) failed(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures++
	if w.example == nil {
		w.example = err
	}
}
