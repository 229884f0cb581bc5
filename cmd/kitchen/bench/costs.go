package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kitchen/db/load"
)

// Cost compares what one kind of write costs the database with what it costs in an application's plain tables, where one
// bare trigger notifies for each row and a server reads nothing. Both are served to the same displays meanwhile, by turns in
// one run, because a machine's speed drifts.
type Cost struct {
	What  string  `json:"what"`
	Ours  float64 `json:"writes_per_second"`
	Plain float64 `json:"plain_writes_per_second"`
	CPU   float64 `json:"postgres_cpu_ms"` // of Postgres, a write
	Least float64 `json:"plain_postgres_cpu_ms"`

	RateRatio Range `json:"rate_ratio"` // ours to plain: higher is better
	CPURatio  Range `json:"cpu_ratio"`  // lower is better
}

// Range is the least, the median and the most of several measurements.
type Range struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	Max    float64 `json:"max"`
}

func rangeOf(figures []float64) Range {
	sorted := slices.Sorted(slices.Values(figures))
	return Range{sorted[0], sorted[len(sorted)/2], sorted[len(sorted)-1]}
}

func (r Range) String() string { return fmt.Sprintf("%.2f (%.2f to %.2f)", r.Median, r.Min, r.Max) }

// kind is a kind of write that is measured. do is called once for each turn, from 0 on.
type kind struct {
	what string
	do   func(ctx context.Context, w *load.Writer, turn, restaurant int) error
}

// kinds are measured one after the other. Each numbers its orders from a number of its own on.
func kinds() []kind {
	const rowByRow, standing = 1 << 27, 1 << 28
	statuses := []string{"preparing", "ready", "preparing", "pending"}
	return []kind{
		{"orders with lines", func(ctx context.Context, w *load.Writer, turn, restaurant int) error {
			return w.Order(ctx, turn, restaurant)
		}},
		{"row by row, as an ORM", func(ctx context.Context, w *load.Writer, turn, restaurant int) error {
			return w.OrderRowByRow(ctx, rowByRow+turn, restaurant)
		}},
		{"status updates", func(ctx context.Context, w *load.Writer, turn, _ int) error {
			return w.Status(ctx, standing+turn%standingOrders, statuses[turn/standingOrders%len(statuses)])
		}},
		{"lines, one by one", func(ctx context.Context, w *load.Writer, turn, _ int) error {
			return w.Line(ctx, standing+turn%standingOrders, turn/standingOrders%load.Lines)
		}},
	}
}

// standingOrders is how many orders there are for status updates and lines to change.
const standingOrders = 200

// side is the result of one kind of write in one round, on our tables or on the plain ones.
type side struct{ rate, cpu float64 }

// compare measures what orders cost in our tables and in plain ones, by turns.
func (cfg Config) compare(ctx context.Context, ground *load.Ground, r *Result) error {
	if !cfg.Own {
		cfg.say("this database is not the bench's own, so no plain tables are made in it to compare with")
		return nil
	}
	plain, err := ground.Plain(ctx)
	if err != nil {
		return err
	}
	if err := ground.Clean(ctx); err != nil { // orders of the scenario before
		return err
	}
	ours, floors := make([][]side, len(kinds())), make([][]side, len(kinds()))
	for round := range rounds {
		for _, plainly := range []bool{round%2 != 0, round%2 == 0} { // neither is always the first
			on, node, into := ground, cfg.node, ours
			if plainly {
				on, into = plain, floors
				node = func(ctx context.Context) (Node, func() error, error) { return cfg.floor(ctx, plain) }
			}
			measured, err := cfg.side(ctx, on, node)
			if err != nil {
				return err
			}
			for i, m := range measured {
				into[i] = append(into[i], m)
				cfg.say("%s, plain %v: %.0f/s, %.2f ms of Postgres's CPU each", kinds()[i].what, plainly, m.rate, m.cpu)
			}
		}
	}
	for i, k := range kinds() {
		r.Costs = append(r.Costs, costOf(k.what, ours[i], floors[i]))
	}
	return nil
}

