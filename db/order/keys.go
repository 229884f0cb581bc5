package order

import (
	"fmt"
	"math"
	"strconv"
)

// KeyType is the type of a database's keys, as PostgreSQL names it: uuid, smallint, integer, bigint or text. The zero value
// is uuid, which the project's own tables have.
type KeyType string

// The types that a key may have.
const (
	UUID     KeyType = "uuid"
	SmallInt KeyType = "smallint"
	Integer  KeyType = "integer"
	BigInt   KeyType = "bigint"
	Text     KeyType = "text"
)

// Keys are the types of a database's keys.
type Keys struct{ Restaurant, Order, Line, User KeyType }

// Parse reads an id in its one spelling: a uuid of 36 characters in either case, which becomes lower case; a whole number as
// PostgreSQL prints it, so neither 007 nor +7; a text of at most 40 letters, digits, underscores and hyphens. Other spellings
// that PostgreSQL would take are refused, so that one restaurant has one name everywhere.
func (k KeyType) Parse(s string) (string, error) {
	switch k {
	case SmallInt:
		return parseInt(s, math.MinInt16, math.MaxInt16)
	case Integer:
		return parseInt(s, math.MinInt32, math.MaxInt32)
	case BigInt:
		return parseInt(s, math.MinInt64, math.MaxInt64)
	case Text:
		key, ok := Key(s)
		if !ok {
			return "", fmt.Errorf("%.40q is no id: it must be 1 to %d letters, digits, _ and -", s, maxKey)
		}
		return key, nil
	}
	return parseUUID(s)
}

// Spelling is the one spelling of an id that somebody else wrote, as [KeyType.Parse] has it. What can be no id of this type stays
// as it is, and is not found.
func (k KeyType) Spelling(s string) string {
	if one, err := k.Parse(s); err == nil {
		return one
	}
	return s
}

func parseInt(s string, least, most int64) (string, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < least || n > most || strconv.FormatInt(n, 10) != s {
		return "", fmt.Errorf("%.40q is no id: it must be a whole number like 42", s)
	}
	return s, nil
}
