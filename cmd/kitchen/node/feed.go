package node

import (
	"context"

	"kitchen/db"
	"kitchen/db/order"
	"kitchen/notifier"
	"kitchen/ws"
)

// store is what displays read and write, in the name of this node.
type store struct {
	*db.DB
	node string
}

func (s store) NoteSightings(ctx context.Context, seen []order.Sighting) error {
	_, err := s.DB.NoteSightings(ctx, s.node, seen)
	return err
}

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
