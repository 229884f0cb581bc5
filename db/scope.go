package db

import (
	"errors"

	"kitchen/db/order"
)

// ErrForeign says that a statement returned what it was not asked about: a row of another restaurant, or one that does not
// belong to the order that it came with. Nothing of that read is used. Only a wrong statement in this package can do it.
var ErrForeign = errors.New("the database returned a row of another restaurant, and nothing of this read is shown: " +
	"this is a fault of the program, please report it")

// scope is the set of restaurants that a statement asks about. Every statement names them, and each row that comes back is checked
// all the same, so that the result of a wrong statement reaches no screen. Row-level security would check it in the server, but needs a
// setting before each read, and a policy in each plan.
type scope map[order.RestaurantID]struct{}

func scopeOf(ids ...order.RestaurantID) scope {
	s := make(scope, len(ids))
	for _, id := range ids {
		s[id] = struct{}{}
	}
	return s
}

func (s scope) has(id order.RestaurantID) bool {
	_, ok := s[id]
	return ok
}
