package node

import (
	"kitchen/db/order"
	"kitchen/notifier"
	"kitchen/ws"
)

// feed has the displays of this process fed by its own notifier. A message bus would take its place.
type feed struct {
	notifier *notifier.Notifier
}

func (f feed) Subscribe(restaurant order.RestaurantID, to ws.Subscriber) ws.Subscription {
	return f.notifier.Subscribe(restaurant, to)
}
