package order

import "time"

// How a display has seen an order.
type How string

// The ways in which an order is seen.
const (
	Painted How = "painted" // drawn, on a page that is visible
	Touched How = "touched" // by a hand, or a key
)

// Known reports whether it is one of them.
func (h How) Known() bool { return h == Painted || h == Touched }

// Sighting says which version of an order a display has painted, or that a cook has touched the order there.
type Sighting struct {
	Restaurant RestaurantID
	Order      OrderID
	Version    int64
	How        How
	At         time.Time // by the node's clock
	Display    uint64    // its number on the node
}
