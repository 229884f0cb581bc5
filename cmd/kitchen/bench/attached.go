package bench

import (
	"context"
	"errors"

	"kitchen/db/load"
)

// hostKinds are the kinds of write to another program's tables that are measured.
func hostKinds(restaurants int) []struct {
	what string
	do   func(ctx context.Context, w *load.HostWriter, turn int) error
} {
	statuses := []string{"preparing", "ready", "preparing", "pending"}
	return []struct {
		what string
		do   func(ctx context.Context, w *load.HostWriter, turn int) error
	}{
		{"attached: an order", func(ctx context.Context, w *load.HostWriter, turn int) error {
			return w.Order(ctx, 1+turn%restaurants, 0)
		}},
		{"attached: an order with three lines", func(ctx context.Context, w *load.HostWriter, turn int) error {
			return w.Order(ctx, 1+turn%restaurants, load.Lines)
		}},
		{"attached: a status", func(ctx context.Context, w *load.HostWriter, turn int) error {
			return w.Status(ctx, 1+turn%updatedOrders, statuses[turn/updatedOrders%len(statuses)])
		}},
		{"attached: a line", func(ctx context.Context, w *load.HostWriter, turn int) error {
			return w.Line(ctx, 1+turn%(updatedOrders*load.Lines))
		}},
		{"attached: a payment", func(ctx context.Context, w *load.HostWriter, turn int) error {
			return w.Pay(ctx, 1+turn%updatedOrders)
		}},
	}
}

// attached compares what a write costs another program's tables, a Django app's, with our triggers on them and with the least that
// would announce it, by turns. Nobody listens: only the writer's cost is measured.
func (cfg Config) attached(ctx context.Context, r *Result) error {
	if !cfg.Own {
		return errors.New("the attached tables are databases of their own: unset DATABASE_URL, so that the bench runs a private Postgres")
	}
	ours, least, err := load.Hosts(ctx, cfg.DatabaseURL, cfg.Restaurants, updatedOrders)
	if err != nil {
		return err
	}
	var sides [2][]*load.HostWriter
	for s, host := range []*load.Host{ours, least} {
		for range cfg.Writers {
			w, err := host.Writer(ctx)
			if err != nil {
				return err
			}
			defer w.Close()
			sides[s] = append(sides[s], w)
		}
	}
	postmaster := cfg.postmaster(ctx, load.Open(cfg.DatabaseURL, "", 0))
	r.Writers = cfg.Writers
	for _, k := range hostKinds(cfg.Restaurants) {
		var next [2]int
		var measured [2][]slice
		for i := range slicesEach + 1 {
			for _, s := range [][]int{{0, 1}, {1, 0}}[i%2] { // neither is always the first
				before := costsOf(Node{}, postmaster)
				n, after, took, err := repeat(ctx, sides[s], k.do, next[s], cfg.Duration/slicesEach/2)
				if err != nil {
					return err
				}
				next[s] = after
				if i > 0 { // plans are made, and the caches are warm
					measured[s] = append(measured[s], slice{n, took, costsOf(Node{}, postmaster).since(before).postgres})
				}
			}
		}
		r.Costs = append(r.Costs, costOf(k.what, "a bare trigger", measured[0], measured[1]))
	}
	return nil
}
