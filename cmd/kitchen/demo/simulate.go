package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/text"
	"kitchen/db/order"
	"kitchen/db/rush"
)

// SimulateConfig holds the settings of a simulated rush.
type SimulateConfig struct {
	Database   database.Config
	Restaurant order.RestaurantID // empty: the demo restaurant
	MakeDemo   bool               // make that in a database of the user's own
	Rate       float64            // orders a minute
	Duration   time.Duration      // 0: until ctx ends
	Stdout     io.Writer          // for the summary
	Stderr     io.Writer          // for progress
	Log        *slog.Logger
}

// Simulate writes orders until ctx ends or its time is over, and then completes those that are still open.
func Simulate(ctx context.Context, p SimulateConfig) (err error) {
	database, err := database.OpenMigrated(ctx, p.Database, true, p.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Stop()) }()
	evening, err := openRush(ctx, database, p.Restaurant, p.MakeDemo || p.Database.URL == "")
	if err != nil {
		return err
	}
	defer evening.Close()

	r := evening.Restaurant()
	fmt.Fprintf(p.Stderr, "%g orders a minute for %s, restaurant %s\n", p.Rate, text.Clean(r.Name), r.ID)
	board := newScoreboard(p.Stderr)
	started := time.Now()
	ctx, cancel := withDuration(ctx, p.Duration)
	defer cancel()
	stop := board.show(ctx)
	totals, err := evening.Run(ctx, rush.Config{Rate: p.Rate, Committed: board.count, Log: p.Log})
	cancel()
	stop()
	took := time.Since(started)
	if err != nil {
		return fmt.Errorf("simulate: %w", err)
	}

	// A real restaurant's kitchen must not be left with orders that nobody will fetch.
	finish, cancelFinish := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancelFinish()
	served, err := evening.ServeOwn(finish)
	if err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	fmt.Fprintf(p.Stdout, "simulate: %s written in %s, %s; %d completed, %d cancelled, %d still open and completed at the end\n",
		text.Count(totals.Orders, "order"), took.Round(100*time.Millisecond), text.Count(totals.Changes, "change"),
		totals.Completed, totals.Cancelled, served)
	return nil
}

// openRush prepares a rush in a migrated database. It opens a pool first, for its clear error where the database is not migrated. Unless
// it may, it makes no demo restaurant beside a user's own.
func openRush(ctx context.Context, d *database.Database, id order.RestaurantID, mayMake bool) (*rush.Rush, error) {
	pool, err := d.Pool(ctx)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	attached, err := pool.Attached(ctx)
	switch {
	case err != nil:
		return nil, err
	case attached:
		return nil, errors.New("this database is attached to another program's tables, and the rush writes into this program's own: " +
			"write orders with that program, or see a rush on another's tables with kitchen demo --host django")
	}
	if id == "" && !mayMake {
		there, err := pool.Queues(ctx, []order.RestaurantID{rush.DemoID})
		switch {
		case err != nil:
			return nil, err
		case there[rush.DemoID] == nil:
			return nil, errors.New("this database has no demo restaurant: name one of its own with --restaurant ID (kitchen restaurant list shows the ids), " +
				"or say --demo to have a demo restaurant made in it")
		}
	}
	r, err := rush.Open(ctx, d.URL, id)
	if errors.Is(err, order.ErrNotFound) {
		return nil, fmt.Errorf("there is no restaurant %s in this database: look for its id with `select id, name from restaurants`, or leave --restaurant out", id)
	}
	return r, err
}

// withDuration ends ctx after d. Where d is 0, only the caller does.
func withDuration(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}

// scoreboard prints progress: on a terminal one line that is rewritten every half second, elsewhere a line every five seconds.
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

// show prints until ctx ends. stop waits for the last line.
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
	text := fmt.Sprintf("%s  %s, %s", passed.Round(time.Second), text.Count(orders, "order"), text.Count(changes, "change"))
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
