package ws

import (
	"kitchen/db/order"
	"kitchen/ws/closing"
	"kitchen/ws/credential"
)

// holder is whose credential a display has: a user's, or that of a device with a token of its own. The other id is empty.
type holder struct {
	user   order.UserID
	device order.DeviceID
}

// rights is what the store says of a holder.
type rights struct {
	users  []order.User  // of a user: an entry for each restaurant
	device *order.Device // of a device; nil where there is none
}

// role returns the role of a holder in a restaurant, or the reason why it may not open this socket.
func (s *Server) role(h holder, is rights, restaurant order.RestaurantID, pickup bool) (role string, why closing.Reason) {
	if h.device != "" {
		role, why = s.deviceRole(is.device, restaurant)
	} else {
		role, why = credential.RoleIn(is.users, restaurant)
	}
	if why == closing.None() && !pickup && !credential.MayOpenKitchen(role) {
		return "", closing.Screen()
	}
	return role, why
}

func (s *Server) deviceRole(d *order.Device, restaurant order.RestaurantID) (string, closing.Reason) {
	switch {
	case d == nil || d.Revoked || s.now().Sub(d.LastUsed()) > s.times.DeviceTokenIdle:
		return "", closing.BadDeviceToken()
	case d.Restaurant != restaurant:
		return "", closing.ForeignDevice()
	}
	return d.Role, closing.None()
}
