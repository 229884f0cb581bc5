package db

import "errors"

// ErrForeign says that a statement returned what it was not asked about: a row of another restaurant, or one that does not
// belong to the order that it came with. Nothing of that read is used. Only a wrong statement in this package can do it.
var ErrForeign = errors.New("the database returned a row of another restaurant, and nothing of this read is shown: " +
	"this is a fault of the program, please report it")

// scope is the restaurants that a statement asks about. Every statement names them; that what comes back is theirs is
// checked all the same, row by row, so that a wrong statement reaches nobody's screen. Row-level security would do it in
// the server, for a setting to be made before each read, and a policy to be planned with it.
type scope map[RestaurantID]struct{}

func scopeOf(ids ...RestaurantID) scope {
	s := make(scope, len(ids))
	for _, id := range ids {
		s[id] = struct{}{}
	}
	return s
}

func (s scope) has(id RestaurantID) bool {
	_, ok := s[id]
	return ok
}
