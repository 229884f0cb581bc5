package ws

import (
	"context"

	"kitchen/db/order"
)

// Store is what displays read and write besides their feed.
type Store interface {
	// Users looks users up, all at once, each once for every restaurant that it belongs to: one that is not among the answers
	// does not exist, and one that is not active says so. An error means that nothing is known about any of them.
	Users(ctx context.Context, ids []order.UserID) ([]order.User, error)
	// Devices looks devices up, all at once, those included that were revoked: one that is not among the answers does not exist.
	Devices(ctx context.Context, ids []order.DeviceID) ([]order.Device, error)
	// SeenDevices writes down that devices are in use.
	SeenDevices(ctx context.Context, ids []order.DeviceID) error
	// UpdateStatus moves an order of the restaurant on, or back, as the kitchen's rules allow. Errors: [order.ErrNotFound],
	// [order.ErrNotAllowed], a *[order.ConflictError], a *[order.NotReadyError], a *[order.RefusedError], or anything else, which means that the database could not be asked.
	UpdateStatus(ctx context.Context, u order.StatusUpdate) (order.StatusResult, error)
	// UpdateLines moves lines of an order on, or back, at a station. Errors: [order.ErrNotFound], [order.ErrNotAllowed], a
	// *[order.RefusedError], a *[order.ConflictError], or anything else, as above.
	UpdateLines(ctx context.Context, u order.LinesUpdate) (order.StatusResult, error)
	// Fire has the held lines of a course cooked. Its errors are those of UpdateLines.
	Fire(ctx context.Context, restaurant order.RestaurantID, id order.OrderID, course int32) (order.StatusResult, error)
	// NoteSightings keeps what displays have seen, as far as it is of orders of the restaurants that it names.
	NoteSightings(ctx context.Context, seen []order.Sighting) error
	// Recent returns the orders that left the queue within the recall window, newest first, at most 50.
	Recent(ctx context.Context, restaurant order.RestaurantID) ([]order.Order, error)
}
