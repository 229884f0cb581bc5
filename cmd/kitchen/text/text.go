// Package text prints for people and for programs: counted nouns, JSON lines, and text of other people made harmless for a terminal.
package text

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Count puts a number before a noun, which is made plural where need be.
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// Longest is the most characters that a terminal shows of one text of an order.
const Longest = 120

// Clean is harmless text from an order or from the network, cut to what a line has room for.
func Clean(text string) string {
	if runes := []rune(text); len(runes) > Longest {
		text = string(runes[:Longest-1]) + "…"
	}
	return Harmless(text)
}

// Harmless takes from a text what could move a terminal's cursor, set its title or type commands, or reverse the writing
// direction: control characters become U+FFFD; line breaks and tabs become spaces.
func Harmless(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r >= 0xE0000 && r <= 0xE007F: // the last are tags
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// Named is a thing by its name, and its id after it; by its id alone where it has no name.
func Named(name, id string) string {
	if name == "" {
		return Clean(id)
	}
	return fmt.Sprintf("%s (%s)", Clean(name), Clean(id))
}

// JSON writes a value as JSON that is indented.
func JSON(w io.Writer, document any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}

// ShellWord is s as one word of a shell's command line, quoted only where it is not plain.
func ShellWord(s string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-@+", r)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return ShellQuoted(s)
	}
	return s
}

// ShellQuoted is s as one word of a shell's command line.
func ShellQuoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
