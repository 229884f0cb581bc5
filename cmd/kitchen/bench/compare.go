package bench

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"kitchen/db/load"
	"kitchen/notifier/pause"
)

// slicesEach is how many slices each side gets for each kind of write.
const slicesEach = 10

// slice is the result of one turn of one kind of write, on our tables or on those that they are compared with.
type slice struct {
	writes int
	took   time.Duration
	cpu    float64 // milliseconds that its writers, and those who read and listen there, took of Postgres
	node   float64 // of cpu: reading and listening
}

// side is one of two databases of one server that are compared: nothing that one of them does wakes anybody of the other.
type side[W interface{ Close() }] struct {
	url      string
	connect  func(context.Context) (W, error)
	readsFor time.Duration // how long a node may read for displays after the last write
	next     int           // the first turn that was not taken

	meter   *meter // as is all below, of one kind of write
	writers []W
	slices  []slice
}

// compare measures each kind of write on both sides, by turns. Autovacuum is off all the while: before each kind both sides are vacuumed and
// analysed instead, and connect anew, so that their plans are made for the tables as they are.
func compare[W interface{ Close() }](ctx context.Context, cfg Config, server *load.Dataset, kinds []kind[W], beside string, ours, other *side[W]) (costs []Cost, err error) {
	if err := server.SwitchAutovacuum(ctx, false); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.SwitchAutovacuum(context.WithoutCancel(ctx), true)) }()
	for _, k := range kinds {
		if err := compareKind(ctx, cfg, k, ours, other); err != nil {
			return costs, err
		}
		cost, err := costOf(k.what, beside, ours.slices, other.slices)
		if err != nil {
			return costs, err
		}
		costs = append(costs, cost)
	}
	return costs, nil
}

func compareKind[W interface{ Close() }](ctx context.Context, cfg Config, k kind[W], ours, other *side[W]) error {
	do := func(ctx context.Context, w W, turn int) error { return k.do(ctx, w, turn, cfg.Restaurants) }
	during := cfg.Duration / slicesEach / 2
	sides := []*side[W]{ours, other}
	for _, s := range sides {
		if err := load.Analyze(ctx, s.url); err != nil {
			return err
		}
	}
	for _, s := range sides {
		defer s.leave()
		if err := s.enter(ctx, min(cfg.Writers, cfg.Restaurants)); err != nil {
			return err
		}
		for range 2 { // these turns only warm plans and caches
			if err := s.turn(ctx, do, during); err != nil {
				return err
			}
		}
		s.slices = nil
	}
	for range slicesEach {
		for _, s := range sides {
			if err := s.turn(ctx, do, during); err != nil {
				return err
			}
		}
		slices.Reverse(sides) // neither is always the first
	}
	return nil
}

// enter connects the writers and the meter.
func (s *side[W]) enter(ctx context.Context, writers int) (err error) {
	s.next = 0
	if s.meter, err = newMeter(ctx, s.url); err != nil {
		return err
	}
	for range writers {
		w, err := s.connect(ctx)
		if err != nil {
			return err
		}
		s.writers = append(s.writers, w)
	}
	return nil
}

func (s *side[W]) leave() {
	for _, w := range s.writers {
		w.Close()
	}
	s.meter.close()
	s.writers, s.meter = nil, nil
}

// turn measures one slice.
func (s *side[W]) turn(ctx context.Context, do func(ctx context.Context, w W, turn int) error, during time.Duration) error {
	before, err := s.meter.look(ctx)
	if err != nil {
		return err
	}
	n, next, took, err := repeat(ctx, s.writers, do, s.next, during)
	if err != nil {
		return err
	}
	if !pause.Sleep(ctx, s.readsFor) {
		return context.Cause(ctx)
	}
	after, err := s.meter.look(ctx)
	if err != nil {
		return err
	}
	s.next = next
	spent := after.minus(before)
	s.slices = append(s.slices, slice{n, took, spent.Writers + spent.Node, spent.Node})
	return nil
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
