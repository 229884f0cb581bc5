package credential

import (
	"kitchen/db/order"
	"kitchen/ws/closing"
)

// RoleIn returns the role of a user in a restaurant, or the reason why this user may not connect to it. users are the store's
// entries of that one user, one for each restaurant.
func RoleIn(users []order.User, restaurant order.RestaurantID) (role string, why closing.Reason) {
	why = closing.UserGone()
	for _, u := range users {
		switch {
		case u.Restaurant == restaurant && !u.Active:
			return "", closing.UserGone()
		case u.Restaurant == restaurant:
			return u.Role, closing.None()
		case u.Active:
			why = closing.Forbidden() // of another restaurant
		}
	}
	return "", why
}

// MayOpenKitchen reports whether a role may see a kitchen's orders, and not only their numbers.
func MayOpenKitchen(role string) bool { return role != order.ScreenRole }

// MayUpdate reports whether a role may move orders. It lists the roles that may, so that a new role may not until it is added.
func MayUpdate(role string) bool {
	switch role {
	case "owner", "manager", "cashier", "kitchen":
		return true
	}
	return false
}

// MaySetUp reports whether a role may set stations up and pair screens.
func MaySetUp(role string) bool { return role == "owner" || role == "manager" }
