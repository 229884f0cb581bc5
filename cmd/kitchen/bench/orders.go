package bench

import (
	"context"
	"errors"
	"sync"
	"time"

	"kitchen/db/load"
	"kitchen/notifier/pause"
)

// committed is an order with the time at which its COMMIT returned, since the measurement began; 0 where it failed.
type committed struct {
	restaurant int
	at         time.Duration
}

// connectWriters connects the writers of a measurement, at most one for each restaurant. They stay connected, as an application's do, until
// disconnect is called, which may be called even where one could not connect.
func connectWriters(ctx context.Context, data *load.Dataset, n int) (writers []*load.Writer, disconnect func(), err error) {
	disconnect = func() {
		for _, w := range writers {
			w.Close()
		}
	}
	for range min(n, len(data.Restaurants)) {
		w, err := data.Writer(ctx)
		if err != nil {
			return writers, disconnect, err
		}
		writers = append(writers, w)
	}
	return writers, disconnect, nil
}

// write places orders for a time, at a rate in orders a second; 0 is as fast as the writers can. Each restaurant belongs to one
// writer, so that its orders come one after the other. The orders are numbered from first on. A transaction that has begun when
// the time is over is finished.
func write(ctx context.Context, open []*load.Writer, restaurants int, rate float64, during time.Duration, first int, now func() time.Duration) ([]committed, error) {
	writers := len(open)
	each := make([][]committed, writers)
	errs := make([]error, writers)
	begin, end := now(), now()+during
	next := func(turn int) bool { // waits until a turn is due, and reports whether there is time for it
		if rate == 0 {
			return now() < end
		}
		due := begin + time.Duration(float64(turn)/rate*float64(time.Second))
		return due < end && pause.Sleep(ctx, due-now())
	}
	var writing sync.WaitGroup
	for i, w := range open {
		writing.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				turn := n*writers + i
				if !next(turn) {
					return
				}
				restaurant := i + n%((restaurants-i+writers-1)/writers)*writers
				if errs[i] = w.Order(context.WithoutCancel(ctx), first+turn, restaurant); errs[i] != nil {
					return
				}
				each[i] = append(each[i], committed{restaurant, now()})
			}
		})
	}
	writing.Wait()
	return byTurn(each), errors.Join(errs...)
}

// byTurn puts what the writers did into the order of its turns. Turns that no writer had are zero.
func byTurn(each [][]committed) []committed {
	var longest int
	for _, e := range each {
		longest = max(longest, len(e))
	}
	all := make([]committed, longest*len(each))
	for i, e := range each {
		for n, o := range e {
			all[n*len(each)+i] = o
		}
	}
	return all
}
