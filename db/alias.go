package db

import "kitchen/db/order"

// The types of package order by the names that they have in this package's own functions.
type (
	RestaurantID  = order.RestaurantID
	OrderID       = order.OrderID
	UserID        = order.UserID
	Status        = order.Status
	Restaurant    = order.Restaurant
	Order         = order.Order
	Table         = order.Table
	CreatedBy     = order.CreatedBy
	Item          = order.Item
	Modifier      = order.Modifier
	Ref           = order.Ref
	User          = order.User
	StatusUpdate  = order.StatusUpdate
	StatusResult  = order.StatusResult
	ConflictError = order.ConflictError
)

// The statuses of an order: see package order.
const (
	Pending   = order.Pending
	Preparing = order.Preparing
	Ready     = order.Ready
	Completed = order.Completed
	Cancelled = order.Cancelled
)

// ErrNotFound and ErrNotAllowed are those of package order.
var (
	ErrNotFound   = order.ErrNotFound
	ErrNotAllowed = order.ErrNotAllowed
)

// texts is ids as strings, which the driver knows how to send in every mode that an address may ask for.
func texts[T ~string](ids []T) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return all
}
