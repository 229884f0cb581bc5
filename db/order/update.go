package order

import (
	"errors"
	"fmt"
)

// ErrNotFound says that a user or an order does not exist, or belongs to another restaurant. It is the same error, so that nobody
// can find out which ids exist.
var ErrNotFound = errors.New("not found")

// ErrNotAllowed says that a kitchen may not make this move: see [Allowed].
var ErrNotAllowed = errors.New("this move is not allowed")

// ErrTooMany says that too many requests of one kind wait already.
var ErrTooMany = errors.New("too many ask at once")

// ConflictError says that the order is no longer what the cook saw, and what it is now.
type ConflictError struct {
	StatusResult
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("the order is %s by now, in version %d", e.Status, e.Version)
}

// StatusUpdate asks that an order be moved on, or back.
type StatusUpdate struct {
	Restaurant RestaurantID
	Order      OrderID
	Status     Status
	Version    *int64 // the version that the cook saw; nil to take whatever it is
	Force      bool   // ready, or completed, though lines are still to be cooked
}

// LinesUpdate asks that lines of an order be moved on, or back, at a station.
type LinesUpdate struct {
	Restaurant RestaurantID
	Order      OrderID
	Status     Status
	Station    *string  // nil for what has no station
	Lines      []string // nil for all of the station that are not held
	From       *Status  // what the cook saw; nil to take whatever it is
	Reason     string   // why lines that are pending then are to be made again; empty for none
}

// Waiting is a station that still cooks for an order.
type Waiting struct {
	Station *string `json:"station"` // nil for what has no station
	Name    string  `json:"name"`
	Lines   int     `json:"lines"`
}

// NotReadyError says that an order is not ready, and who still cooks for it.
type NotReadyError struct{ Waiting []Waiting }

func (e *NotReadyError) Error() string {
	return fmt.Sprintf("%d stations still cook for the order", len(e.Waiting))
}

// RefusedError says why something may not be done, in words for the person who asked for it.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return e.Reason }

// StatusResult is an order's status and version after an update, or as they are when the update fails.
type StatusResult struct {
	Status  Status
	Version int64
}
