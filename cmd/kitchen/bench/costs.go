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
// bare trigger notifies for each row and a server reads nothing. Both are served to as many displays all the while, and written by
// turns in short slices, because a machine's speed drifts.
type Cost struct {
	What   string  `json:"what"`
	Beside string  `json:"beside"` // what is called plain here
	Ours   float64 `json:"writes_per_second"`
	Plain  float64 `json:"plain_writes_per_second"`
	CPU    float64 `json:"postgres_cpu_ms"` // of Postgres, a write
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

// kind is a kind of write, or of reading, that is measured. do is called once for each turn, from 0 on.
type kind struct {
	what string
	do   func(ctx context.Context, w *load.Writer, turn, restaurants int) error
}

// kinds are measured one after the other. Each numbers its orders from a number of its own on.
func kinds() []kind {
	const rowByRow, standing = 1 << 27, 1 << 28
	statuses := []string{"preparing", "ready", "preparing", "pending"}
	return []kind{
		{"orders with lines", func(ctx context.Context, w *load.Writer, turn, restaurants int) error {
			return w.Order(ctx, turn, turn%restaurants)
		}},
		{"row by row, as an ORM", func(ctx context.Context, w *load.Writer, turn, restaurants int) error {
			return w.OrderRowByRow(ctx, rowByRow+turn, turn%restaurants)
		}},
		{"status updates", func(ctx context.Context, w *load.Writer, turn, _ int) error {
			return w.Status(ctx, standing+turn%standingOrders, statuses[turn/standingOrders%len(statuses)])
		}},
		{"lines, one by one", func(ctx context.Context, w *load.Writer, turn, _ int) error {
			return w.Line(ctx, standing+turn%standingOrders, turn/standingOrders%load.Lines)
		}},
		{"reads of one order", func(ctx context.Context, w *load.Writer, turn, restaurants int) error {
			return w.Read(ctx, standing+turn%standingOrders, turn%standingOrders%restaurants)
		}},
	}
}

// standingOrders is how many orders there are for status updates and lines to change.
const standingOrders = 200

// slicesEach is how often each side has its turn, of each kind of write.
const slicesEach = 10

// slice is the result of one turn of one kind of write, on our tables or on the plain ones.
type slice struct {
	writes    int
	took, cpu time.Duration
}

// side is our tables or the plain ones, with a server and its displays.
type side struct {
	ground  *load.Ground
	node    Node
	writers []*load.Writer // connected all the while, as an application's are
	next    int            // the first turn that was not taken
	slices  []slice
}

// compare measures what orders cost in our tables and in plain ones, by turns.
func (cfg Config) compare(ctx context.Context, ground *load.Ground, r *Result) (err error) {
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
	ours, floor := &side{ground: ground}, &side{ground: plain}
	for s, start := range map[*side]func(context.Context) (Node, func() error, error){
		ours:  func(ctx context.Context) (Node, func() error, error) { return cfg.node(ctx) },
		floor: func(ctx context.Context) (Node, func() error, error) { return cfg.floor(ctx, plain) },
	} {
		var stop func() error
		if s.node, stop, err = start(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		c := newCrowd(s.node, s.ground)
		defer c.leave()
		if _, err := c.join(ctx, cfg.Displays, 0, cfg.Restaurants, 64); err != nil {
			return err
		}
		if err := cfg.stand(ctx, s.ground); err != nil {
			return err
		}
		for range min(cfg.Writers, cfg.Restaurants) {
			w, err := s.ground.Writer(ctx)
			if err != nil {
				return err
			}
			defer w.Close()
			s.writers = append(s.writers, w)
		}
	}
	postmaster := cfg.postmaster(ctx, ground)
	for _, k := range kinds() {
		for _, s := range []*side{ours, floor} {
			// Each writer's plans are made, and the caches warm, before anything counts. Those turns are not taken again.
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
	if !sleep(ctx, 100*time.Millisecond) { // the last are read for displays
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

// total is how many writes a second there were in all, and what each cost Postgres, in milliseconds.
func total(all []slice) (rate, cpu float64) {
	var t slice
	for _, s := range all {
		t.writes, t.took, t.cpu = t.writes+s.writes, t.took+s.took, t.cpu+s.cpu
	}
	return float64(t.writes) / t.took.Seconds(), milliseconds(t.cpu) / float64(t.writes)
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

// doing is what a kind does in a turn, with the restaurants of this measurement.
func (cfg Config) doing(k kind) func(ctx context.Context, w *load.Writer, turn int) error {
	return func(ctx context.Context, w *load.Writer, turn int) error { return k.do(ctx, w, turn, cfg.Restaurants) }
}

// repeat has all writers take turns from first on, as fast as they can. It returns how many turns were taken, and the first that
// was not. Writer i of n takes the turns i, i+n, i+2n …, so that two writers never change the same order.
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
