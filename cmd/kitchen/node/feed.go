package node

import (
	"kitchen/db/order"
	"kitchen/notifier"
	"kitchen/ws"
)

// feed connects the displays of this process to its own notifier. A message bus between two machines would replace it.
type feed struct {
	notifier *notifier.Notifier
}

func (f feed) Subscribe(restaurant order.RestaurantID, to ws.Subscriber) ws.Subscription {
	return f.notifier.Subscribe(restaurant, to)
}

func (f feed) SubscribePickup(restaurant order.RestaurantID, to ws.Subscriber) ws.Subscription {
	return f.notifier.SubscribePickup(restaurant, to)
}
