package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kitchen/db/load"
	"kitchen/notifier/pause"
)

// Cost compares what one kind of write costs in our tables and in an application's plain tables, where one bare trigger notifies
// for each row and the server reads nothing. Both have the same number of connected displays, and both are written by turns in short
// slices, because a machine's speed drifts.
type Cost struct {
	What   string  `json:"what"`
	Beside string  `json:"beside"` // what ours is compared with
	Ours   float64 `json:"writes_per_second"`
	Plain  float64 `json:"plain_writes_per_second"`
	CPU    float64 `json:"postgres_cpu_ms"` // CPU of Postgres for a write
	Least  float64 `json:"plain_postgres_cpu_ms"`

	RateRatio Range `json:"rate_ratio"` // ours to plain: higher is better
	CPURatio  Range `json:"cpu_ratio"`  // lower is better
}

// Range is the median of several measurements, with the quartiles around it: half of them were between.
type Range struct {
	Low    float64 `json:"low"`
	Median float64 `json:"median"`
	High   float64 `json:"high"`
}

func rangeOf(figures []float64) Range {
	sorted := slices.Sorted(slices.Values(figures))
	n := len(sorted)
	return Range{sorted[n/4], sorted[n/2], sorted[n-1-n/4]}
}

func (r Range) String() string { return fmt.Sprintf("%.2f (%.2f to %.2f)", r.Median, r.Low, r.High) }

// kind is a kind of write, or of read, that is measured. do is called once for each turn, from 0 on.
type kind struct {
	what string
	do   func(ctx context.Context, w *load.Writer, turn, restaurants int) error
}

// kinds are measured one after the other. Each has a range of order numbers of its own.
func kinds() []kind {
	const rowByRow, updated = 1 << 27, 1 << 28
	statuses := []string{"preparing", "ready", "preparing", "pending"}
	return []kind{
		{"orders with lines", func(ctx context.Context, w *load.Writer, turn, restaurants int) error {
			return w.Order(ctx, turn, turn%restaurants)
		}},
		{"row by row, as an ORM", func(ctx context.Context, w *load.Writer, turn, restaurants int) error {
			return w.OrderRowByRow(ctx, rowByRow+turn, turn%restaurants)
		}},
		{"status updates", func(ctx context.Context, w *load.Writer, turn, _ int) error {
			return w.Status(ctx, updated+turn%updatedOrders, statuses[turn/updatedOrders%len(statuses)])
		}},
		{"lines, one by one", func(ctx context.Context, w *load.Writer, turn, _ int) error {
			return w.Line(ctx, updated+turn%updatedOrders, turn/updatedOrders%load.Lines)
		}},
		{"reads of one order", func(ctx context.Context, w *load.Writer, turn, restaurants int) error {
			return w.Read(ctx, updated+turn%updatedOrders, turn%updatedOrders%restaurants)
		}},
	}
}

// updatedOrders is how many orders exist for status updates and lines to change.
const updatedOrders = 200

// slicesEach is how many slices each side gets for each kind of write.
const slicesEach = 10

// slice is the result of one turn of one kind of write, on our tables or on the plain ones.
type slice struct {
	writes    int
	took, cpu time.Duration
}

// side is our tables or the plain ones, with a server and its displays.
type side struct {
	data    *load.Dataset
	node    Node
	writers []*load.Writer // stay connected, as an application's do
	next    int            // the first turn that was not taken
	slices  []slice
}

