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
	empty := resident(node.pid)
	c := newDisplayGroup(node, data)
	defer c.leave()
	took, err := c.join(ctx, cfg.Displays, 0, cfg.Restaurants, 64)
	if err != nil {
		return err
	}
	r.Displays, r.Restaurants = cfg.Displays, cfg.Restaurants
	r.connected(took)
	cfg.say("%d displays have their queues after %s, and listen for %s", cfg.Displays, took.Round(time.Millisecond), cfg.Duration)
	meter, err := cfg.meter(ctx)
	if err != nil {
		return err
	}
	defer meter.close()
	before, err := costsOf(ctx, node, meter)
	if err != nil {
		return err
	}
	if !pause.Sleep(ctx, cfg.Duration) {
		return context.Cause(ctx)
	}
	costs, err := before.since(ctx, node, meter)
	if err != nil {
		return err
	}
	r.Seconds = cfg.Duration.Seconds()
	r.spent(costs)
	if after := resident(node.pid); after > 0 {
		r.Memory, r.PerDisplay = float64(after)/1024, float64(after-empty)/1024/float64(cfg.Displays)
	}
	return c.err()
}
