package bench

import (
	"context"
	"errors"
	"time"

	"kitchen/db/load"
)

const (
	rounds     = 3  // each with new restaurants, of which no node has anything cached
	openOrders = 20 // in each queue of a storm
)

// storm measures how long displays that connect all at once wait for their queues. Each round has a new node, or, where the node was
// running before, new restaurants.
func (cfg Config) storm(ctx context.Context, data *load.Dataset, r *Result) error {
	w, err := data.Writer(ctx)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.Fill(ctx, 0, len(data.Restaurants), openOrders, openNumbers); err != nil {
		return err
	}
	r.Displays, r.Restaurants = cfg.Displays, cfg.Restaurants
	var took, server, bench []time.Duration
	var postgres []float64
	for round := range rounds {
		t, c, err := cfg.round(ctx, data, round*cfg.Restaurants)
		if err != nil {
			return err
		}
		cfg.say("%d displays at once have their queues after %s", cfg.Displays, t.Round(time.Millisecond))
		took, server, postgres, bench = append(took, t), append(server, c.server), append(postgres, c.postgres.sum()), append(bench, c.bench)
	}
	r.connected(median(took))
	r.ServerCPU, r.PostgresCPU, r.BenchCPU = median(server).Seconds(), middle(postgres)/1000, median(bench).Seconds()
	return nil
}

func (cfg Config) round(ctx context.Context, data *load.Dataset, first int) (took time.Duration, spent costs, err error) {
	node, stop, err := cfg.node(ctx)
	if err != nil {
		return 0, spent, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	c := newDisplayGroup(node, data)
	defer c.leave()
	meter, err := cfg.meter(ctx)
	if err != nil {
		return 0, spent, err
	}
	defer meter.close()
	before, err := costsOf(ctx, node, meter)
	if err != nil {
		return 0, spent, err
	}
	if took, err = c.join(ctx, cfg.Displays, first, first+cfg.Restaurants, cfg.Displays); err != nil {
		return 0, spent, err
	}
	spent, err = before.since(ctx, node, meter)
	return took, spent, err
}
