package witness

import (
	"sync"
	"time"
)

// letter is one thing that a display is told: a message, that the feed is live or not, or that it has no connection.
type letter struct {
	at   time.Time
	doc  []byte // of a message
	live bool
	left bool
}

// inbox is what a display was told and has not folded yet.
type inbox struct {
	mu      sync.Mutex
	letters []letter
	folding bool          // a goroutine works for the display
	empty   chan struct{} // closed when it ends
	seated  bool          // what was told last to one who waits for a snapshot: it came
}

// Hear takes one message of the feed. The text is kept for a while, and must not change.
func (d *Display) Hear(doc []byte) { d.deliver(letter{doc: doc}) }

// Live notes what the display is told of the feed outside of a message.
func (d *Display) Live(live bool) { d.deliver(letter{live: live}) }

// Left notes that the display has no connection: what it shows is old, and it knows that. All that was heard before is
// folded when it returns.
func (d *Display) Left() {
	d.deliver(letter{left: true})
	d.Settle()
}

// Seated reports whether a snapshot has come since it joined, folded or not.
func (d *Display) Seated() bool { d.inbox.mu.Lock(); defer d.inbox.mu.Unlock(); return d.inbox.seated }

// Settle waits until all that was heard is folded.
func (d *Display) Settle() {
	b := &d.inbox
	b.mu.Lock()
	folding, empty := b.folding, b.empty
	b.mu.Unlock()
	if folding {
		<-empty
	}
}

func (d *Display) deliver(l letter) {
	l.at = time.Now()
	b := &d.inbox
	b.mu.Lock()
	defer b.mu.Unlock()
	b.letters = append(b.letters, l)
	b.seated = !l.left && (b.seated || isSnapshot(l.doc))
	if !b.folding {
		b.folding, b.empty = true, make(chan struct{})
		go d.foldAll()
	}
}

// foldAll works for a display until its inbox is empty. Who wants to be sure that it has ended calls Settle.
func (d *Display) foldAll() {
	b := &d.inbox
	for {
		b.mu.Lock()
		letters := b.letters
		b.letters = nil
		if len(letters) == 0 {
			b.folding = false
			close(b.empty)
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		for _, l := range letters {
			d.fold(l)
		}
	}
}
