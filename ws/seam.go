package ws

import (
	"context"
	"encoding/json"
	"errors"
)

// RestaurantID, OrderID and UserID are uuids in canonical form: 36 characters, lower case.
type (
	RestaurantID string
	OrderID      string
	UserID       string
)

// Feed is where a group's messages come from. It is as narrow as this because a message bus may one day stand between
// this package and the one that reads the database.
type Feed interface {
	// Join makes g the audience of a restaurant. It returns at once and never fails: what happens is told to g, in
	// order and by one goroutine at a time, through Snapshot, Replace, Event, Live and Unavailable, even before it returns.
	// It begins with Live: until then the group says that the feed is deaf. A restaurant has one seat a node at a time,
	// and the calls to a feed and a seat come one after the other.
	Join(restaurant RestaurantID, g *Group) Seat
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

// User is who a credential speaks for.
type User struct {
	ID         UserID
	Restaurant RestaurantID
	Name       string
	Role       string // owner, manager, cashier, kitchen or viewer
}

// ErrNotFound says that a user or an order does not exist, is not active, or belongs to somebody else: these answer alike.
var ErrNotFound = errors.New("not found")

// Store is what displays read and write besides their feed.
type Store interface {
	// Users looks active users up, all at once: one that is not among the answers does not exist, or is not active. An
	// error means that nothing is known about any of them.
	Users(ctx context.Context, ids []UserID) ([]User, error)
	// UpdateStatus moves an order of the restaurant on, or back, as the kitchen's rules allow. Errors: [ErrNotFound],
	// [ErrNotAllowed], a *[ConflictError], or anything else, which means that the database could not be asked.
	UpdateStatus(ctx context.Context, u StatusUpdate) (StatusResult, error)
	// Recent returns the orders, encoded as displays receive them, that left the queue within the recall window, newest
	// first, at most 50.
	Recent(ctx context.Context, restaurant RestaurantID) ([]json.RawMessage, error)
}

// StatusUpdate is what a display asks for.
type StatusUpdate struct {
	Restaurant RestaurantID
	Order      OrderID
	Status     string // pending, preparing, ready, completed or cancelled
	Version    *int64 // the version that the cook saw; nil where the display did not say
}

// StatusResult is how an order stands after an update.
type StatusResult struct {
	Status  string
	Version int64
}

// ErrNotAllowed says that a display may not make this move.
var ErrNotAllowed = errors.New("this move is not allowed")

// ConflictError says that the order is no longer what the cook saw, and what it is now.
type ConflictError struct {
	StatusResult
}

func (e *ConflictError) Error() string { return "the order has changed: it is " + e.Status }
