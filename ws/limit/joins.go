package limit

import (
	"time"

	"kitchen/db/order"
	"kitchen/ws/closing"
)

// Joins limits how fast displays may join: each restaurant, so that one whose displays reconnect all the time cannot keep the
// others out, and the node. It is for one goroutine at a time.
type Joins struct {
	ofRestaurant, ofNode Rate

	node        Allowance
	restaurants map[order.RestaurantID]*Allowance // of those that are not full
}

// NewJoins makes the limits of a node that nobody has joined yet.
func NewJoins(ofRestaurant, ofNode Rate) *Joins {
	return &Joins{ofRestaurant: ofRestaurant, ofNode: ofNode, restaurants: make(map[order.RestaurantID]*Allowance)}
}

// Take counts a display with a valid credential, and returns why it may not join, if so. The limit of the restaurant comes first,
// so that refused displays do not use up the limit of the node.
func (j *Joins) Take(restaurant order.RestaurantID, now time.Time) closing.Reason {
	r := j.restaurants[restaurant]
	if r == nil {
		r = &Allowance{}
		j.restaurants[restaurant] = r
	}
	if !r.Take(now, j.ofRestaurant) {
		return closing.TooManyJoins()
	}
	if !j.node.Take(now, j.ofNode) {
		return closing.Unavailable()
	}
	return closing.None()
}

// Forget drops the restaurants whose full burst is allowed again.
func (j *Joins) Forget(now time.Time) {
	for restaurant, r := range j.restaurants {
		if r.full(now) {
			delete(j.restaurants, restaurant)
		}
	}
}
