package ws

import (
	"time"

	"kitchen/db/order"
)

// joins bound how fast displays may come: to a restaurant, so that one whose displays come and go all the time cannot keep
// the others out, and to the node. As many as there is room for may come at once, because after a restart they do, and a
// second's worth besides. The server's mutex guards them.
type joins struct {
	node        allowance
	restaurants map[order.RestaurantID]*allowance // of those that are not full
}

// take counts a display whose credential is good, and answers why it may not join. The restaurant's own bound comes first,
// so that what it refuses is not taken from the node's, which is everybody's.
func (j *joins) take(restaurant order.RestaurantID, now time.Time, l *Limits) closing {
	r := j.restaurants[restaurant]
	if r == nil {
		r = &allowance{}
		j.restaurants[restaurant] = r
	}
	if !r.take(now, l.JoinsPerRestaurant, l.DisplaysPerRestaurant+int(l.JoinsPerRestaurant)) {
		return closeTooManyJoins()
	}
	if !j.node.take(now, l.Joins, l.Displays+int(l.Joins)) {
		return closeUnavailable()
	}
	return noClosing()
}

// forget drops what is as good as new.
func (j *joins) forget(now time.Time) {
	for restaurant, r := range j.restaurants {
		if r.full(now) {
			delete(j.restaurants, restaurant)
		}
	}
}
