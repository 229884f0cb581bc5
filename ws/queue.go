package ws

import (
	"slices"
	"time"

	"kitchen/ws/closing"
	"kitchen/ws/protocol"
)

// kind says what a message is, and so when it may be dropped while it waits.
type kind uint8

const (
	event            kind = iota // dropped when the display falls behind
	snapshot                     // dropped only for a later snapshot, because every display must get one first
	answer                       // to the display's own message; never dropped
	heartbeatMessage             // a later heartbeat replaces it
	screensMessage               // a later one replaces it
	ping                         // a later ping replaces it
	pong                         // a later pong replaces it
	closeMessage                 // the close frame; nothing follows it
)

// outgoing is one message, encoded as a WebSocket frame. Displays share the bytes, so nobody may change them.
type outgoing struct {
	kind  kind
	frame []byte
}

// queue holds the messages that wait for one display, oldest first. It has no lock: display.mu guards it.
type queue struct {
	waiting                 []outgoing
	events                  int // how many of waiting are events
	eventBytes, answerBytes int // size of the waiting events, and of the waiting answers
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

// pop removes and returns the oldest message. An empty queue keeps the memory of one message at most, because most displays
// are idle most of the time.
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

// drop removes all messages of the given kinds and keeps the order of the rest.
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

// Each push method of a display queues one message and reports whether the display was idle, which means that no goroutine
// was writing to it. If it was, the caller must call flush once it holds no lock: nobody else will write the message.

// pushEvent queues an event for a display that already has its orders. If too many events wait, it drops all of them, and
// the display gets a new snapshot after it has read everything else that waits (see next).
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
		return false // events waited, so some goroutine is writing to this display
	}
	return d.push(outgoing{event, frame})
}

// pushSnapshot queues an initial_queue for a display that waits for one. Limits.QueueBytes does not apply: at most one waits
// for each display, and all displays of the restaurant share its bytes.
func (d *display) pushSnapshot(frame []byte) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing || d.progress != joining && d.progress != stale {
		return false
	}
	d.progress = current
	d.change()
	return d.push(outgoing{snapshot, frame})
}

// pushReplacement queues an initial_queue that replaces all that the display shows, and drops the events and the snapshot
// that wait. A display that is behind is left out, because it gets a later snapshot once it has caught up.
func (d *display) pushReplacement(frame []byte) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing || d.progress == behind {
		return false
	}
	d.drop(event, snapshot)
	idle = d.push(outgoing{snapshot, frame})
	// It goes to the front, before waiting answers: it may have replaced the display's first snapshot, and nothing may come
	// before that.
	copy(d.waiting[1:], d.waiting)
	d.waiting[0] = outgoing{snapshot, frame}
	d.progress = current
	d.change()
	return idle
}

// pushHeartbeat queues a heartbeat in place of one that still waits, whose time and live state are out of date.
func (d *display) pushHeartbeat(frame []byte) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.progress == joining {
		return false
	}
	return d.replace(outgoing{heartbeatMessage, frame})
}

// pushLatest queues a message in place of a waiting one of the same kind.
func (d *display) pushLatest(k kind, frame []byte) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.replace(outgoing{k, frame})
}

// pushAnswer queues an answer. Answers are never dropped, so a display that keeps asking without reading is closed.
func (d *display) pushAnswer(frame []byte) (idle bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return false
	}
	if d.answerBytes > 0 && d.answerBytes+len(frame) > d.server.limits.QueueBytes {
		d.cause = closing.NotReading()
		return d.queueCloseFrame(protocol.CloseFrame(d.cause))
	}
	return d.push(outgoing{answer, frame})
}

// replace, push and endWith do the work of the methods above. The caller holds d.mu.

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

// queueCloseFrame drops everything that waits and queues a close frame as the last message. From now on reading and writing
// together have Times.Close, the time of a close handshake.
func (d *display) queueCloseFrame(frame []byte) (idle bool) {
	if d.closing {
		return false
	}
	d.closing = true
	d.change()
	d.clear()
	_ = d.socket.Conn.SetDeadline(time.Now().Add(d.server.times.Close))
	return d.push(outgoing{closeMessage, frame})
}
