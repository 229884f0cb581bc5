package ws

import (
	"context"

	"kitchen/db/order"
)

// Feed is where a group's messages come from. It is as narrow as this because a message bus may one day stand between
// this package and the one that reads the database.
type Feed interface {
	// Join makes g the audience of a restaurant. It returns at once and never fails: what happens is told to g, in
	// order and by one goroutine at a time, through Snapshot, Replace, Event, Live and Unavailable, even before it returns.
	// It begins with Live: until then the group says that the feed is deaf. A restaurant has one seat a node at a time,
	// and the calls to a feed and a seat come one after the other.
	Join(restaurant order.RestaurantID, g *Group) Seat
}

// Seat is a group's place in a [Feed].
type Seat interface {
	// Refresh asks for a snapshot for the displays of the group that wait for one. Requests made before it is answered
	// are answered together. It never blocks. While a display waits, its group asks again with every heartbeat.
	Refresh()
	// Leave ends the subscription. Nothing more is told to the group after it returned. It never blocks for long, and
	// is never called from within a call of the feed to the group. The group may join again later.
	Leave()
}

// Store is what displays read and write besides their feed.
type Store interface {
	// Users looks users up, all at once, each once for every restaurant that it belongs to: one that is not among the answers
	// does not exist, and one that is not active says so. An error means that nothing is known about any of them.
	Users(ctx context.Context, ids []order.UserID) ([]order.User, error)
	// UpdateStatus moves an order of the restaurant on, or back, as the kitchen's rules allow. Errors: [order.ErrNotFound],
	// [order.ErrNotAllowed], a *[order.ConflictError], or anything else, which means that the database could not be asked.
	UpdateStatus(ctx context.Context, u order.StatusUpdate) (order.StatusResult, error)
	// Recent returns the orders that left the queue within the recall window, newest first, at most 50.
	Recent(ctx context.Context, restaurant order.RestaurantID) ([]order.Order, error)
}
