package main

import (
	"kitchen/db/order"
	"kitchen/notifier"
	"kitchen/ws"
)

// feed lets displays join a restaurant of this process's notifier. It is what would be replaced if a message bus stood
// between the two.
type feed struct {
	notifier *notifier.Notifier
}

func (f feed) Join(restaurant order.RestaurantID, g *ws.Group) ws.Seat {
	return f.notifier.Join(restaurant, g)
}
