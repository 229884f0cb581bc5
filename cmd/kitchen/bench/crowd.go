package bench

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kitchen/db"
	"kitchen/db/load"
)

// Node is a node, or the floor, that displays connect to.
type Node struct {
	host string
	tls  bool
	sign func(db.UserID) (string, error) // makes a token
	pid  int                             // 0: not a process of ours
}

// crowd is all the displays of one measurement.
type crowd struct {
	node   Node
	ground *load.Ground
	began  time.Time

	displays []*display
	queued   atomic.Int64 // displays that have their queue
	received atomic.Int64 // events that displays got, of one order each
	reading  sync.WaitGroup
	leaving  atomic.Bool
	listen   func(*display) func(text []byte, at time.Duration) // takes the messages of a display; nil: the crowd notes them

	mu     sync.Mutex
	failed error // the first error of a display
}

func newCrowd(node Node, ground *load.Ground) *crowd {
	return &crowd{node: node, ground: ground, began: time.Now()}
}

func (c *crowd) now() time.Duration { return time.Since(c.began) }

// join connects displays, in turn for each of the restaurants from first up to last, and at most that many at a time. It returns
// when each display has its queue.
func (c *crowd) join(ctx context.Context, displays, first, last, atOnce int) (took time.Duration, err error) {
	tokens := make([]string, last)
	for r := first; r < last; r++ {
		if tokens[r], err = c.node.sign(c.ground.Users[r]); err != nil {
			return 0, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	places := make(chan struct{}, atOnce)
	want := c.queued.Load() + int64(displays)
	began := time.Now()
	var dialing sync.WaitGroup
	for i := range displays {
		d := &display{restaurant: first + i%(last-first)}
		if c.listen != nil {
			d.hear = c.listen(d)
		}
		c.displays = append(c.displays, d)
		places <- struct{}{}
		dialing.Go(func() {
			defer func() { <-places }()
			c.connect(ctx, d, tokens[d.restaurant])
		})
	}
	dialing.Wait()
	err = c.wait(ctx, func() bool { return c.queued.Load() >= want })
	took = time.Since(began)
	if err != nil {
		return took, fmt.Errorf("%d of %d displays have no queue: %w", want-c.queued.Load(), displays, err)
	}
	return took, nil
}

func (c *crowd) connect(ctx context.Context, d *display, token string) {
	path := "/ws/kitchen/" + string(c.ground.Restaurants[d.restaurant]) + "/"
	conn, rest, err := dial(ctx, c.node, path, token)
	if err != nil {
		c.fail(err)
		return
	}
	d.conn = conn
	c.reading.Go(func() {
		err := d.read(rest, c.now, func(text []byte, at time.Duration) { c.hear(d, text, at) })
		if !c.leaving.Load() {
			c.fail(err)
		}
	})
}

// hear records which orders a message is about. An alarm names an order, too, and tells nothing of it: counted as an event, it would
// end the measurement while the last events are still on their way, and they would be called lost.
func (c *crowd) hear(d *display, text []byte, at time.Duration) {
	if bytes.HasPrefix(text, []byte(`{"type":"heartbeat"`)) {
		return
	}
	queue := bytes.HasPrefix(text, []byte(`{"type":"initial_queue"`))
	if queue {
		defer c.queued.Add(1)
	}
	if d.hear != nil {
		d.hear(text, at)
		return
	}
	if !queue && !bytes.HasPrefix(text, []byte(`{"type":"order_`)) {
		return
	}
	for from := 0; ; {
		number, next, ok := c.ground.Number(text, from)
		if !ok {
			break
		}
		from = next
		d.receipts = append(d.receipts, receipt{order: int32(number), queue: queue, at: at})
		if !queue {
			c.received.Add(1)
			break
		}
	}
}

func (c *crowd) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed == nil {
		c.failed = err
	}
}

func (c *crowd) err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// wait polls, because thousands of displays count, and a signal from each would cost more than what is measured.
func (c *crowd) wait(ctx context.Context, done func() bool) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !done() {
		if err := c.err(); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// leave closes every display and waits for the goroutines that read. It may be called twice.
func (c *crowd) leave() {
	c.leaving.Store(true)
	for _, d := range c.displays {
		if d.conn != nil {
			_ = d.conn.Close()
		}
	}
	c.reading.Wait()
}

// tally compares the events that displays got with the orders that were committed.
type tally struct {
	delivered, lost, duplicated, disordered int
	latency                                 []time.Duration // of each order and display
	last                                    []time.Duration // of each order, its last display
}

// tally may be called after leave. A restaurant's orders are written one after the other, so that its displays must get them in
// that order.
func (c *crowd) tally(orders []committed) (t tally) {
	of := make(map[int][]int32) // of each restaurant
	for i, o := range orders {
		if o.at > 0 {
			of[o.restaurant] = append(of[o.restaurant], int32(i))
		}
	}
	last := make([]time.Duration, len(orders))
	heard := make([]time.Duration, len(orders))
	for _, d := range c.displays {
		before := int32(-1)
		for _, r := range d.receipts {
			if int(r.order) >= len(orders) {
				continue // an order from before the measurement
			}
			switch {
			case heard[r.order] != 0 && !r.queue:
				t.duplicated++
			case heard[r.order] != 0:
			default:
				heard[r.order] = r.at
				if !r.queue && r.order < before {
					t.disordered++
				}
				before = max(before, r.order)
			}
		}
		for _, o := range of[d.restaurant] {
			if heard[o] == 0 {
				t.lost++
				continue
			}
			t.delivered++
			took := max(0, heard[o]-orders[o].at)
			t.latency = append(t.latency, took)
			last[o] = max(last[o], took)
		}
		for _, r := range d.receipts {
			if int(r.order) < len(orders) {
				heard[r.order] = 0
			}
		}
	}
	for i, o := range orders {
		if o.at > 0 && last[i] > 0 {
			t.last = append(t.last, last[i])
		}
	}
	slices.Sort(t.latency)
	slices.Sort(t.last)
	return t
}
