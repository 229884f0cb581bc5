package ws

import (
	"time"

	"github.com/gorilla/websocket"

	"kitchen/ws/closing"
	"kitchen/ws/limit"
	"kitchen/ws/protocol"
)

// inbox holds the messages of one display that were read and are not answered yet, oldest first. The display's reader puts them in.
// A goroutine that runs only while there are any answers them one after the other, so answers come in order. While the database takes
// its time for one, the reader goes on: it counts a flood, and notices pings and the end of the connection. It has no lock:
// display.mu guards it.
type inbox struct {
	waiting   []received
	bytes     int  // the size of the waiting messages
	answering bool // a goroutine answers them
}

// received is one message of a display.
type received struct {
	request protocol.Request
	wrong   *protocol.Problem // nil for a valid message
	size    int
}

// receive takes one message of a display. It waits where many bytes of earlier ones are unanswered.
func (d *display) receive(frameType int, body []byte) {
	r, wrong := protocol.ParseRequest(frameType == websocket.TextMessage, body, d.server.ids)
	if d.tooMany(&d.messages) {
		wrong = &protocol.Problem{Code: protocol.RateLimited, Message: "too many messages: wait a second, and send fewer"}
		d.awaitFirstQueue()
		d.answer(protocol.Encode(wrong.Answer(r)))
		return
	}
	m := received{request: r, wrong: wrong, size: len(body)}
	d.await(func() bool {
		return d.closing || len(d.inbox.waiting) == 0 || d.inbox.bytes+m.size <= d.server.limits.MessageBytes
	})
	d.extendReadDeadline() // that wait was not the display's

	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return
	}
	d.inbox.waiting = append(d.inbox.waiting, m)
	d.inbox.bytes += m.size
	if !d.inbox.answering {
		d.inbox.answering = true
		go d.answerInbox() // the display's reader waits for it before it ends
	}
}

// tooMany counts a message or control frame, and closes a display that floods.
func (d *display) tooMany(a *limit.Allowance) bool {
	l := &d.server.limits
	if a.Take(time.Now(), limit.Rate{PerSecond: l.MessageRate, Burst: l.MessageBurst}) {
		return false
	}
	if a.Refused() >= l.Flood {
		d.close(closing.Flood())
	}
	return true
}

// answerInbox answers the messages that wait, and those that come meanwhile.
func (d *display) answerInbox() {
	defer func() {
		if p := recover(); p != nil {
			d.panicked(p)
			d.mu.Lock()
			d.stopAnswering()
			d.mu.Unlock()
		}
	}()
	d.awaitFirstQueue()
	for m, ok := d.nextReceived(); ok; m, ok = d.nextReceived() {
		wrong := m.wrong
		if wrong == nil {
			wrong = d.serve(m.request)
		}
		if wrong != nil {
			d.answer(protocol.Encode(wrong.Answer(m.request)))
		}
	}
}

// awaitFirstQueue waits until the display has its first initial_queue, which comes before every answer, or is closing.
func (d *display) awaitFirstQueue() {
	d.await(func() bool { return d.progress != joining || d.closing })
}

// nextReceived takes the oldest message. If there is none, it clears answering before it releases the lock, so that the next message
// gets a goroutine of its own.
func (d *display) nextReceived() (m received, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing || len(d.inbox.waiting) == 0 {
		d.stopAnswering()
		return m, false
	}
	m = d.inbox.waiting[0]
	d.inbox.waiting[0] = received{}
	d.inbox.waiting = d.inbox.waiting[1:]
	d.inbox.bytes -= m.size
	d.change()
	return m, true
}

// stopAnswering empties the inbox. The caller holds d.mu.
func (d *display) stopAnswering() {
	d.inbox = inbox{}
	d.change()
}
