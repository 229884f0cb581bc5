package terminal

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// Colours are of the terminal's own sixteen, so that they fit its theme. None is the only sign of anything: a word says it, too.
const (
	red, green, yellow, blue, grey = "9", "10", "11", "12", "8"
)

func painted(colour, text string) string {
	return lipgloss.NewStyle().Foreground(lipgloss.Color(colour)).Render(text)
}

// highlighted is for a line that must not be overlooked: bold, in reversed colours.
func highlighted(colour, text string) string {
	return lipgloss.NewStyle().Bold(true).Reverse(true).Foreground(lipgloss.Color(colour)).Render(text)
}

func faint(text string) string { return lipgloss.NewStyle().Faint(true).Render(text) }

// fit cuts or fills a text to exactly this width.
func fit(text string, width int) string {
	if width <= 0 {
		return ""
	}
	text = ansi.Truncate(text, width, "…")
	return text + strings.Repeat(" ", max(0, width-ansi.StringWidth(text)))
}

// cell is fit with a space at the end, before the next column.
func cell(text string, width int) string {
	if width <= 0 {
		return ""
	}
	return fit(text, width-1) + " "
}
