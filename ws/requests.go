package ws

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"kitchen/db/order"
	"kitchen/ws/closing"
)

// receive handles one message of a display. The next is read after it is answered, so answers come in order.
func (d *display) receive(frameType int, body []byte) {
	// A display's first message is its initial_queue, even if it asks for something before that.
	d.await(func() bool { return d.progress != joining || d.closing })
	if d.isClosing() {
		return
	}
	r, wrong := parseRequest(frameType, body, d.server.ids.Order)
	if d.tooMany(&d.messages) {
		wrong = &problem{code: rateLimited, message: "too many messages: wait a second, and send fewer"}
	}
	if wrong == nil {
		wrong = d.serve(r)
	}
	if wrong != nil {
		_ = d.answer(wrong.answer(r)) // whose parts are JSON already, or strings
	}
}

// tooMany counts a message or control frame, and closes a display that floods.
func (d *display) tooMany(a *allowance) bool {
	l := &d.server.limits
	if a.take(time.Now(), l.MessageRate, l.MessageBurst) {
		return false
	}
	if a.refusals >= l.Flood {
		d.close(closing.Flood())
	}
	return true
}

func (d *display) serve(r request) *problem {
	switch r.kind {
	case "update_status":
		return d.updateStatus(r)
	case "list_recent":
		return d.listRecent(r)
	default:
		return d.authenticate(r)
	}
}

func (d *display) updateStatus(r request) *problem {
	if !r.status.Known() {
		return &problem{code: invalidStatus, message: "status has to be pending, preparing, ready or completed"}
	}
	if _, may := d.credential(); !may {
		return &problem{code: forbidden, message: "this user may look, but not change orders"}
	}
	if r.status == order.Cancelled {
		return &problem{code: notAllowed, message: "a display cannot cancel an order: do it where orders are taken"}
	}

	ctx, cancel := context.WithTimeout(d.server.ctx, d.server.times.Store)
	defer cancel()
	result, err := d.server.store.UpdateStatus(ctx, order.StatusUpdate{
		Restaurant: d.group.restaurant, Order: r.order, Status: r.status, Version: r.version,
	})
	var changed *order.ConflictError
	switch {
	case err == nil:
	case errors.Is(err, order.ErrNotFound):
		return &problem{code: orderNotFound, message: "this restaurant has no such order"}
	case errors.Is(err, order.ErrNotAllowed):
		return &problem{code: notAllowed,
			message: "an order can go forward, one step back, or be recalled for a while after it was completed"}
	case errors.As(err, &changed):
		return &problem{code: conflict, message: "the order has changed: look at it, then try again",
			now: &changed.StatusResult}
	default:
		return d.unavailable("a status could not be updated", err)
	}
	if r.id != nil {
		_ = d.answer(ackMessage{"ack", r.id, r.order, result.Status, result.Version}) // as in receive
	}
	return nil
}

func (d *display) listRecent(r request) *problem {
	d.mu.Lock()
	unread := d.answerBytes > 0
	d.mu.Unlock()
	if unread { // lists are long, and the display has not read the last answer yet
		return &problem{code: rateLimited, message: "read the answers before this one first"}
	}
	ctx, cancel := context.WithTimeout(d.server.ctx, d.server.times.Store+recentRest)
	defer cancel()
	orders, err := d.group.recentOrders(ctx)
	if err != nil {
		return d.unavailable("recent orders could not be listed", err)
	}
	d.answerRecent(r, orders)
	return nil
}

// authenticate renews the credential of a display, or gives it that of another user of the restaurant. A token that is no
// good changes nothing: the display goes on with the credential that it has.
func (d *display) authenticate(r request) *problem {
	g, why := d.server.authorise(r.token, d.group.restaurant)
	if why == closing.None() {
		why = d.server.permit(d, g)
	}
	switch why {
	case closing.None():
	case closing.Unavailable():
		return &problem{code: unavailable, message: "the token could not be checked now: try again soon"}
	default:
		return &problem{code: badToken, message: why.Sentence() + "; the display goes on with the token from before"}
	}
	_ = d.answer(authenticatedMessage{"authenticated", r.id, g.expires}) // as in receive
	return nil
}

// unavailable logs an error whose details a display must not see.
func (d *display) unavailable(what string, err error) *problem {
	d.server.peerLog.write(slog.LevelWarn, what, "restaurant", d.group.restaurant, "display", d.id, "err", err)
	return &problem{code: unavailable, message: "this cannot be done now: try again soon"}
}
