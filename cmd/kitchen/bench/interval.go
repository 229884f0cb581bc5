package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kitchen/db/load"
	"kitchen/notifier/pause"
)

// Interval is a part of a long measurement.
type Interval struct {
	Minutes    float64      `json:"minutes"` // since the measurement began
	Orders     int          `json:"orders"`
	OrderRate  float64      `json:"orders_per_second"`
	Changes    int          `json:"changes"` // new orders and statuses
	Postgres   usage        `json:"postgres_cpu_ms_per_order"`
	ServerCPU  float64      `json:"server_cpu_ms_per_order"`
	Latency    *Spread      `json:"commit_to_display_ms"`
	Lost       int          `json:"lost"`
	Disordered int          `json:"out_of_order"`
	Repairs    int          `json:"repairs"`
	Queue      float64      `json:"notification_queue"`
	Tables     []load.Table `json:"tables"`
}

// state holds all figures at a moment of the measurement.
type state struct {
	at                    time.Duration
	orders, changes, lost int
	disordered, repairs   int
	server                time.Duration
	postgres              usage
	tables                []load.Table
	queue                 float64
	latency               *Spread // since the previous state
}

// every is how long an interval is.
func (l *longRun) every() time.Duration { return min(reportEvery, max(l.cfg.Duration/6, time.Second)) }

// report measures until the writers are done, and prints each interval.
func (l *longRun) report(ctx context.Context, written <-chan error) (all []Interval, err error) {
	if err := l.warm(ctx, written); err != nil {
		return nil, err
	}
	before, err := l.state(ctx, false)
	if err != nil {
		return nil, err
	}
	began := before.at
	every := l.every()
	look := time.NewTicker(min(time.Second, every/2))
	defer look.Stop()
	for over := false; !over; {
		select {
		case <-ctx.Done():
			return all, context.Cause(ctx)
		case err := <-written:
			if err != nil {
				return all, err
			}
			over = true
			if err := l.awaitDisplays(ctx); err != nil {
				return all, err
			}
		case <-look.C:
			if _, err := l.meter.look(ctx); err != nil {
				return all, err
			}
			if err := l.group.err(); err != nil {
				return all, err
			}
			if l.group.now()-before.at < every {
				continue
			}
		}
		now, err := l.state(ctx, over)
		if err != nil {
			return all, err
		}
		if over && len(all) > 0 && now.at-before.at < every/2 { // too short to be compared
			all[len(all)-1].Lost += now.lost - before.lost
			continue
		}
		i := now.since(before, began)
		l.cfg.say("%s", i)
		all, before = append(all, i), now
	}
	return all, nil
}

