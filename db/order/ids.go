package order

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// RestaurantID is the id of a restaurant, which is the tenant, in its one spelling: see [KeyType.Parse].
type RestaurantID string

// OrderID is the id of an order, in its one spelling.
type OrderID string

// UserID is the id of a user, in its one spelling.
type UserID string

// Channel is the name of the channel on which the triggers announce changes of a restaurant's orders.
func (id RestaurantID) Channel() string { return "kitchen_" + string(id) }

// maxKey is the most characters of a key of any type.
const maxKey = 40

// Key reads the id of an order, a restaurant or a user in a notification, where it may be a key of any type, as text: up to 40
// letters, digits, hyphens and underscores, as they are spelled: [KeyType.Parse] knows which spellings are the same.
func Key(s string) (string, bool) {
	if s == "" || len(s) > maxKey {
		return "", false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return "", false
		}
	}
	return s, true
}

func parseUUID(s string) (string, error) {
	if !isUUID(s) {
		return "", fmt.Errorf("%.40q is not a uuid like 0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10", s)
	}
	return strings.ToLower(s), nil
}

func isUUID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }
