package notifier

import "kitchen/db/order"

// difference compares an order as it was sent last with what has just been read, and returns the message to send, or nil.
// was is nil for an order that is not in the sent queue, is is nil for one that does not exist any more.
//
// resend reports that the database went back, after a failover or a restore, or was changed behind the triggers' back: it has
// other content under the same version, or a lower version. No event can say that, because no display may see an order
// return to an older version. The whole queue has to be sent again.
func difference(was, is *order.Order) (message any, resend bool) {
	switch {
	case was == nil && (is == nil || !is.Status.Open()):
		return nil, false // never sent, and not to be sent
	case was == nil && is.Recalled:
		return &orderMessage{Type: "order_updated", Order: is}, false // it had left the queue and comes back: not new to the kitchen
	case was == nil:
		return &orderMessage{Type: "order_created", Order: is}, false
	case is == nil:
		return &deletedMessage{Type: "order_deleted", OrderID: was.ID}, false
	}

	same := was.SameContent(is)
	switch {
	case is.Version < was.Version, is.Version == was.Version && (!same || is.Status != was.Status):
		return nil, true
	case is.Version == was.Version:
		return nil, false
	case same && is.Status != was.Status:
		return &statusMessage{"order_status_changed", is.ID, is.Status, is.Version, is.UpdatedAt, ""}, false
	}
	// Also where content and status came back to what they were: displays must know the version.
	return &orderMessage{Type: "order_updated", Order: is}, false
}
