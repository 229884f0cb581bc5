package notifier

import (
	"kitchen/db"
)

// events compares an order as it was told last with what has just been read, and returns what to tell: nothing or one
// message. was is nil for an order that is not in the told queue, is is nil for one that does not exist any more.
//
// back reports that the database went back, after a failover or a restore, or was changed behind the triggers' back: other
// content under the same version, or a lower one. That cannot be told as an event, because no display may see an order
// return to an older version; the whole queue has to be told anew.
func difference(was, is *db.Order) (message any, back bool) {
	switch {
	case was == nil && (is == nil || !is.Status.Open()):
		return nil, false // never told, and not to be told
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
		return &statusMessage{"order_status_changed", is.ID, is.Status, is.Version, ""}, false
	}
	// Also where content and status came back to what they were: displays must know the version.
	return &orderMessage{Type: "order_updated", Order: is}, false
}