// comparePlain measures what orders cost in our tables and in plain ones, by turns.
func (cfg Config) comparePlain(ctx context.Context, data *load.Dataset, r *Result) (err error) {
	if !cfg.Own {
		cfg.say("this database is not the bench's own, so no plain tables are made in it to compare with")
		return nil
	}
	plain, err := data.Plain(ctx)
	if err != nil {
		return err
	}
	if err := data.Clean(ctx); err != nil { // orders of the scenario before
		return err
	}
	ours, floor := &side{data: data}, &side{data: plain}
	for s, start := range map[*side]func(context.Context) (Node, func() error, error){
		ours:  func(ctx context.Context) (Node, func() error, error) { return cfg.node(ctx) },
		floor: func(ctx context.Context) (Node, func() error, error) { return cfg.floor(ctx, plain) },
	} {
		var stop func() error
		if s.node, stop, err = start(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		c := newDisplayGroup(s.node, s.data)
		defer c.leave()
		if _, err := c.join(ctx, cfg.Displays, 0, cfg.Restaurants, 64); err != nil {
			return err
		}
		if err := cfg.writeUpdatedOrders(ctx, s.data); err != nil {
			return err
		}
		for range min(cfg.Writers, cfg.Restaurants) {
			w, err := s.data.Writer(ctx)
			if err != nil {
				return err
			}
			defer w.Close()
			s.writers = append(s.writers, w)
		}
	}
	postmaster := cfg.postmaster(ctx, data)
	for _, k := range kinds() {
		for _, s := range []*side{ours, floor} {
			// These turns only warm plans and caches. They are not counted.
			if _, s.next, _, err = repeat(ctx, s.writers, cfg.doing(k), 0, cfg.Duration/slicesEach/2); err != nil {
				return err
			}
			s.slices = nil
		}
		for i := range slicesEach {
			turns := []*side{ours, floor}
			if i%2 != 0 { // neither is always the first
				slices.Reverse(turns)
			}
			for _, s := range turns {
				if err := cfg.slice(ctx, s, k, postmaster); err != nil {
					return err
				}
			}
		}
		r.Costs = append(r.Costs, costOf(k.what, "plain tables", ours.slices, floor.slices))
	}
	return nil
}

// slice measures one turn of a side.
func (cfg Config) slice(ctx context.Context, s *side, k kind, postmaster int) error {
	before := costsOf(s.node, postmaster)
	n, next, took, err := repeat(ctx, s.writers, cfg.doing(k), s.next, cfg.Duration/slicesEach/2)
	if err != nil {
		return err
	}
	if !pause.Sleep(ctx, 100*time.Millisecond) { // the node still reads the last orders for displays
		return context.Cause(ctx)
	}
	spent := costsOf(s.node, postmaster).since(before)
	s.next = next
	s.slices = append(s.slices, slice{n, took, spent.postgres})
	return nil
}

func costOf(what, beside string, ours, floors []slice) Cost {
	c := Cost{What: what, Beside: beside}
	c.Ours, c.CPU = total(ours)
	c.Plain, c.Least = total(floors)
	var rates, cpus []float64
	for i := range ours {
		o, f := ours[i], floors[i]
		rates = append(rates, float64(o.writes)/o.took.Seconds()/(float64(f.writes)/f.took.Seconds()))
		if f.cpu > 0 { // else a turn too short to be counted
			cpus = append(cpus, milliseconds(o.cpu)/float64(o.writes)/(milliseconds(f.cpu)/float64(f.writes)))
		}
	}
	c.RateRatio = rangeOf(rates)
	if cpus != nil {
		c.CPURatio = rangeOf(cpus)
	}
	return c
}

// total returns the writes a second over all slices, and the milliseconds of Postgres's CPU for each.
func total(all []slice) (rate, cpu float64) {
	var t slice
	for _, s := range all {
		t.writes, t.took, t.cpu = t.writes+s.writes, t.took+s.took, t.cpu+s.cpu
	}
	return float64(t.writes) / t.took.Seconds(), milliseconds(t.cpu) / float64(t.writes)
}

// writeUpdatedOrders writes the orders that status updates and lines change.
func (cfg Config) writeUpdatedOrders(ctx context.Context, data *load.Dataset) error {
	w, err := data.Writer(ctx)
	if err != nil {
		return err
	}
	defer w.Close()
	for i := range updatedOrders {
		if err := w.Order(ctx, 1<<28+i, i%cfg.Restaurants); err != nil {
			return err
		}
	}
	return nil
}

// doing is the kind's do with the number of restaurants filled in.
func (cfg Config) doing(k kind) func(ctx context.Context, w *load.Writer, turn int) error {
	return func(ctx context.Context, w *load.Writer, turn int) error { return k.do(ctx, w, turn, cfg.Restaurants) }
}

// repeat lets all writers take turns from first on, as fast as they can. It returns how many turns were taken, and the next that
// is free. Writer i of n takes the turns i, i+n, i+2n …, so that two writers never change the same order.
func repeat[W any](ctx context.Context, open []W, do func(ctx context.Context, w W, turn int) error, first int, during time.Duration) (taken, next int, took time.Duration, err error) {
	writers := len(open)
	each, errs := make([]int, writers), make([]error, writers)
	var writing sync.WaitGroup
	began := time.Now()
	for i, w := range open {
		writing.Go(func() {
			for ; errs[i] == nil && ctx.Err() == nil && time.Since(began) < during; each[i]++ {
				turn := first + i + each[i]*writers
				errs[i] = do(context.WithoutCancel(ctx), w, turn)
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
	row(c.What, "%.0f/s, %.2f ms of Postgres's CPU each; %s %.0f/s, %.2f ms", c.Ours, c.CPU, c.Beside, c.Plain, c.Least)
	row("… to "+c.Beside, "rate %s, CPU %s", c.RateRatio, c.CPURatio)
}
