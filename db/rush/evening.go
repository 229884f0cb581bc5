package rush

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Config says how busy an evening is.
type Config struct {
	Rate      float64      // new orders a minute
	Committed func(Change) // called after each commit, on the goroutine that writes; may be nil
	Log       *slog.Logger
}

// step is something that will be done to an order.
type step struct {
	at    time.Time
	order *placed
	do    func(context.Context, *placed) error
}

// Run writes until ctx ends. A write that has begun is finished. A lost connection is made anew, for as long as it takes;
// other errors of the database end the run.
func (r *Rush) Run(ctx context.Context, cfg Config) (Totals, error) {
	r.committed = cfg.Committed
	stay := stayFor(cfg.Rate)
	arrival := time.Now()
	var steps []step
	for {
		next := arrival
		if len(steps) > 0 && steps[0].at.Before(next) {
			next = steps[0].at
		}
		if !sleepUntil(ctx, next) {
			return r.totals, nil
		}
		var err error
		if next.Equal(arrival) {
			var order *placed
			if order, err = r.finish(ctx, r.place); err == nil {
				for _, s := range r.plan(order, time.Now(), stay) {
					steps = schedule(steps, s)
				}
			}
			// Guests come independently of each other: the time between two is exponentially distributed. A database that
			// is too slow for the rate is not made to catch up.
			gap := time.Duration(r.rand.ExpFloat64() * float64(time.Minute) / cfg.Rate)
			if arrival = arrival.Add(gap); time.Since(arrival) > 2*time.Second {
				arrival = time.Now()
			}
		} else {
			s := steps[0]
			steps = steps[1:]
			_, err = r.finish(ctx, func(ctx context.Context) (*placed, error) { return s.order, s.do(ctx, s.order) })
		}
		if err = r.survive(ctx, cfg.Log, err); err != nil {
			return r.totals, err
		}
	}
}

// stayFor returns how long an order stays in the kitchen, so that about a dozen are there at once: open orders are rate
// times stay (Little's law). In a slow evening it is minutes, as in life; in a fast one no less than two seconds.
func stayFor(rate float64) time.Duration {
	stay := time.Duration(12 / rate * float64(time.Minute))
	return min(max(stay, 2*time.Second), 10*time.Minute)
}

// plan decides what will become of a new order.
func (r *Rush) plan(order *placed, now time.Time, stay time.Duration) []step {
	about := func(share float64) time.Time {
		return now.Add(time.Duration(share * (0.6 + 0.8*r.rand.Float64()) * float64(stay)))
	}
	start, ready, served := about(0.2), about(0.7), about(1)
	if ready.Before(start) {
		ready = start
	}
	if served.Before(ready) {
		served = ready
	}
	begun, cooked := []step{{start, order, r.start}}, []step{{ready, order, r.ready}}
	if len(r.restaurant.Stations) > 0 {
		begun, cooked = nil, r.planStations(order, about, served)
	}
	fate := r.rand.Float64()
	if fate < 0.05 {
		return append(begun, step{start.Add(time.Duration(r.rand.Float64() * float64(ready.Sub(start)))), order, r.cancel})
	}
	steps := append(append(begun, cooked...), step{served, order, r.serve})
	if fate < 0.2 {
		steps = append(steps, step{about(0.15), order, r.changeLine})
	} else if fate < 0.26 {
		steps = append(steps, step{about(0.3), order, r.addLine})
	} else if fate < 0.3 {
		steps = append(steps, step{about(0.4), order, r.hurry})
	} else if fate < 0.33 {
		again := served.Add(stay / 8)
		steps = append(steps, step{again, order, r.recall}, step{again.Add(stay / 4), order, r.serve})
	}
	return steps
}

func schedule(steps []step, s step) []step {
	i, _ := slices.BinarySearchFunc(steps, s.at, func(s step, at time.Time) int {
		if s.at.After(at) {
			return 1
		}
		return -1 // after those of the same moment
	})
	return slices.Insert(steps, i, s)
}

// finish lets a write end even where ctx ends meanwhile, so that a rush that stops knows what it has written.
func (r *Rush) finish(ctx context.Context, write func(context.Context) (*placed, error)) (*placed, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return write(ctx)
}

// survive returns nil for an error after which the rush goes on: a lost race or a lock is ignored, a lost connection is
// made anew.
func (r *Rush) survive(ctx context.Context, log *slog.Logger, err error) error {
	if err == nil {
		return nil
	}
	var pg *pgconn.PgError
	if !r.conn.IsClosed() {
		if errors.As(err, &pg) && (pg.Code[:2] == "40" || pg.Code == "55P03" || pg.Code == "57014") {
			return nil
		}
		if pg != nil && slices.Contains([]string{"3F000", "42P01", "42883"}, pg.Code) { // no such schema, table or function
			return fmt.Errorf("the tables of this evening are no longer attached, as `kitchen attach down` leaves them, or were dropped: %w", err)
		}
		return err
	}
	log.Warn("rush lost its connection", "err", err)
	again := backoff.ExponentialBackOff{InitialInterval: 75 * time.Millisecond, Multiplier: 2, MaxInterval: 1500 * time.Millisecond, RandomizationFactor: 1. / 3}
	for {
		if !sleepUntil(ctx, time.Now().Add(again.NextBackOff())) {
			return nil
		}
		if err := r.connect(ctx); err == nil {
			log.Info("rush is connected again")
			return nil
		}
	}
}

// sleepUntil reports false where ctx ended first.
func sleepUntil(ctx context.Context, at time.Time) bool {
	if ctx.Err() != nil {
		return false
	}
	wait := time.Until(at)
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
