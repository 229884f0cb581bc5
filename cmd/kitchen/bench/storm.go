package bench

import (
	"context"
	"errors"
	"time"

	"kitchen/db/load"
)

const (
	rounds     = 3  // each with restaurants of its own, which no node has seen before
	openOrders = 20 // in each queue of a storm
)

// storm measures how long it takes until displays that connect all at once have their queues. Each round has a new node; a node that
// was already running has not seen the restaurants of the round.
func (cfg Config) storm(ctx context.Context, ground *load.Ground, r *Result) error {
	w, err := ground.Writer(ctx)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.Fill(ctx, 0, len(ground.Restaurants), openOrders, openNumbers); err != nil {
		return err
	}
	r.Displays, r.Restaurants = cfg.Displays, cfg.Restaurants
	var took, server, postgres, bench []time.Duration
	for round := range rounds {
		t, c, err := cfg.round(ctx, ground, round*cfg.Restaurants)
		if err != nil {
			return err
		}
		cfg.say("%d displays at once have their queues after %s", cfg.Displays, t.Round(time.Millisecond))
		took, server, postgres, bench = append(took, t), append(server, c.server), append(postgres, c.postgres), append(bench, c.bench)
	}
	r.connected(median(took))
	r.ServerCPU, r.PostgresCPU, r.BenchCPU = median(server).Seconds(), median(postgres).Seconds(), median(bench).Seconds()
	return nil
}

func (cfg Config) round(ctx context.Context, ground *load.Ground, first int) (took time.Duration, spent costs, err error) {
	node, stop, err := cfg.node(ctx)
	if err != nil {
		return 0, spent, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	c := newCrowd(node, ground)
	defer c.leave()
	postmaster := cfg.postmaster(ctx, ground)
	before := costsOf(node, postmaster)
	took, err = c.join(ctx, cfg.Displays, first, first+cfg.Restaurants, cfg.Displays)
	return took, costsOf(node, postmaster).since(before), err
}
