package notifier

import (
	"context"
	"log/slog"
	"time"

	"kitchen/db"
)

// traceLength is how many passages a kitchen remembers.
const traceLength = 64

// trace remembers the last passages of a kitchen. It grows with what happens: a restaurant where nothing does costs nothing.
type trace struct {
	passages []Passage
	next     int // where the next goes, once all places are taken
}

func (t *trace) add(p Passage) {
	if len(t.passages) < traceLength {
		t.passages = append(t.passages, p)
		return
	}
	t.passages[t.next] = p
	t.next = (t.next + 1) % traceLength
}

// record notes that an event was handed to the subscribers. The caller holds seq.
func (k *kitchen) record(n news, at seen) {
	p := Passage{Restaurant: k.id, Sequence: k.sequence, Order: n.order, Heard: at.heard, Read: at.read, Told: time.Now()}
	switch m := n.message.(type) {
	case *orderMessage:
		p.Event = m.Type
	case *statusMessage:
		p.Event = m.Type
	case *deletedMessage:
		p.Event = m.Type
	}
	if at.word.speaksOf(n.is) {
		p.By = at.word.by
	}
	if n.is != nil {
		p.Status, p.Version = n.is.Status, n.is.Version
		p.Changed = n.is.UpdatedAt.Add(-time.Duration(k.notifier.clock.Load()))
	}
	k.trace.add(p)
	if len(k.subscriptions) > 0 {
		k.notifier.cfg.Meter.Told(p)
	}
	if log := k.notifier.log; log.Enabled(context.Background(), slog.LevelDebug) {
		log.Debug("told", "restaurant", k.id, "order", n.order, "event", p.Event, "status", p.Status, "version", p.Version, "by", p.By,
			"changed", p.Changed, "heard", p.Heard, "read", p.Read, "told", p.Told)
	}
}

// Trace returns what this node remembers of the way of an order's changes, the oldest first: nothing where no display of
// its restaurant is connected here, or lately was.
func (n *Notifier) Trace(id db.OrderID) (passages []Passage) {
	for _, k := range n.watched() {
		k.seq.Lock()
		for i := range k.trace.passages {
			if p := k.trace.passages[(k.trace.next+i)%len(k.trace.passages)]; p.Order == id {
				passages = append(passages, p)
			}
		}
		k.seq.Unlock()
	}
	return passages
}

// Watches reports whether a restaurant is watched, and whether its displays were told that they are live.
func (n *Notifier) Watches(id db.RestaurantID) (watched, live bool) {
	n.mu.Lock()
	k := n.kitchens[id]
	n.mu.Unlock()
	if k == nil {
		return false, false
	}
	k.seq.Lock()
	defer k.seq.Unlock()
	return true, k.live
}

// setClock measures how far the database's clock is ahead of this machine's, so that times of both can be compared.
func (n *Notifier) setClock(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	began := time.Now()
	theirs, err := n.cfg.DB.Now(ctx)
	if err != nil {
		return // the reader says that the database is away
	}
	n.clock.Store(int64(theirs.Sub(began.Add(time.Since(began) / 2))))
}
