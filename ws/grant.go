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
	holder    holder
	mayUpdate bool
	expires   time.Time // zero for a device token, which does not expire
	key       *credential.Key
	asOf      uint64 // Server.changes before the holder was looked up
}

// authorise returns what a user's token or a device token permits in a restaurant. It compares the restaurant with those of the holder
// and never looks it up, so that neither the answer nor its timing shows whether the restaurant exists.
func (s *Server) authorise(text string, restaurant order.RestaurantID, pickup bool) (grant, closing.Reason) {
	g, token, why := s.verify(text)
	if why != closing.None() {
		return grant{}, why
	}
	g.asOf = s.changes.Load()
	is, err := s.lookUp(g.holder)
	if err != nil {
		s.peerLog.Write(slog.LevelWarn, "a user could not be looked up", "restaurant", restaurant, "err", err)
		return grant{}, closing.Unavailable()
	}
	if is.device != nil && !token.Proves(is.device.Token) {
		is.device = nil
	}
	role, why := s.role(g.holder, is, restaurant, pickup)
	if why != closing.None() {
		return grant{}, why
	}
	g.mayUpdate = credential.MayUpdate(role)
	return g, closing.None()
}

// verify finds the holder of a credential. A user's token is verified here; a device token is verified later, when its device is read.
func (s *Server) verify(text string) (g grant, token credential.DeviceToken, why closing.Reason) {
	if credential.IsDeviceToken(text) {
		token, ok := credential.ParseDeviceToken(text)
		if !ok {
			return g, token, closing.BadDeviceToken()
		}
		return grant{holder: holder{device: token.Device}}, token, closing.None()
	}
	ctx, cancel := context.WithTimeout(s.ctx, s.times.Store)
	defer cancel()
	v, why := s.keys.Verify(ctx, text)
	if why != closing.None() {
		return g, token, why
	}
	user := order.UserID(s.ids().User.Spelling(string(v.User)))
	return grant{holder: holder{user: user}, expires: v.Expires, key: v.Key}, token, closing.None()
}
