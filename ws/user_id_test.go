package ws

import (
	"strings"
	"testing"

	"kitchen/db/order"
)

// A uuid in capitals is the same user; a text in capitals, though it looks like one, is another.
func TestUserIDsAreReadAsTheDatabaseHasThem(t *testing.T) {
	t.Parallel()
	loud := order.UserID(strings.ToUpper(string(cook)))
	k := open(t)
	c := k.dial(bistro, k.token(loud))
	c.want("initial_queue")
	k.store.set(func(s *fakeStore) { delete(s.users, cook) })
	k.server.Recheck(cook)
	c.wantClose(4001)

	k = open(t, func(r *recipe) { r.IDs = func() order.Keys { return order.Keys{User: order.Text} } })
	k.dial(bistro, k.token(loud)).wantClose(4001)
	k.store.set(func(s *fakeStore) {
		s.users[loud] = order.User{ID: loud, Restaurant: bistro, Name: "Ada", Role: "kitchen", Active: true}
	})
	k.dial(bistro, k.token(loud)).want("initial_queue")
}