// warm waits until the first order is completed: from then on as many orders begin as end.
func (l *longRun) warm(ctx context.Context, written <-chan error) error {
	for l.steps.at(0, stepsEach-1) == 0 {
		select {
		case err := <-written:
			return errors.Join(errors.New("the time is too short for an order to go through all statuses"), err)
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// tally counts what displays have received.
func (l *longRun) tally() {
	for _, w := range l.watchers {
		took, disordered := l.steps.tally(w)
		l.took, l.disordered = append(l.took, took...), l.disordered+disordered
	}
}

// displays is how many displays a restaurant has.
func (l *longRun) displays(restaurant int) int {
	return (l.cfg.Displays - restaurant + l.cfg.Restaurants - 1) / l.cfg.Restaurants
}

// awaitDisplays waits, for at most 10 s, until displays have received all that was written.
func (l *longRun) awaitDisplays(ctx context.Context) error {
	for range 100 {
		if !pause.Sleep(ctx, 100*time.Millisecond) {
			return context.Cause(ctx)
		}
		l.tally()
		if _, _, lost := l.steps.count(l.group.now(), l.displays); lost == 0 {
			break
		}
	}
	return nil
}

// state reads all figures. A change counts as lost after lostAfter, or when the measurement is over.
func (l *longRun) state(ctx context.Context, over bool) (s state, err error) {
	l.tally()
	s.at, s.server, s.disordered = l.group.now(), cpu(l.node.pid), l.disordered
	s.orders, s.changes, s.lost = l.steps.count(s.at, l.displays)
	if !over {
		_, _, s.lost = l.steps.count(s.at-lostAfter, l.displays)
	}
	slices.Sort(l.took)
	s.latency, l.took = spread(l.took), nil
	if s.postgres, err = l.meter.look(ctx); err != nil {
		return s, err
	}
	if s.tables, s.queue, err = l.meter.observer.Tables(ctx); err != nil {
		return s, err
	}
	s.repairs, err = counterOf(ctx, l.metrics, "kitchen_repairs_total")
	return s, err
}

func (s state) since(before state, began time.Duration) Interval {
	i := Interval{
		Minutes: (s.at - began).Minutes(), Orders: s.orders - before.orders, Changes: s.changes - before.changes,
		Latency: s.latency, Lost: s.lost - before.lost, Disordered: s.disordered - before.disordered, Repairs: s.repairs - before.repairs,
		Queue: s.queue, Tables: s.tables,
	}
	i.OrderRate = float64(i.Orders) / (s.at - before.at).Seconds()
	each := 1 / max(1, float64(i.Orders))
	i.Postgres, i.ServerCPU = s.postgres.minus(before.postgres).times(each), milliseconds(s.server-before.server)*each
	return i
}

func (i Interval) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "after %.1f min: %d orders and %d statuses, %.0f orders/s; %s", i.Minutes, i.Orders, i.Changes-i.Orders, i.OrderRate, i.costs())
	if i.Latency != nil {
		fmt.Fprintf(&b, "; %s", i.Latency)
	}
	fmt.Fprintf(&b, "; %d lost, %d out of order, %d repairs, notification queue %.4f", i.Lost, i.Disordered, i.Repairs, i.Queue)
	for _, t := range i.Tables {
		fmt.Fprintf(&b, "\n  %-28s %9d rows %8d dead  %7.1f MiB, indexes %7.1f MiB, %d autovacuums", t.Name, t.Rows, t.Dead, t.Heap, t.Indexes, t.Vacuums)
	}
	return b.String()
}

func (i Interval) costs() string {
	return fmt.Sprintf("Postgres %.2f ms an order (writers %.2f, node %.2f, background %.2f) and autovacuum %.2f, node itself %.2f",
		i.Postgres.sum(), i.Postgres.Writers, i.Postgres.Node, i.Postgres.Background, i.Postgres.Autovacuum, i.ServerCPU)
}

// growth prints the first interval beside the last one.
func (r *Result) growth(row func(what, format string, args ...any)) {
	if len(r.Intervals) == 0 {
		return
	}
	first, last := r.Intervals[0], r.Intervals[len(r.Intervals)-1]
	row("past orders", "%d", r.Past)
	lost, disordered, repairs := 0, 0, 0
	for _, i := range r.Intervals {
		lost, disordered, repairs = lost+i.Lost, disordered+i.Disordered, repairs+i.Repairs
	}
	row("events", "%d lost, %d out of order, %d repairs", lost, disordered, repairs)
	for _, i := range []Interval{first, last} {
		row(fmt.Sprintf("until %.1f min", i.Minutes), "%.0f orders/s, %s", i.OrderRate, i.costs())
	}
	row("last to first", "CPU of Postgres %.2f, with autovacuum %.2f", last.Postgres.sum()/first.Postgres.sum(),
		(last.Postgres.sum()+last.Postgres.Autovacuum)/(first.Postgres.sum()+first.Postgres.Autovacuum))
	row("notification queue", "%.4f, then %.4f", first.Queue, last.Queue)
	for _, t := range last.Tables {
		b := tableOf(first.Tables, t.Name)
		row(t.Name, "%d, then %d rows; %d, then %d dead; %.0f, then %.0f MiB; indexes %.0f, then %.0f MiB; %d autovacuums",
			b.Rows, t.Rows, b.Dead, t.Dead, b.Heap, t.Heap, b.Indexes, t.Indexes, t.Vacuums)
	}
}

// tableOf is the table of that name; an empty one where there was none yet.
func tableOf(tables []load.Table, name string) load.Table {
	for _, t := range tables {
		if t.Name == name {
			return t
		}
	}
	return load.Table{}
}
