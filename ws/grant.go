package ws

import (
	"context"
	"log/slog"
	"time"

	"kitchen/db/order"
	"kitchen/ws/closing"
	"kitchen/ws/credential"
)

// grant is what a credential lets a display do, and until when.
type grant struct {
	user      order.UserID
	mayUpdate bool
	expires   time.Time
	key       *credential.Key
	asOf      uint64 // Server.changes before the user was looked up
}

// authorise returns what a token permits in a restaurant. It compares the restaurant with those of the user and never looks it
// up, so that neither the answer nor its timing shows whether the restaurant exists.
func (s *Server) authorise(token string, restaurant order.RestaurantID) (grant, closing.Reason) {
	ctx, cancel := context.WithTimeout(s.ctx, s.times.Store)
	defer cancel()
	v, why := s.keys.Verify(ctx, token)
	if why != closing.None() {
		return grant{}, why
	}
	user := order.UserID(s.ids.User.Spelling(string(v.User)))
	asOf := s.changes.Load()
	users, err := s.lookUp(user)
	if err != nil {
		s.peerLog.Write(slog.LevelWarn, "a user could not be looked up", "restaurant", restaurant, "err", err)
		return grant{}, closing.Unavailable()
	}
	role, why := credential.RoleIn(users, restaurant)
	if why != closing.None() {
		return grant{}, why
	}
	return grant{user: user, mayUpdate: credential.MayUpdate(role), expires: v.Expires, key: v.Key, asOf: asOf}, closing.None()
}
