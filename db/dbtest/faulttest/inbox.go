package faulttest

import (
	"sync"
	"time"
)

// arrival is one input of a display: a message, whether the feed is live, or that the connection was lost.
type arrival struct {
	at   time.Time
	doc  []byte // of a message
	live bool
	left bool
}

// inbox holds what a display has received and not processed yet.
type inbox struct {
	mu       sync.Mutex
	arrivals []arrival
	folding  bool          // a goroutine processes arrivals
	empty    chan struct{} // closed when it ends
	snapshot bool          // a snapshot has been received since the display connected
}

// Receive takes one message of the feed. The display keeps doc for a while, so it must not be changed.
func (d *Display) Receive(doc []byte) { d.deliver(arrival{doc: doc}) }

// SetLive says whether the feed is live, where no message says it.
func (d *Display) SetLive(live bool) { d.deliver(arrival{live: live}) }

// Disconnect says that the display has no connection: it is not live any more. It returns when all that was received before is
// processed.
func (d *Display) Disconnect() {
	d.deliver(arrival{left: true})
	d.Flush()
}

// HasSnapshot reports whether a snapshot has come since it connected, processed or not.
func (d *Display) HasSnapshot() bool {
	d.inbox.mu.Lock()
	defer d.inbox.mu.Unlock()
	return d.inbox.snapshot
}

// Flush waits until all that was received is processed.
func (d *Display) Flush() {
	b := &d.inbox
	b.mu.Lock()
	folding, empty := b.folding, b.empty
	b.mu.Unlock()
	if folding {
		<-empty
	}
}

func (d *Display) deliver(l arrival) {
	l.at = time.Now()
	b := &d.inbox
	b.mu.Lock()
	defer b.mu.Unlock()
	b.arrivals = append(b.arrivals, l)
	b.snapshot = !l.left && (b.snapshot || isSnapshot(l.doc))
	if !b.folding {
		b.folding, b.empty = true, make(chan struct{})
		go d.foldAll()
	}
}

// foldAll processes arrivals until the inbox is empty. Flush waits for its end.
func (d *Display) foldAll() {
	b := &d.inbox
	for {
		b.mu.Lock()
		arrivals := b.arrivals
		b.arrivals = nil
		if len(arrivals) == 0 {
			b.folding = false
			close(b.empty)
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		for _, l := range arrivals {
			d.fold(l)
		}
	}
}
