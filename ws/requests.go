package ws

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
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
	r, wrong := protocol.ParseRequest(frameType == websocket.TextMessage, body, d.server.ids())
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

func (d *display) serve(r protocol.Request) *protocol.Problem {
	if d.group.pickup && r.Kind != "authenticate" {
		return &protocol.Problem{Code: protocol.Forbidden, Message: "a pick-up screen shows numbers, and can ask for nothing"}
	}
	switch r.Kind {
	case "update_status":
		return d.updateStatus(r)
	case "update_lines", "fire":
		return d.moveLines(r)
	case "list_recent":
		return d.listRecent(r)
	case "show":
		return d.show(r)
	case "seen":
		d.seen(r)
		return nil
	default:
		return d.authenticate(r)
	}
}

// mayChange says why a display may not change the order that a request names.
func (d *display) mayChange(r protocol.Request) *protocol.Problem {
	if _, may := d.credential(); !may {
		return &protocol.Problem{Code: protocol.Forbidden, Message: "this user may look, but not change orders"}
	}
	if r.NoOrder {
		return noSuchOrder()
	}
	return nil
}

func (d *display) updateStatus(r protocol.Request) *protocol.Problem {
	if !r.Status.Known() {
		return &protocol.Problem{Code: protocol.InvalidStatus, Message: "status has to be pending, preparing, ready or completed"}
	}
	if problem := d.mayChange(r); problem != nil {
		return problem
	}
	ctx, cancel := context.WithTimeout(d.server.ctx, d.server.times.Store)
	defer cancel()
	result, err := d.server.store.UpdateStatus(ctx, order.StatusUpdate{
		Restaurant: d.group.restaurant, Order: r.Order, Status: r.Status, Version: r.Version, Force: r.Force,
	})
	var changed *order.ConflictError
	var notReady *order.NotReadyError
	var refused *order.RefusedError
	switch {
	case err == nil:
	case errors.Is(err, order.ErrNotFound):
		return noSuchOrder()
	case errors.Is(err, order.ErrNotAllowed) && r.Status == order.Cancelled:
		return &protocol.Problem{Code: protocol.NotAllowed, Message: "a display cannot cancel an order: do it where orders are taken"}
	case errors.Is(err, order.ErrNotAllowed):
		return &protocol.Problem{Code: protocol.NotAllowed,
			Message: "an order can go forward, one step back, or be recalled for a while after it was completed"}
	case errors.As(err, &changed):
		return &protocol.Problem{Code: protocol.Conflict, Message: "the order has changed: look at it, then try again",
			Now: &changed.StatusResult}
	case errors.As(err, &refused):
		return &protocol.Problem{Code: protocol.NotAllowed, Message: refused.Reason}
	case errors.As(err, &notReady):
		return &protocol.Problem{Code: protocol.NotReady, Message: "stations still cook for this order", Waiting: notReady.Waiting}
	default:
		return d.unavailable("a status could not be updated", err)
	}
	if r.ID != nil {
		d.answer(protocol.Encode(protocol.Ack(r, result)))
	}
	return nil
}

func noSuchOrder() *protocol.Problem {
	return &protocol.Problem{Code: protocol.OrderNotFound, Message: "this restaurant has no such order"}
}

func (d *display) listRecent(r protocol.Request) *protocol.Problem {
	d.mu.Lock()
	unread := d.answerBytes > 0
	d.mu.Unlock()
	if unread { // lists are long, and the display has not read the last answer yet
		return &protocol.Problem{Code: protocol.RateLimited, Message: "read the answers before this one first"}
	}
	ctx, cancel := context.WithTimeout(d.server.ctx, d.server.times.Store+recentRest)
	defer cancel()
	orders, err := d.group.recentOrders(ctx)
	if err != nil {
		return d.unavailable("recent orders could not be listed", err)
	}
	d.answer(protocol.RecentOrders(r, orders))
	return nil
}

// authenticate renews the credential of a display, or gives it that of another user of the restaurant. A token that is no
// good changes nothing: the display goes on with the credential that it has.
func (d *display) authenticate(r protocol.Request) *protocol.Problem {
	g, why := d.server.authorise(r.Token, d.group.restaurant, d.group.pickup)
	if why == closing.None() {
		why = d.server.replaceGrant(d, g)
	}
	switch why {
	case closing.None():
	case closing.Unavailable():
		return &protocol.Problem{Code: protocol.Unavailable, Message: "the token could not be checked now: try again soon"}
	default:
		return &protocol.Problem{Code: protocol.BadToken, Message: why.Sentence() + "; the display goes on with the token from before"}
	}
	d.answer(protocol.Encode(protocol.Authenticated(r, g.expires)))
	return nil
}

// unavailable logs an error whose details a display must not see.
func (d *display) unavailable(what string, err error) *protocol.Problem {
	d.server.peerLog.Write(slog.LevelWarn, what, "restaurant", d.group.restaurant, "display", d.id, "err", err)
	return &protocol.Problem{Code: protocol.Unavailable, Message: "this cannot be done now: try again soon"}
}

// answer queues a document for this display only, as the answer to a request of its own.
func (d *display) answer(doc []byte) {
	if d.pushAnswer(protocol.Frame(protocol.Text, doc)) {
		d.flush()
	}
}
