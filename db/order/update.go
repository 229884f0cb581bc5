package order

import (
	"errors"
	"fmt"
)

// ErrNotFound says that a user or an order does not exist or belongs to another restaurant. These answer alike, so that
// nobody can find out which ids exist.
var ErrNotFound = errors.New("not found")

// ErrNotAllowed says that a kitchen may not make this move: see [Allowed].
var ErrNotAllowed = errors.New("this move is not allowed")

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
}

// StatusResult is how an order stands.
type StatusResult struct {
	Status  Status
	Version int64
}
