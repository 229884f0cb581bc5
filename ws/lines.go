package ws

import (
	"context"
	"errors"

	"kitchen/db/order"
	"kitchen/ws/protocol"
)

// moveLines serves update_lines and fire.
func (d *display) moveLines(r protocol.Request) *protocol.Problem {
	if problem := d.mayChange(r); problem != nil {
		return problem
	}
	ctx, cancel := context.WithTimeout(d.server.ctx, d.server.times.Store)
	defer cancel()
	var result order.StatusResult
	var err error
	if r.Kind == "fire" {
		result, err = d.server.store.Fire(ctx, d.group.restaurant, r.Order, r.Course)
	} else {
		result, err = d.server.store.UpdateLines(ctx, order.LinesUpdate{
			Restaurant: d.group.restaurant, Order: r.Order, Status: r.Status, Station: r.Station, Lines: r.Lines, From: r.From, Reason: r.Reason,
		})
	}
	var moved *order.ConflictError
	var refused *order.RefusedError
	switch {
	case err == nil:
	case errors.Is(err, order.ErrNotFound):
		return noSuchOrder()
	case errors.Is(err, order.ErrNotAllowed):
		return &protocol.Problem{Code: protocol.NotAllowed, Message: "this database lets no display do that: do it where orders are taken"}
	case errors.As(err, &refused):
		return &protocol.Problem{Code: protocol.NotAllowed, Message: refused.Reason}
	case errors.As(err, &moved):
		return &protocol.Problem{Code: protocol.Conflict, Message: "these lines have changed: look at them, then try again", Now: &moved.StatusResult}
	default:
		return d.unavailable("lines could not be updated", err)
	}
	if r.ID != nil {
		d.answer(protocol.Encode(protocol.Ack(r, result)))
	}
	return nil
}
