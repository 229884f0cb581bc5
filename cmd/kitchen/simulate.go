package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"kitchen/db"
	"kitchen/db/rush"
)

// simulateConfig is what a simulated rush is told.
type simulateConfig struct {
	database   databaseConfig
	restaurant db.RestaurantID // empty: the demo restaurant
	rate       float64         // orders a minute
	duration   time.Duration   // 0: until ctx ends
	stdout     io.Writer       // for the summary
	stderr     io.Writer       // for progress
	log        *slog.Logger
}

// runSimulate writes orders until ctx ends or the time is over, and completes those that are left.
func runSimulate(ctx context.Context, p simulateConfig) (err error) {
	database, err := openMigrated(ctx, p.database, true, p.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.stop()) }()
	evening, err := openRush(ctx, database, p.restaurant)
	if err != nil {
		return err
	}
	defer evening.Close()

	r := evening.Restaurant()
	fmt.Fprintf(p.stderr, "%g orders a minute for %s, restaurant %s\n", p.rate, clean(r.Name), r.ID)
	board := newScoreboard(p.stderr)
	started := time.Now()
	ctx, cancel := withDuration(ctx, p.duration)
	defer cancel()
	stop := board.show(ctx)
	totals, err := evening.Run(ctx, rush.Config{Rate: p.rate, Committed: board.count, Log: p.log})
	cancel()
	stop()
	took := time.Since(started)
	if err != nil {
		return fmt.Errorf("simulate: %w", err)
	}

	// The kitchen of a restaurant that is real must not be left with orders that nobody will fetch.
	finish, cancelFinish := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancelFinish()
	served, err := evening.ServeOwn(finish)
	if err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	fmt.Fprintf(p.stdout, "simulate: %s written in %s, %s; %d completed, %d cancelled, %d still open and completed at the end\n",
		count(totals.Orders, "order"), took.Round(100*time.Millisecond), count(totals.Changes, "change"),
		totals.Completed, totals.Cancelled, served)
	return nil
}

// openRush prepares a rush in a database that is migrated; the pool is opened for what it says where that cannot be done.
func openRush(ctx context.Context, d *database, id db.RestaurantID) (*rush.Rush, error) {
	pool, err := d.pool(ctx)
	if err != nil {
		return nil, err
	}
	pool.Close()
	r, err := rush.Open(ctx, d.url, id)
	if errors.Is(err, db.ErrNotFound) {
		return nil, fmt.Errorf("there is no restaurant %s in this database: look for its id with `select id, name from restaurants`, or leave --restaurant out", id)
	}
	return r, err
}

// withDuration ends ctx after d, or not by itself where d is 0.
func withDuration(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}

// scoreboard shows progress: one line that is rewritten each half second on a terminal, a line each five seconds elsewhere.
type scoreboard struct {
	w        io.Writer
	terminal bool

	mu      sync.Mutex
	orders  int
	changes int
}

func newScoreboard(w io.Writer) *scoreboard {
	return &scoreboard{w: w, terminal: isTerminal(w)}
}

func (b *scoreboard) count(c rush.Change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changes++
	if c.Created {
		b.orders++
	}
}

// show starts to show, until ctx ends; stop waits for the last line.
func (b *scoreboard) show(ctx context.Context) (stop func()) {
	every := 5 * time.Second
	if b.terminal {
		every = time.Second / 2
	}
	started := time.Now()
	var shown sync.WaitGroup
	shown.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				b.print(time.Since(started))
			case <-ctx.Done():
				if b.terminal {
					fmt.Fprint(b.w, "\r\x1b[K")
				}
				return
			}
		}
	})
	return shown.Wait
}

func (b *scoreboard) print(passed time.Duration) {
	b.mu.Lock()
	orders, changes := b.orders, b.changes
	b.mu.Unlock()
	text := fmt.Sprintf("%s  %s, %s", passed.Round(time.Second), count(orders, "order"), count(changes, "change"))
	if b.terminal {
		fmt.Fprintf(b.w, "\r%s\x1b[K", text)
	} else {
		fmt.Fprintln(b.w, text)
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
