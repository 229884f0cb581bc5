package ws

import (
	"slices"

	"kitchen/ws/closing"
	"kitchen/ws/protocol"
	"kitchen/ws/tcp"
)

// How a display is written to.
//
// An idle display has no goroutine that writes. display.writing says whether somebody writes to it now, and is the right to
// do so: the push that changes it from false to true reports "idle", and its caller must then call flush. All other pushes only
// append to the queue, since the one who writes will find their message. So there is one writer at a time, without a
// goroutine for each display.
//
// flush writes message after message, as long as the kernel takes each whole frame without waiting. If the kernel takes only
// part of one, the peer reads too slowly, and flush passes that frame and the right to write on to a new goroutine, write,
// which may wait. Both take their messages from next. When next finds the queue empty, it clears writing before it releases the
// lock: a message that is queued a moment later finds no writer, and gets one.

// A write to a socket takes some microseconds. Up to flushInline displays are written to by the goroutine that brings the
// message; more are divided among goroutines, flushShare displays each, so that the feed goes on and all cores work.
const (
	flushInline = 16
	flushShare  = 64
)

// flush writes to the displays that a push reported as idle.
func (s *Server) flush(idle []*display) {
	if len(idle) <= flushInline {
		for _, d := range idle {
			d.flush()
		}
		return
	}
	for share := range slices.Chunk(idle, flushShare) {
		// The reader of each of these displays is still in the wait group, and waits for this write: wg cannot be zero here.
		s.wg.Go(func() {
			for _, d := range share {
				d.flush()
			}
		})
	}
}

// flush writes the waiting messages as long as the socket takes them without waiting, and starts write for the rest. Only
// the caller whose push reported idle may call it.
func (d *display) flush() {
	defer d.recoverPanic()
	a := d.server.attempts.Get().(*tcp.Attempt)
	defer d.server.attempts.Put(a)
	for m, ok := d.next(); ok; m, ok = d.next() {
		n, err := a.Write(&d.socket.Conn, m.frame)
		if err != nil {
			d.broken()
			return
		}
		if n < len(m.frame) {
			go d.write(m, n) // the display's reader waits for it before it ends
			return
		}
		d.server.meter.Sent(int(m.kind), n)
	}
}

// write writes the rest of m's frame, of which n bytes are written already, and then all that waits. It may wait for the
// socket, for as long as its write deadline allows.
func (d *display) write(m outgoing, n int) {
	defer d.recoverPanic()
	for ok := true; ok; {
		written, err := d.socket.Conn.Write(m.frame[n:])
		if err != nil {
			if tcp.TimedOut(err) {
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

// closeAsTooSlow closes a display that took no byte within the write timeout. It sends a close frame only between two frames,
// since the peer would take one inside a frame for its contents.
func (d *display) closeAsTooSlow(insideFrame bool) {
	if d.closeWithoutFrame(closing.TooSlow()) && !insideFrame {
		_, _ = tcp.NewAttempt().Write(&d.socket.Conn, protocol.CloseFrame(closing.TooSlow()))
	}
}

// next returns the next message to write. If none waits, it clears writing before it releases the lock, and returns false. A
// display that is behind has by then been written everything else, so next first asks its group for a new snapshot, which the
// feed may deliver before refresh returns.
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
		d.progress = stale
		d.mu.Unlock() // the group is locked before the display, never after it
		d.group.refresh()
		d.mu.Lock()
	}
	d.writing = false
	d.change()
	return outgoing{}, false
}

// broken ends writing after an error. It closes the socket, so that the reader's read fails and the reader ends.
func (d *display) broken() {
	d.socket.Cut()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closing = true
	d.clear()
	d.writing = false
	d.change()
}

// closeWithoutFrame closes the queue and records why, for a display to which no close frame can be queued. It reports false if the
// display was closing already.
func (d *display) closeWithoutFrame(why closing.Reason) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return false
	}
	d.closing, d.cause = true, why
	d.change()
	return true
}

// change wakes those that wait in await. The caller holds d.mu.
func (d *display) change() {
	if d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
}

// awaitWriter waits until nobody writes to the display. A closing display gets no new writer, and a deadline bounds the one
// that it has.
func (d *display) awaitWriter() { d.await(func() bool { return !d.writing }) }

// await waits until condition, which is called with d.mu held, returns true. The display's reader and the goroutine that answers its
// messages call it.
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
