package bench

import (
	"context"
	"errors"
	"sync"
	"time"

	"kitchen/db/load"
)

const (
	openEach    = 5                // orders that come in a restaurant until one goes a step on: so 15 are open
	tooLate     = 30 * time.Second // a display that has not been told by then has lost a change
	reportEvery = 5 * time.Minute
)

// long measures whether anything grows: many orders of the past, and new ones at a rate, each of which goes through all its statuses and is
// over, so that the queues stay short.
func (cfg Config) long(ctx context.Context, ground *load.Ground, r *Result) (err error) {
	if !cfg.Own {
		return errors.New("long writes orders of the past with the triggers switched off, and so only into a database of its own: unset DATABASE_URL")
	}
	if err := cfg.past(ctx, ground); err != nil {
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
	c := newCrowd(node, ground)
	defer c.leave()
	watchers := make(map[*display]*watcher)
	c.listen = func(d *display) func([]byte, time.Duration) {
		w := &watcher{restaurant: d.restaurant, shown: make(map[int]int)}
		watchers[d] = w
		return func(text []byte, at time.Duration) {
			if painted := w.hear(ground, text, at); painted != nil {
				d.answer(opText, painted)
			}
		}
	}
	if _, err := c.join(ctx, cfg.Displays, 0, cfg.Restaurants, 64); err != nil {
		return err
	}
	observer, err := ground.Observer(ctx)
	if err != nil {
		return err
	}
	defer observer.Close()
	l := &longRun{
		cfg: cfg, ground: ground, node: node, metrics: metrics, steps: s, crowd: c, watchers: watchers, observer: observer,
		meter: meter{postmaster: cfg.postmaster(ctx, ground), observer: observer},
	}
	r.Displays, r.Restaurants, r.Writers, r.Rate, r.Past = cfg.Displays, cfg.Restaurants, cfg.Writers, cfg.Rate, cfg.Past
	cfg.say("%d displays listen, and orders come for %s; what it costs is said every %s", cfg.Displays, cfg.Duration, l.every())
	writing, cancel := context.WithCancel(ctx)
	var ended sync.WaitGroup
	defer ended.Wait()
	defer cancel()
	written := make(chan error, 1)
	ended.Go(func() { written <- l.write(writing) })
	r.Intervals, err = l.report(ctx, written)
	return err
}

func (cfg Config) past(ctx context.Context, ground *load.Ground) error {
	began, said := time.Now(), time.Now()
	err := ground.Past(ctx, cfg.Past, func(done int) {
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
	ground   *load.Ground
	node     Node
	metrics  string
	steps    *steps
	crowd    *crowd
	watchers map[*display]*watcher
	observer *load.Observer
	meter    meter

	took       []time.Duration // of deliveries since the last report
	disordered int             // in all
}

// write has all writers write until the time is over.
func (l *longRun) write(ctx context.Context) error {
	errs := make([]error, l.steps.writers)
	var writing sync.WaitGroup
	end := l.crowd.now() + l.cfg.Duration
	for i := range l.steps.writers {
		w, err := l.ground.Writer(ctx)
		if err != nil {
			return err
		}
		defer w.Close()
		writing.Go(func() { errs[i] = l.turns(ctx, w, i, end) })
	}
	writing.Wait()
	return errors.Join(errs...)
}

// turns writes orders at the writer's share of the rate, and moves on those that came before. What could not be written in time is not
// made up for: a stall must not end in a burst.
func (l *longRun) turns(ctx context.Context, w *load.Writer, writer int, end time.Duration) error {
	pause := time.Duration(float64(l.steps.writers) / l.cfg.Rate * float64(time.Second))
	due := l.crowd.now() + pause*time.Duration(writer)/time.Duration(l.steps.writers)
	for n := 0; ; n++ {
		if now := l.crowd.now(); due < now-time.Second {
			due = now
		}
		if due >= end || !sleep(ctx, due-l.crowd.now()) {
			return nil
		}
		due += pause
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
			l.steps.commit(number, step, l.crowd.now())
		}
	}
}
