package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// count puts a number before a noun, which is made plural where need be.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// longest is the most characters that a terminal shows of one text of an order.
const longest = 120

// clean is harmless text from an order or from the network, cut to what a line has room for.
func clean(text string) string {
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest-1]) + "…"
	}
	return harmless(text)
}

// harmless takes from a text what could move a terminal's cursor, set its title or type commands, or reverse the writing
// direction: control characters become U+FFFD; line breaks and tabs become spaces.
func harmless(text string) string {
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

// printDocument writes a value as JSON that is indented.
func printDocument(w io.Writer, document any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}
