package bench

import (
	"context"
	"errors"
	"slices"
	"time"

	"kitchen/db/load"
)

// The first numbers of orders that are not measured: those that warm a measurement up, and those that were there before it.
const (
	warmNumbers = 1 << 29
	openNumbers = 1 << 30
)

const notifies = 2000 // bare NOTIFYs that are timed: a change cannot take less

// run is one measurement of a node, or of a floor.
type run struct {
	tally
	connect time.Duration
	orders  int
	took    time.Duration
	costs   costs
}

// latency measures how fast orders reach displays of a node, and then of a floor.
func (cfg Config) latency(ctx context.Context, data *load.Dataset, withFloor bool, r *Result) error {
	node, stop, err := cfg.node(ctx)
	if err != nil {
		return err
	}
	ours, err := cfg.measure(ctx, data, node)
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	r.Displays, r.Restaurants, r.Writers, r.Rate = cfg.Displays, cfg.Restaurants, cfg.Writers, cfg.Rate
	r.Seconds = ours.took.Seconds()
	r.connected(ours.connect)
	r.Orders, r.OrderRate = ours.orders, float64(ours.orders)/ours.took.Seconds()
	r.Delivered, r.Lost, r.Duplicated, r.Disordered = ours.delivered, ours.lost, ours.duplicated, ours.disordered
	r.Latency = spread(ours.latency)
	r.spent(ours.costs)
	many := cfg.Displays > cfg.Restaurants
	if many {
		r.Last = spread(ours.last)
	}
	if !withFloor {
		return nil
	}

	if err := data.Empty(ctx); err != nil {
		return err
	}
	if node, stop, err = cfg.floor(ctx, data); err != nil {
		return err
	}
	floor, err := cfg.measure(ctx, data, node)
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
	echo, err := data.NotifyTimes(ctx, notifies)
	slices.Sort(echo)
	r.Echo = spread(echo)
	return err
}

func (r *Result) connected(took time.Duration) {
	r.Connect, r.ConnectRate = milliseconds(took), float64(r.Displays)/took.Seconds()
}

// measure has displays join and writers write, and waits until the displays have every order.
func (cfg Config) measure(ctx context.Context, data *load.Dataset, node Node) (m run, err error) {
	c := newDisplayGroup(node, data)
	defer c.leave()
	if m.connect, err = c.join(ctx, cfg.Displays, 0, cfg.Restaurants, 64); err != nil {
		return m, err
	}
	cfg.say("%d displays have their queues after %s", cfg.Displays, m.connect.Round(time.Millisecond))

	meter, err := cfg.meter(ctx)
	if err != nil {
		return m, err
	}
	defer meter.close()
	writers, disconnect, err := connectWriters(ctx, data, cfg.Writers)
	defer disconnect() // after the last look at what their processes computed
	if err != nil {
		return m, err
	}

	// Plans are made and buffers grown before anything counts.
	expected := 0
	warm, err := write(ctx, writers, len(data.Restaurants), cfg.Rate, min(cfg.Duration/4, time.Second), warmNumbers, c.now)
	if err != nil {
		return m, err
	}
	expected += cfg.expected(warm)
	if err := cfg.awaitEvents(ctx, c, expected); err != nil {
		return m, err
	}

	before, err := costsOf(ctx, node, meter)
	if err != nil {
		return m, err
	}
	began := c.now()
	orders, err := write(ctx, writers, len(data.Restaurants), cfg.Rate, cfg.Duration, 0, c.now)
	if err != nil {
		return m, err
	}
	m.took = c.now() - began
	expected += cfg.expected(orders)
	if err := cfg.awaitEvents(ctx, c, expected); err != nil {
		return m, err
	}
	if m.costs, err = before.since(ctx, node, meter); err != nil {
		return m, err
	}
	c.leave()
	m.tally = c.tally(orders)
	for _, o := range orders {
		if o.at > 0 {
			m.orders++
		}
	}
	cfg.say("%d orders written in %s, %d received, %d lost", m.orders, m.took.Round(time.Millisecond), m.delivered, m.lost)
	if ctx.Err() != nil {
		return m, context.Cause(ctx)
	}
	return m, nil
}

// expected is how many events the displays should get of these orders.
func (cfg Config) expected(orders []committed) (n int) {
	for _, o := range orders {
		if o.at > 0 {
			n += (cfg.Displays - o.restaurant + cfg.Restaurants - 1) / cfg.Restaurants
		}
	}
	return n
}

// awaitEvents waits, for at most 5 s, until displays have received this many events. What is missing then counts as lost.
func (cfg Config) awaitEvents(ctx context.Context, c *displayGroup, events int) error {
	waiting, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := c.wait(waiting, func() bool { return c.received.Load() >= int64(events) })
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}
