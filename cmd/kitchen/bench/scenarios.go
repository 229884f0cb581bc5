package bench

import (
	"context"
	"errors"
	"slices"
	"time"

	"kitchen/db/load"
)

const (
	rounds     = 3    // of a storm, each with restaurants of its own, which no node has seen before
	openOrders = 20   // in each queue of a storm
	copied     = 1e5  // orders of an import
	echoes     = 2000 // of a bare NOTIFY
)

// Orders that were there before a measurement, and those that warm it up, are numbered from here on.
const (
	warmNumbers = 1 << 29
	openNumbers = 1 << 30
)

// run is one measurement of a node, or of a floor.
type run struct {
	tally
	connect time.Duration
	orders  int
	took    time.Duration
	costs   costs
}

// follow measures how orders reach displays, and how they reach those of a floor.
func (cfg Config) follow(ctx context.Context, ground *load.Ground, withFloor bool, r *Result) error {
	node, stop, err := cfg.node(ctx)
	if err != nil {
		return err
	}
	ours, err := cfg.measure(ctx, ground, node)
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	r.Displays, r.Restaurants, r.Writers, r.Rate = cfg.Displays, cfg.Restaurants, cfg.Writers, cfg.Rate
	r.Seconds = ours.took.Seconds()
	r.connected(ours.connect)
	r.Orders, r.OrderRate = ours.orders, float64(ours.orders)/ours.took.Seconds()
	r.Delivered, r.Lost, r.Duplicated, r.Disordered = ours.delivered, ours.lost, ours.duplicated, ours.disordered
	r.Latency = spread(ours.latency)
	r.ServerCPU, r.PostgresCPU, r.BenchCPU = ours.costs.server.Seconds(), ours.costs.postgres.Seconds(), ours.costs.bench.Seconds()
	many := cfg.Displays > cfg.Restaurants
	if many {
		r.Last = spread(ours.last)
	}
	if !withFloor {
		return nil
	}

	if err := ground.Empty(ctx); err != nil {
		return err
	}
	if node, stop, err = cfg.floor(ctx, ground); err != nil {
		return err
	}
	floor, err := cfg.measure(ctx, ground, node)
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	r.Floor, r.FloorCPU = spread(floor.latency), floor.costs.server.Seconds()
	if many {
		r.FloorLast = spread(floor.last)
	}
	switch {
	case r.Last != nil && r.FloorLast != nil:
		r.Ratio = r.Last.P50 / r.FloorLast.P50
	case r.Latency != nil && r.Floor != nil:
		r.Ratio = r.Latency.P50 / r.Floor.P50
	}
	echo, err := ground.Echoes(ctx, echoes)
	slices.Sort(echo)
	r.Echo = spread(echo)
	return err
}

func (r *Result) connected(took time.Duration) {
	r.Connect, r.ConnectRate = milliseconds(took), float64(r.Displays)/took.Seconds()
}

// measure lets displays join, writers write, and the last be heard.
func (cfg Config) measure(ctx context.Context, ground *load.Ground, node Node) (m run, err error) {
	c := newCrowd(node, ground)
	defer c.leave()
	if m.connect, err = c.join(ctx, cfg.Displays, 0, cfg.Restaurants, 64); err != nil {
		return m, err
	}
	cfg.say("%d displays have their queues after %s", cfg.Displays, m.connect.Round(time.Millisecond))

	// Plans are made and buffers grown before anything counts.
	expected := 0
	warm, err := write(ctx, ground, cfg.Writers, cfg.Rate, min(cfg.Duration/4, time.Second), warmNumbers, c.now)
	if err != nil {
		return m, err
	}
	expected += cfg.expected(warm)
	if err := cfg.hear(ctx, c, expected); err != nil {
		return m, err
	}

	postmaster := cfg.postmaster(ctx, ground)
	before, began := costsOf(node, postmaster), c.now()
	orders, err := write(ctx, ground, cfg.Writers, cfg.Rate, cfg.Duration, 0, c.now)
	if err != nil {
		return m, err
	}
	m.took = c.now() - began
	expected += cfg.expected(orders)
	if err := cfg.hear(ctx, c, expected); err != nil {
		return m, err
	}
	m.costs = costsOf(node, postmaster).since(before)
	c.leave()
	m.tally = c.tally(orders)
	for _, o := range orders {
		if o.at > 0 {
			m.orders++
		}
	}
	cfg.say("%d orders written in %s, %d told, %d lost", m.orders, m.took.Round(time.Millisecond), m.delivered, m.lost)
	if ctx.Err() != nil {
		return m, context.Cause(ctx)
	}
	return m, nil
}

// expected is how many times displays should be told of orders.
func (cfg Config) expected(orders []committed) (n int) {
	for _, o := range orders {
		if o.at > 0 {
			n += (cfg.Displays - o.restaurant + cfg.Restaurants - 1) / cfg.Restaurants
		}
	}
	return n
}

// hear waits until displays were told so many times, for a while: what is missing then is lost.
func (cfg Config) hear(ctx context.Context, c *crowd, told int) error {
	waiting, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := c.wait(waiting, func() bool { return c.told.Load() >= int64(told) })
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// idle measures what displays take that only listen.
func (cfg Config) idle(ctx context.Context, ground *load.Ground, r *Result) (err error) {
	node, stop, err := cfg.node(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	before := resident(node.pid)
	c := newCrowd(node, ground)
	defer c.leave()
	took, err := c.join(ctx, cfg.Displays, 0, cfg.Restaurants, 64)
	if err != nil {
		return err
	}
	r.Displays, r.Restaurants = cfg.Displays, cfg.Restaurants
	r.connected(took)
	cfg.say("%d displays have their queues after %s, and listen for %s", cfg.Displays, took.Round(time.Millisecond), cfg.Duration)
	postmaster := cfg.postmaster(ctx, ground)
	costs := costsOf(node, postmaster)
	if !sleep(ctx, cfg.Duration) {
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

// storm measures how long it takes until displays that come all at once have their queues. A node of ours is new for each
// round; a running one has not seen the round's restaurants.
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

// load measures what the database takes, with the triggers and, where it is our own, without.
func (cfg Config) load(ctx context.Context, ground *load.Ground, r *Result) error {
	commits := func() (float64, error) {
		began := time.Now()
		now := func() time.Duration { return time.Since(began) }
		orders, err := write(ctx, ground, cfg.Writers, cfg.Rate, cfg.Duration, 0, now)
		took, n := now(), 0
		for _, o := range orders {
			if o.at > 0 {
				n++
			}
		}
		if err == nil {
			err = ground.Empty(ctx)
		}
		return float64(n) / took.Seconds(), err
	}
	imported := func() (float64, error) {
		took, err := ground.Copy(ctx, openNumbers, copied)
		if err == nil {
			err = ground.Empty(ctx)
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
			if err := ground.Announce(ctx, on); err != nil {
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
	return ground.Announce(ctx, true)
}

func middle(figures []float64) float64 {
	sorted := slices.Sorted(slices.Values(figures))
	return sorted[len(sorted)/2]
}
