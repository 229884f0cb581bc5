package ws

import (
	"strings"

	"github.com/google/uuid"
)

// canonical reads the 36 character form of a uuid in either case. Other spellings are refused, so that one restaurant
// has one name in every map, log line and comparison.
func canonical(s string) (string, bool) {
	if len(s) != 36 || uuid.Validate(s) != nil {
		return "", false
	}
	return strings.ToLower(s), true
}
