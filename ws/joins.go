package ws

import (
	"time"

	"kitchen/db/order"
	"kitchen/ws/closing"
)

// joins limits how fast displays may join: each restaurant, so that one whose displays reconnect all the time cannot keep the
// others out, and the node. The burst is the highest number of displays and one second's rate, because after a restart
// all displays come at once. server.mu guards it.
type joins struct {
	node        allowance
	restaurants map[order.RestaurantID]*allowance // of those that are not full
}

// take counts a display with a valid credential, and returns why it may not join, if so. The limit of the restaurant comes first,
// so that refused displays do not use up the limit of the node.
func (j *joins) take(restaurant order.RestaurantID, now time.Time, l *Limits) closing.Reason {
	r := j.restaurants[restaurant]
	if r == nil {
		r = &allowance{}
		j.restaurants[restaurant] = r
	}
	if !r.take(now, l.JoinsPerRestaurant, l.DisplaysPerRestaurant+int(l.JoinsPerRestaurant)) {
		return closing.TooManyJoins()
	}
	if !j.node.take(now, l.Joins, l.Displays+int(l.Joins)) {
		return closing.Unavailable()
	}
	return closing.None()
}

// forget drops the restaurants whose full burst is allowed again.
func (j *joins) forget(now time.Time) {
	for restaurant, r := range j.restaurants {
		if r.full(now) {
			delete(j.restaurants, restaurant)
		}
	}
}