func costOf(what string, ours, floors []side) Cost {
	c := Cost{What: what}
	var rates, cpus, ourRates, floorRates, ourCPUs, floorCPUs []float64
	for i := range ours {
		rates, cpus = append(rates, ours[i].rate/floors[i].rate), append(cpus, ours[i].cpu/floors[i].cpu)
		ourRates, floorRates = append(ourRates, ours[i].rate), append(floorRates, floors[i].rate)
		ourCPUs, floorCPUs = append(ourCPUs, ours[i].cpu), append(floorCPUs, floors[i].cpu)
	}
	c.Ours, c.Plain, c.CPU, c.Least = middle(ourRates), middle(floorRates), middle(ourCPUs), middle(floorCPUs)
	c.RateRatio, c.CPURatio = rangeOf(rates), rangeOf(cpus)
	return c
}

// side measures every kind of write with a server and its displays, and leaves the tables as empty as they were.
func (cfg Config) side(ctx context.Context, ground *load.Ground, start func(context.Context) (Node, func() error, error)) (measured []side, err error) {
	node, stop, err := start(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	c := newCrowd(node, ground)
	defer c.leave()
	if _, err := c.join(ctx, cfg.Displays, 0, cfg.Restaurants, 64); err != nil {
		return nil, err
	}
	if err := cfg.stand(ctx, ground); err != nil {
		return nil, err
	}
	postmaster := cfg.postmaster(ctx, ground)
	during := cfg.Duration / 4
	for _, k := range kinds() {
		// Each writer's plans are made, and the caches warm, before anything counts. Those turns are not taken again.
		_, next, _, err := cfg.repeat(ctx, ground, k, 0, during/4)
		if err != nil {
			return nil, err
		}
		before := costsOf(node, postmaster)
		n, _, took, err := cfg.repeat(ctx, ground, k, next, during)
		if err != nil {
			return nil, err
		}
		if !sleep(ctx, 200*time.Millisecond) { // the last are read for displays
			return nil, context.Cause(ctx)
		}
		spent := costsOf(node, postmaster).since(before)
		measured = append(measured, side{rate: float64(n) / took.Seconds(), cpu: milliseconds(spent.postgres) / float64(n)})
	}
	c.leave()
	return measured, ground.Clean(ctx)
}

// stand writes the standing orders.
func (cfg Config) stand(ctx context.Context, ground *load.Ground) error {
	w, err := ground.Writer(ctx)
	if err != nil {
		return err
	}
	defer w.Close()
	for i := range standingOrders {
		if err := w.Order(ctx, 1<<28+i, i%cfg.Restaurants); err != nil {
			return err
		}
	}
	return nil
}

// repeat has all writers take turns from first on, as fast as they can. It returns how many turns were taken, and the first that
// was not. Writer i of n takes the turns i, i+n, i+2n …, so that two writers never change the same order.
func (cfg Config) repeat(ctx context.Context, ground *load.Ground, k kind, first int, during time.Duration) (taken, next int, took time.Duration, err error) {
	writers := min(cfg.Writers, cfg.Restaurants)
	open := make([]*load.Writer, writers)
	for i := range open {
		if open[i], err = ground.Writer(ctx); err != nil {
			return 0, 0, 0, err
		}
		defer open[i].Close()
	}
	each, errs := make([]int, writers), make([]error, writers)
	var writing sync.WaitGroup
	began := time.Now()
	for i, w := range open {
		writing.Go(func() {
			for ; errs[i] == nil && ctx.Err() == nil && time.Since(began) < during; each[i]++ {
				turn := first + i + each[i]*writers
				errs[i] = k.do(context.WithoutCancel(ctx), w, turn, turn%cfg.Restaurants)
			}
		})
	}
	writing.Wait()
	took = time.Since(began)
	for _, n := range each {
		taken += n
	}
	return taken, first + slices.Max(each)*writers, took, errors.Join(append(errs, context.Cause(ctx))...)
}

func (c Cost) print(row func(what, format string, args ...any)) {
	row(c.What, "%.0f/s, %.2f ms of Postgres's CPU each; plain tables %.0f/s, %.2f ms", c.Ours, c.CPU, c.Plain, c.Least)
	row("… to plain tables", "rate %s, CPU %s", c.RateRatio, c.CPURatio)
}
