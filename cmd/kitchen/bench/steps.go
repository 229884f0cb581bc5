package bench

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"kitchen/db/load"
)

// stepStatuses are the statuses that an order goes through in the long scenario. A step is an index into them.

func stepStatuses() []string { return []string{"pending", "preparing", "ready", "completed"} }

const stepsEach = 4

// steps records, for each order of a long measurement and each of its steps, when it was committed and how many displays
// received it.
type steps struct {
	writers, restaurants int
	committed            []atomic.Int64 // of each order and step: when its COMMIT returned, since the beginning; 0: not yet
	received             []uint32       // by displays, of each step; owned by the goroutine that counts
}

func newSteps(orders, writers, restaurants int) *steps {
	return &steps{
		writers: writers, restaurants: restaurants,
		committed: make([]atomic.Int64, orders*stepsEach), received: make([]uint32, orders*stepsEach),
	}
}

// restaurant is the index of an order's restaurant. Each restaurant belongs to one writer.
func (s *steps) restaurant(number int) int {
	writer := number % s.writers
	return writer + number/s.writers%s.each(writer)*s.writers
}

// each is how many restaurants a writer has.
func (s *steps) each(writer int) int { return (s.restaurants - writer + s.writers - 1) / s.writers }

func (s *steps) at(number, step int) time.Duration {
	return time.Duration(s.committed[number*stepsEach+step].Load())
}

func (s *steps) commit(number, step int, at time.Duration) {
	s.committed[number*stepsEach+step].Store(int64(at))
}

// watcher records what a display receives of orders.
type watcher struct {
	restaurant int

	mu    sync.Mutex
	notes []note

	shown map[int]int // the last step of each order, plus one; owned by the goroutine that counts
}

// note is the content of one message.
type note struct {
	at      time.Duration
	queue   bool // a whole queue: all open orders
	numbers []int
	steps   []int
}

// receive records a message. For a new order it returns the answer of a display that shows it.
func (w *watcher) receive(data *load.Dataset, text []byte, at time.Duration) (painted []byte) {
	type order struct {
		ID, Status string
		Version    int
	}
	var m struct {
		Type    string
		Order   *order
		OrderID string `json:"order_id"`
		Status  string
		Orders  []order
	}
	if json.Unmarshal(text, &m) != nil {
		return nil
	}
	n := note{at: at, queue: m.Type == "initial_queue"}
	switch {
	case m.Order != nil: // a new or a changed one
		m.Orders = []order{*m.Order}
	case m.Type == "order_status_changed":
		m.Orders = []order{{ID: m.OrderID, Status: m.Status}}
	}
	for _, o := range m.Orders {
		number, _, ok := data.FindNumber([]byte(o.ID), 0)
		for step, status := range stepStatuses() {
			if ok && status == o.Status {
				n.numbers, n.steps = append(n.numbers, number), append(n.steps, step)
			}
		}
	}
	if len(n.numbers) > 0 || n.queue {
		w.mu.Lock()
		w.notes = append(w.notes, n)
		w.mu.Unlock()
	}
	if m.Type == "order_created" {
		return fmt.Appendf(nil, `{"type":"seen","how":"painted","orders":[{"order_id":"%s","version":%d}]}`, m.Order.ID, m.Order.Version)
	}
	return nil
}

// tally counts what a display has received since the last tally. It returns how long each step took to arrive.
func (s *steps) tally(w *watcher) (took []time.Duration, disordered int) {
	w.mu.Lock()
	notes := w.notes
	w.notes = nil
	w.mu.Unlock()
	record := func(number, step int, at time.Duration) {
		if number*stepsEach >= len(s.received) {
			return // an order from before the measurement
		}
		for next := w.shown[number]; next <= step; next++ {
			s.received[number*stepsEach+next]++
			if committed := s.at(number, next); committed > 0 { // else COMMIT has not returned yet
				took = append(took, max(0, at-committed))
			} else {
				took = append(took, 0)
			}
		}
		if step+1 < w.shown[number] {
			disordered++
		}
		w.shown[number] = max(w.shown[number], step+1)
	}
	for _, n := range notes {
		open := make(map[int]bool)
		for i, number := range n.numbers {
			record(number, n.steps[i], n.at)
			open[number] = true
		}
		if n.queue { // an order that is missing in it was completed, though its COMMIT may return later than the queue came
			for number := range len(s.received) / stepsEach {
				over := s.at(number, stepsEach-1)
				gone := over > 0 && over < n.at || w.shown[number] > 0
				if gone && !open[number] && s.restaurant(number) == w.restaurant {
					record(number, stepsEach-1, n.at)
				}
			}
		}
	}
	return took, disordered
}

// count returns, of the steps that were committed until then, how many there are, how many are new orders, and how many deliveries
// to displays are missing.
func (s *steps) count(until time.Duration, displays func(restaurant int) int) (orders, changes, lost int) {
	for i := range s.received {
		at := time.Duration(s.committed[i].Load())
		if at == 0 || at > until {
			continue
		}
		changes++
		if i%stepsEach == 0 {
			orders++
		}
		lost += displays(s.restaurant(i/stepsEach)) - int(s.received[i])
	}
	return orders, changes, lost
}
