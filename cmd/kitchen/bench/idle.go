package bench

import (
	"context"
	"errors"
	"time"

	"kitchen/db/load"
	"kitchen/notifier/pause"
)

// idle measures the memory and the CPU of displays that receive nothing but heartbeats.
func (cfg Config) idle(ctx context.Context, data *load.Dataset, r *Result) (err error) {
	node, stop, err := cfg.node(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	before := resident(node.pid)
	c := newDisplayGroup(node, data)
	defer c.leave()
	took, err := c.join(ctx, cfg.Displays, 0, cfg.Restaurants, 64)
	if err != nil {
		return err
	}
	r.Displays, r.Restaurants = cfg.Displays, cfg.Restaurants
	r.connected(took)
	cfg.say("%d displays have their queues after %s, and listen for %s", cfg.Displays, took.Round(time.Millisecond), cfg.Duration)
	postmaster := cfg.postmaster(ctx, data)
	costs := costsOf(node, postmaster)
	if !pause.Sleep(ctx, cfg.Duration) {
		return context.Cause(ctx)
	}
	costs = costsOf(node, postmaster).since(costs)
	r.Seconds = cfg.Duration.Seconds()
	r.ServerCPU, r.PostgresCPU, r.BenchCPU = costs.server.Seconds(), costs.postgres.Seconds(), costs.bench.Seconds()
	if after := resident(node.pid); after > 0 {
		r.Memory, r.PerDisplay = float64(after)/1024, float64(after-before)/1024/float64(cfg.Displays)
	}
	return c.err()
}
