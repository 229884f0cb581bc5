package bench

import (
	"context"
	"slices"
	"time"

	"kitchen/db/load"
)

const copied = 1e5 // orders of an import

// triggerCost measures how fast the database takes orders, by single writes and by COPY: with the triggers, and without them where
// the database is the bench's own.
func (cfg Config) triggerCost(ctx context.Context, data *load.Dataset, r *Result) error {
	commits := func() (float64, error) {
		writers, disconnect, err := connectWriters(ctx, data, cfg.Writers)
		defer disconnect()
		if err != nil {
			return 0, err
		}
		began := time.Now()
		now := func() time.Duration { return time.Since(began) }
		orders, err := write(ctx, writers, cfg.Restaurants, cfg.Rate, cfg.Duration, 0, now)
		took, n := now(), 0
		for _, o := range orders {
			if o.at > 0 {
				n++
			}
		}
		if err == nil {
			err = data.Empty(ctx)
		}
		return float64(n) / took.Seconds(), err
	}
	imported := func() (float64, error) {
		took, err := data.Copy(ctx, openNumbers, copied)
		if err == nil {
			err = data.Empty(ctx)
		}
		return took.Seconds(), err
	}
	r.Restaurants, r.Writers = cfg.Restaurants, cfg.Writers
	if !cfg.Own {
		cfg.say("this database is not the bench's own, so its triggers stay and nothing is imported")
		var err error
		r.Commits, err = commits()
		return err
	}
	var with, without, copies, copiesWithout []float64
	for round := range rounds {
		for _, on := range []bool{round%2 == 0, round%2 != 0} { // neither is always the first
			if err := data.SwitchTriggers(ctx, on); err != nil {
				return err
			}
			n, err := commits()
			if err != nil {
				return err
			}
			took, err := imported()
			if err != nil {
				return err
			}
			cfg.say("triggers %v: %.0f commits/s, COPY of 100,000 in %.2f s", on, n, took)
			if on {
				with, copies = append(with, n), append(copies, took)
			} else {
				without, copiesWithout = append(without, n), append(copiesWithout, took)
			}
		}
	}
	r.Commits, r.CommitsWithout = middle(with), middle(without)
	r.Copy, r.CopyWithout = middle(copies), middle(copiesWithout)
	return data.SwitchTriggers(ctx, true)
}

func middle(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	return sorted[len(sorted)/2]
}
