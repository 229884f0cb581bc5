// Package sqltext helps the generator and the guess of a mapping to write SQL: it quotes names and texts, classifies types, and
// takes conditions apart.
package sqltext

import (
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Quote is a name in quotes.
func Quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// Literal is a text in quotes.
func Literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// OrNull is a text, or the word null.
func OrNull(s *string) string {
	if s == nil {
		return "null"
	}
	return *s
}

var plain = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// IsPlain reports whether a name means the same without quotes, unless it is a reserved word.
func IsPlain(name string) bool { return plain.MatchString(name) }

// Kind is a class of types that a column of the views may have.
type Kind string

const (
	Key    Kind = "a key (uuid, integer, bigint or text)"
	Word   Kind = "text"
	Time   Kind = "timestamp with time zone"
	YesNo  Kind = "boolean"
	Int    Kind = "integer"
	Number Kind = "a number"
)

// Fits reports whether a type, given without its length, is of a kind.
func (k Kind) Fits(typ string) bool {
	integer := slices.Contains([]string{"smallint", "integer", "bigint"}, typ)
	words := typ == "text" || typ == "character varying"
	switch k {
	case Key:
		return integer || words || typ == "uuid"
	case Word:
		return words
	case Time:
		return typ == "timestamp with time zone"
	case YesNo:
		return typ == "boolean"
	case Int:
		return integer
	default:
		return integer || slices.Contains([]string{"numeric", "real", "double precision"}, typ)
	}
}

// Widest is the type that holds the values of both, and whether there is one.
func Widest(a, b string) (string, bool) {
	if b == "character varying" {
		b = "text"
	}
	if a == "" || a == b {
		return b, true
	}
	widths := []string{"smallint", "integer", "bigint"}
	i, j := slices.Index(widths, a), slices.Index(widths, b)
	if i < 0 || j < 0 {
		return a, false
	}
	return widths[max(i, j)], true
}
