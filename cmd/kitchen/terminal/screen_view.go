package terminal

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"kitchen/cmd/kitchen/text"
)

// View draws the whole screen, on the alternate screen: the terminal is afterwards as it was before.
func (s *screen) View() tea.View {
	lines := []string{s.banner()}
	if s.recall {
		lines = append(lines, s.recallLines(s.height-3)...)
	} else {
		details := s.details()
		lines = append(lines, s.table(s.height-3-len(details))...)
		lines = append(lines, details...)
	}
	for len(lines) < s.height-2 {
		lines = append(lines, "")
	}
	lines = append(lines[:max(0, s.height-2)], s.notices(), s.keys())
	for i, l := range lines {
		lines[i] = ansi.Truncate(l, s.width, "")
	}
	v := tea.NewView(strings.Join(lines, "\n"))
	v.AltScreen = true
	v.WindowTitle = strings.TrimSpace(map[bool]string{true: "", false: "NOT LIVE "}[s.isLive()] + text.Clean(s.restaurant.Name))
	return v
}

func (s *screen) isLive() bool { return s.queued && s.live && s.lost == "" }

// banner says whether the queue below it is live, before anything else.
func (s *screen) banner() string {
	name := text.Clean(s.restaurant.Name)
	switch {
	case s.lost != "":
		wait := max(0, time.Until(s.again)).Round(time.Second)
		return highlighted(red, fit(fmt.Sprintf(" NOT LIVE  not connected: %s; again in %s", text.Clean(s.lost), wait), s.width))
	case !s.queued:
		return highlighted(yellow, fit(" connecting …", s.width))
	case !s.live:
		return highlighted(red, fit(" "+liveWord(false), s.width))
	}
	late := 0
	for _, t := range s.tickets {
		if t.struck == "" && s.urgency(t) == 2 && s.view.shows(&t.Ticket) {
			late++
		}
	}
	state := fmt.Sprintf(" LIVE  %s, %d late ", text.Count(s.open(), "open order"), late)
	if names := s.view.shownNames(); names != "" {
		name = names + " · " + name
	}
	if missing := s.view.unshownStations(); len(missing) > 0 {
		name = "no screen for " + strings.Join(missing, ", ") + " · " + name
	}
	clock := s.nodeTime().In(s.restaurant.zone()).Format("15:04 ")
	room := s.width - ansi.StringWidth(state) - ansi.StringWidth(clock)
	return highlighted(green, fit(state+fit(name, room)+clock, s.width))
}

// recallLines is the list of orders that left the queue.
func (s *screen) recallLines(room int) []string {
	lines := []string{faint(fit("  left the queue, newest first: enter brings back", s.width))}
	switch {
	case s.recent == nil:
		return append(lines, "  asking …")
	case len(s.recent) == 0:
		return append(lines, "  nothing that could come back")
	}
	room = max(1, room-1)
	from := max(0, min(s.chosen-room/2, len(s.recent)-room))
	for i := from; i < min(len(s.recent), from+room); i++ {
		o := &s.recent[i]
		cursor := "  "
		if i == s.chosen {
			cursor = "▸ "
		}
		lines = append(lines, fit(cursor+fmt.Sprintf("#%d %s, %s: %s", o.Number, text.Clean(string(o.Status)), o.where(), o.dishes(&view{})), s.width))
	}
	return lines
}

func (s *screen) notices() string {
	if s.notice == "" || !s.now().Before(s.until) {
		return ""
	}
	if s.bad {
		return highlighted(yellow, fit(" "+s.notice, s.width))
	}
	return painted(green, fit(" "+s.notice, s.width))
}

func (s *screen) keys() string {
	keys := "↑↓ select   enter next step   b step back   u undo   r recall   q quit"
	switch {
	case len(s.view.stations) > 0 && !s.recall:
		keys = "↑↓ select   enter next step   i line   x tick   f fire   b back   u undo   r recall   q quit"
		if s.width < 90 {
			keys = "enter next  i line  x tick  f fire  b back  u undo  r recall  q quit"
		}
	case s.recall:
		keys = "↑↓ select   enter bring back   r close   q quit"
	case s.width < 72:
		keys = "enter next  b back  u undo  r recall  q quit"
	}
	return faint(fit(keys, s.width))
}
