package ws

import (
	"context"
	"errors"
	"log/slog"

	"kitchen/db/order"
	"kitchen/ws/closing"
	"kitchen/ws/protocol"
)

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

func (d *display) updateStatus(r protocol.Request) *protocol.Problem {
	if !r.Status.Known() {
		return &protocol.Problem{Code: protocol.InvalidStatus, Message: "status has to be pending, preparing, ready or completed"}
	}
	if _, may := d.credential(); !may {
		return &protocol.Problem{Code: protocol.Forbidden, Message: "this user may look, but not change orders"}
	}
	if r.Status == order.Cancelled {
		return &protocol.Problem{Code: protocol.NotAllowed, Message: "a display cannot cancel an order: do it where orders are taken"}
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
		return &protocol.Problem{Code: protocol.OrderNotFound, Message: "this restaurant has no such order"}
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
