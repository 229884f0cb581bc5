package ws

import "slices"

// Fan-out. A write to a socket of this machine takes some microseconds: a few displays are written to where the message
// came from, and many are shared out, so that the feed goes on and every core takes part.
const (
	flushInline = 16
	flushShare  = 64
)

// flush writes to displays that were idle when something was queued for them.
func (s *Server) flush(idle []*display) {
	if len(idle) <= flushInline {
		for _, d := range idle {
			d.flush()
		}
		return
	}
	for share := range slices.Chunk(idle, flushShare) {
		// The displays' own goroutines wait for this, so the wait group cannot be at zero here.
		s.wg.Go(func() {
			for _, d := range share {
				d.flush()
			}
		})
	}
}

// flush writes what waits for a display for as long as its socket takes it at once, and leaves the rest to a goroutine
// that may wait. It belongs to the one whose push found the display idle.
func (d *display) flush() {
	defer d.survive()
	a := d.server.attempts.Get().(*attempt)
	defer d.server.attempts.Put(a)
	for m, ok := d.next(); ok; m, ok = d.next() {
		n, err := d.socket.tryWrite(a, m.frame)
		if err != nil {
			d.broken()
			return
		}
		if n < len(m.frame) {
			go d.write(m, n) // its reader waits for it
			return
		}
		d.server.meter.Sent(int(m.kind), n)
	}
}

// write waits for the socket, until nothing waits for the display any more. The first n bytes of m's frame are written.
func (d *display) write(m outgoing, n int) {
	defer d.survive()
	for ok := true; ok; {
		written, err := d.socket.Conn.Write(m.frame[n:])
		if err != nil {
			if timedOut(err) {
				d.closeAsTooSlow(n+written > 0)
			}
			d.broken()
			return
		}
		d.server.meter.Sent(int(m.kind), len(m.frame))
		m, ok = d.next()
		n = 0
	}
}

// closeAsTooSlow says so to a display that has stood still, if a close frame fits where one can be understood.
func (d *display) closeAsTooSlow(insideFrame bool) {
	if d.mark(closeTooSlow()) && !insideFrame {
		_, _ = d.socket.tryWrite(newAttempt(), closeTooSlow().frame())
	}
}

// next takes the next message, or ends the writing, which it then has to do in the same breath: nobody may queue something
// in between and rely on a writer that has already decided to go. A display that fell behind has read everything by then,
// and gets a fresh snapshot.
func (d *display) next() (outgoing, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		if m, ok := d.pop(); ok {
			return m, true
		}
		if d.progress != behind || d.closing {
			break
		}
		d.progress = lost
		d.mu.Unlock()
		d.group.refresh()
		d.mu.Lock()
	}
	d.writing = false
	d.change()
	return outgoing{}, false
}

// broken ends the writing after an error. Closing the socket tells the reader.
func (d *display) broken() {
	d.socket.cut()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closing = true
	d.clear()
	d.writing = false
	d.change()
}

// mark notes why a display ends where no close frame can be queued. It answers whether that is news.
func (d *display) mark(why closing) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return false
	}
	d.closing, d.cause = true, why
	d.change()
	return true
}

// change wakes the reader, if it waits. It is called with the lock held.
func (d *display) change() {
	if d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
}

// awaitWriter waits until nobody writes. A display that is closing gets no new writer, and the one it has is bounded by
// its deadline.
func (d *display) awaitWriter() { d.await(func() bool { return !d.writing }) }

// await waits until a condition holds, which is looked at with the lock held. Only the reader waits.
func (d *display) await(condition func() bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for !condition() {
		if d.changed == nil {
			d.changed = make(chan struct{})
		}
		changed := d.changed
		d.mu.Unlock()
		<-changed
		d.mu.Lock()
	}
}
