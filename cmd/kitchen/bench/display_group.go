package bench

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kitchen/db/load"
	"kitchen/db/order"
)

// Node is a node, or the floor, that displays connect to.
type Node struct {
	host string
	tls  bool
	sign func(order.UserID) (string, error) // makes a token
	pid  int                                // 0: not a process of ours
}

// displayGroup holds all displays of one measurement.
type displayGroup struct {
	node  Node
	data  *load.Dataset
	began time.Time

	displays []*display
	queued   atomic.Int64 // displays that have their queue
	received atomic.Int64 // events that displays got, of one order each
	reading  sync.WaitGroup
	leaving  atomic.Bool
	receiver func(*display) func(text []byte, at time.Duration) // makes what receives a display's messages; nil: the group records receipts

	mu     sync.Mutex
	failed error // the first error of a display
}

func newDisplayGroup(node Node, data *load.Dataset) *displayGroup {
	return &displayGroup{node: node, data: data, began: time.Now()}
}

func (c *displayGroup) now() time.Duration { return time.Since(c.began) }

// join connects displays, by turns to the restaurants from first to before last, at most atOnce at a time. It returns when each
// display has its queue.
func (c *displayGroup) join(ctx context.Context, displays, first, last, atOnce int) (took time.Duration, err error) {
	tokens := make([]string, last)
	for r := first; r < last; r++ {
		if tokens[r], err = c.node.sign(c.data.Users[r]); err != nil {
			return 0, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	slots := make(chan struct{}, atOnce)
	want := c.queued.Load() + int64(displays)
	began := time.Now()
	var dialing sync.WaitGroup
	for i := range displays {
		d := &display{restaurant: first + i%(last-first)}
		if c.receiver != nil {
			d.receive = c.receiver(d)
		}
		c.displays = append(c.displays, d)
		slots <- struct{}{}
		dialing.Go(func() {
			defer func() { <-slots }()
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

func (c *displayGroup) connect(ctx context.Context, d *display, token string) {
	path := "/ws/kitchen/" + string(c.data.Restaurants[d.restaurant]) + "/"
	conn, rest, err := dial(ctx, c.node, path, token)
	if err != nil {
		c.fail(err)
		return
	}
	d.conn = conn
	c.reading.Go(func() {
		err := d.read(rest, c.now, func(text []byte, at time.Duration) { c.receive(d, text, at) })
		if !c.leaving.Load() {
			c.fail(err)
		}
	})
}

// receive records which orders a message is about. An alarm names an order, too, and is no event: counted as one, it would end
// the measurement while the last events are still on their way, and they would count as lost.
func (c *displayGroup) receive(d *display, text []byte, at time.Duration) {
	if bytes.HasPrefix(text, []byte(`{"type":"heartbeat"`)) {
		return
	}
	queue := bytes.HasPrefix(text, []byte(`{"type":"initial_queue"`))
	if queue {
		defer c.queued.Add(1)
	}
	if d.receive != nil {
		d.receive(text, at)
		return
	}
	if !queue && !bytes.HasPrefix(text, []byte(`{"type":"order_`)) {
		return
	}
	for from := 0; ; {
		number, next, ok := c.data.FindNumber(text, from)
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

func (c *displayGroup) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed == nil {
		c.failed = err
	}
}

func (c *displayGroup) err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// wait polls: a signal from each of thousands of displays would cost more than what is measured.
func (c *displayGroup) wait(ctx context.Context, done func() bool) error {
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
func (c *displayGroup) leave() {
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
	latency                                 []time.Duration // one for each order and display
	last                                    []time.Duration // one for each order: when its last display had it
}

// tally is called after leave. A restaurant's orders are written one after the other, so its displays must receive them in that
// order.
func (c *displayGroup) tally(orders []committed) (t tally) {
	ordersOf := make(map[int][]int32) // by restaurant
	for i, o := range orders {
		if o.at > 0 {
			ordersOf[o.restaurant] = append(ordersOf[o.restaurant], int32(i))
		}
	}
	last := make([]time.Duration, len(orders))
	arrived := make([]time.Duration, len(orders))
	for _, d := range c.displays {
		before := int32(-1)
		for _, r := range d.receipts {
			if int(r.order) >= len(orders) {
				continue // an order from before the measurement
			}
			switch {
			case arrived[r.order] != 0 && !r.queue:
				t.duplicated++
			case arrived[r.order] != 0:
			default:
				arrived[r.order] = r.at
				if !r.queue && r.order < before {
					t.disordered++
				}
				before = max(before, r.order)
			}
		}
		for _, o := range ordersOf[d.restaurant] {
			if arrived[o] == 0 {
				t.lost++
				continue
			}
			t.delivered++
			took := max(0, arrived[o]-orders[o].at)
			t.latency = append(t.latency, took)
			last[o] = max(last[o], took)
		}
		for _, r := range d.receipts {
			if int(r.order) < len(orders) {
				arrived[r.order] = 0
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
