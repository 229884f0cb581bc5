package ws

import (
	"slices"
	"time"
)

// kind says what may be done with a message that waits.
type kind uint8

const (
	event    kind = iota // dropped when the display falls behind
	snapshot             // replaced by a later one, and by nothing else: it is the first thing that a display gets
	answer               // to the display's own message: never dropped
	beat                 // of these three only the latest is worth anything
	ping
	pong
	last // the close frame
)

type outgoing struct {
	kind  kind
	frame []byte
}

// queue is what waits for one display, oldest first. Its owner guards it.
type queue struct {
	waiting                 []outgoing
	events                  int
	eventBytes, answerBytes int
}

func (q *queue) append(m outgoing) {
	switch m.kind {
	case event:
		q.events++
		q.eventBytes += len(m.frame)
	case answer:
		q.answerBytes += len(m.frame)
	}
	q.waiting = append(q.waiting, m)
}

// pop takes the oldest. Displays are idle most of the time, so an empty queue keeps no more than the room for one message.
func (q *queue) pop() (outgoing, bool) {
	if len(q.waiting) == 0 {
		return outgoing{}, false
	}
	m := q.waiting[0]
	switch m.kind {
	case event:
		q.events--
		q.eventBytes -= len(m.frame)
	case answer:
		q.answerBytes -= len(m.frame)
	}
	switch {
	case len(q.waiting) > 1:
		q.waiting[0] = outgoing{}
		q.waiting = q.waiting[1:]
	case cap(q.waiting) > 1:
		q.waiting = nil
	default:
		q.waiting[0] = outgoing{}
		q.waiting = q.waiting[:0]
	}
	return m, true
}

// drop removes every message of these kinds.
func (q *queue) drop(kinds ...kind) {
	old := *q
	*q = queue{}
	for _, m := range old.waiting {
		if !slices.Contains(kinds, m.kind) {
			q.append(m)
		}
	}
}

func (q *queue) clear() { *q = queue{} }

// The pushes of a display answer whether it was idle: then the caller has to flush it, and nobody else will.

// pushEvent queues an event for a display that has its queue. Where too much waits already, all the events go, and the
// display gets a snapshot once it has read the rest.
func (d *display) pushEvent(frame []byte) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing || d.progress != current {
		return false
	}
	l := &d.server.limits
	if d.events >= l.QueueMessages || d.events > 0 && d.eventBytes+len(frame) > l.QueueBytes {
		d.server.meter.FellBehind(d.events + 1)
		d.drop(event)
		d.progress = behind
		return false // it is being written to, or nothing would have waited
	}
	return d.push(outgoing{event, frame})
}

// pushSnapshot gives an initial_queue to a display that waits for one. It has no bound: there is never more than one, and
// its bytes are shared by all that get it.
func (d *display) pushSnapshot(frame []byte) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing || d.progress != joining && d.progress != lost {
		return false
	}
	d.progress = current
	d.change()
	return d.push(outgoing{snapshot, frame})
}

// pushReplacement replaces what a display has, and what waits for it. One that has not read the rest yet will get a later
// snapshot anyway.
func (d *display) pushReplacement(frame []byte) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing || d.progress == behind {
		return false
	}
	d.drop(event, snapshot)
	idle = d.push(outgoing{snapshot, frame})
	// It goes before the answers that wait, since the one that it replaces may have been the display's first.
	copy(d.waiting[1:], d.waiting)
	d.waiting[0] = outgoing{snapshot, frame}
	d.progress = current
	d.change()
	return idle
}

// pushHeartbeat replaces one that still waits: an old time and an old state of the feed are worth nothing.
func (d *display) pushHeartbeat(frame []byte) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.progress == joining {
		return false
	}
	return d.replace(outgoing{beat, frame})
}

func (d *display) pushLatest(k kind, frame []byte) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.replace(outgoing{k, frame})
}

// pushAnswer queues an answer, which is never dropped: a display that keeps asking without reading is closed.
func (d *display) pushAnswer(frame []byte) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return false
	}
	if d.answerBytes > 0 && d.answerBytes+len(frame) > d.server.limits.QueueBytes {
		d.cause = closeNotReading()
		return d.endWith(d.cause.frame())
	}
	return d.push(outgoing{answer, frame})
}

// replace, push and endWith are called with the lock held.

func (d *display) replace(m outgoing) (idle bool) {
	if d.closing {
		return false
	}
	for _, waiting := range d.waiting {
		if waiting.kind == m.kind {
			d.drop(m.kind)
			break
		}
	}
	return d.push(m)
}

func (d *display) push(m outgoing) (idle bool) {
	d.append(m)
	idle = !d.writing
	d.writing = true
	return idle
}

// endWith makes a close frame the last thing that a display is sent, at once: what waits is dropped, and both directions
// have only the time of a close handshake left.
func (d *display) endWith(frame []byte) (idle bool) {
	if d.closing {
		return false
	}
	d.closing = true
	d.change()
	d.clear()
	_ = d.socket.Conn.SetDeadline(time.Now().Add(d.server.times.Close))
	return d.push(outgoing{last, frame})
}
