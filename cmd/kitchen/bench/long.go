package bench

import (
	"context"
	"errors"
	"sync"
	"time"

	"kitchen/db/load"
	"kitchen/notifier/pause"
)

const (
	openEach    = 5                // new orders of a restaurant between two steps of an order: so 15 are open
	lostAfter   = 30 * time.Second // a change that a display has not received by then is lost
	reportEvery = 5 * time.Minute
)

// long measures whether anything grows over time. It begins with many past orders and writes new ones at a rate. Each goes through
// all its statuses, so that the queues stay short.
func (cfg Config) long(ctx context.Context, data *load.Dataset, r *Result) (err error) {
	if !cfg.Own {
		return errors.New("long writes orders of the past with the triggers switched off, and so only into a database of its own: unset DATABASE_URL")
	}
	if err := cfg.past(ctx, data); err != nil {
		return err
	}
	metrics, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	node, stop, err := cfg.node(ctx, "--metrics-listen", metrics)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()

	s := newSteps(int(cfg.Rate*cfg.Duration.Seconds())+cfg.Writers, min(cfg.Writers, cfg.Restaurants), cfg.Restaurants)
	c := newDisplayGroup(node, data)
	defer c.leave()
	watchers := make(map[*display]*watcher)
	c.receiver = func(d *display) func([]byte, time.Duration) {
		w := &watcher{restaurant: d.restaurant, shown: make(map[int]int)}
		watchers[d] = w
		return func(text []byte, at time.Duration) {
			if painted := w.receive(data, text, at); painted != nil {
				d.answer(opText, painted)
			}
		}
	}
	if _, err := c.join(ctx, cfg.Displays, 0, cfg.Restaurants, 64); err != nil {
		return err
	}
	meter, err := cfg.meter(ctx)
	if err != nil {
		return err
	}
	defer meter.close()
	l := &longRun{
		cfg: cfg, data: data, node: node, metrics: metrics, steps: s, group: c, watchers: watchers, meter: meter,
	}
	r.Displays, r.Restaurants, r.Writers, r.Rate, r.Past = cfg.Displays, cfg.Restaurants, cfg.Writers, cfg.Rate, cfg.Past
	cfg.say("%d displays listen, and orders come for %s; what it costs is said every %s", cfg.Displays, cfg.Duration, l.every())
	writers, disconnect, err := connectWriters(ctx, data, cfg.Writers)
	defer disconnect() // after the last look at what their processes computed
	if err != nil {
		return err
	}
	writing, cancel := context.WithCancel(ctx)
	var ended sync.WaitGroup
	defer ended.Wait()
	defer cancel()
	written := make(chan error, 1)
	ended.Go(func() { written <- l.write(writing, writers) })
	r.Intervals, err = l.report(ctx, written)
	return err
}

func (cfg Config) past(ctx context.Context, data *load.Dataset) error {
	began, said := time.Now(), time.Now()
	err := data.Past(ctx, cfg.Past, func(done int) {
		if time.Since(said) > 15*time.Second || done == cfg.Past {
			cfg.say("%d of %d orders of the past are there after %s", done, cfg.Past, time.Since(began).Round(time.Second))
			said = time.Now()
		}
	})
	if err == nil {
		cfg.say("they are vacuumed after %s", time.Since(began).Round(time.Second))
	}
	return err
}

// longRun is one long measurement.
type longRun struct {
	cfg      Config
	data     *load.Dataset
	node     Node
	metrics  string
	steps    *steps
	group    *displayGroup
	watchers map[*display]*watcher
	meter    *meter

	took       []time.Duration // each delivery since the last report
	disordered int             // since the beginning
}

// write runs all writers until the time is over.
func (l *longRun) write(ctx context.Context, writers []*load.Writer) error {
	errs := make([]error, len(writers))
	var writing sync.WaitGroup
	end := l.group.now() + l.cfg.Duration
	for i, w := range writers {
		writing.Go(func() { errs[i] = l.turns(ctx, w, i, end) })
	}
	writing.Wait()
	return errors.Join(errs...)
}

// turns writes new orders at the writer's share of the rate, and moves older orders a step on. Turns that were missed are not made
// up for, so that a stall does not end in a burst.
func (l *longRun) turns(ctx context.Context, w *load.Writer, writer int, end time.Duration) error {
	each := time.Duration(float64(l.steps.writers) / l.cfg.Rate * float64(time.Second))
	due := l.group.now() + each*time.Duration(writer)/time.Duration(l.steps.writers)
	for n := 0; ; n++ {
		if now := l.group.now(); due < now-time.Second {
			due = now
		}
		if due >= end || !pause.Sleep(ctx, due-l.group.now()) {
			return nil
		}
		due += each
		for step, status := range stepStatuses() {
			before := n - step*openEach*l.steps.each(writer)
			number := before*l.steps.writers + writer
			if before < 0 || (number+1)*stepsEach > len(l.steps.received) {
				continue
			}
			var err error
			if step == 0 {
				err = w.Order(context.WithoutCancel(ctx), number, l.steps.restaurant(number))
			} else {
				err = w.Status(context.WithoutCancel(ctx), number, status)
			}
			if err != nil {
				return err
			}
			l.steps.commit(number, step, l.group.now())
		}
	}
}
