package terminal

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"kitchen/cmd/kitchen/text"
	"kitchen/db"
)

// Colours are the terminal's own sixteen, so that they fit its theme. Whatever one says is said in a word or a sign, too.
const (
	red, green, yellow, blue, grey = "9", "10", "11", "12", "8"
)

func painted(colour, text string) string {
	return lipgloss.NewStyle().Foreground(lipgloss.Color(colour)).Render(text)
}

// loud is a whole line that nobody overlooks.
func loud(colour, text string) string {
	return lipgloss.NewStyle().Bold(true).Reverse(true).Foreground(lipgloss.Color(colour)).Render(text)
}

func faint(text string) string { return lipgloss.NewStyle().Faint(true).Render(text) }

// fit makes a text exactly as wide as there is room.
func fit(text string, width int) string {
	if width <= 0 {
		return ""
	}
	text = ansi.Truncate(text, width, "…")
	return text + strings.Repeat(" ", max(0, width-ansi.StringWidth(text)))
}

// cell is fit, with room to what stands beside it.
func cell(text string, width int) string {
	if width <= 0 {
		return ""
	}
	return fit(text, width-1) + " "
}

// View draws everything. It takes the whole screen, so that the terminal is as it was when it ends.
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

// banner says first of all whether what stands below is true.
func (s *screen) banner() string {
	name := text.Clean(s.restaurant.Name)
	switch {
	case s.lost != "":
		wait := max(0, time.Until(s.again)).Round(time.Second)
		return loud(red, fit(fmt.Sprintf(" NOT LIVE  not connected: %s; again in %s", text.Clean(s.lost), wait), s.width))
	case !s.queued:
		return loud(yellow, fit(" connecting …", s.width))
	case !s.live:
		return loud(red, fit(" "+liveWord(false), s.width))
	}
	late := 0
	for _, t := range s.tickets {
		if t.left == "" && s.urgency(t) == 2 {
			late++
		}
	}
	state := fmt.Sprintf(" LIVE  %s, %d late ", text.Count(s.open(), "open order"), late)
	clock := s.theirs().In(s.restaurant.zone()).Format("15:04 ")
	room := s.width - ansi.StringWidth(state) - ansi.StringWidth(clock)
	return loud(green, fit(state+fit(name, room)+clock, s.width))
}

// theirs is the time as the node has it.
func (s *screen) theirs() time.Time { return s.now().Add(s.ahead) }

// urgency is 0 for what is well in time or ready, 1 for what is slow, 2 for what is late.
func (s *screen) urgency(t *slip) int {
	age := s.theirs().Sub(t.CreatedAt)
	switch {
	case t.Status == db.Ready || t.left != "":
		return 0
	case t.PromisedAt != nil:
		left := t.PromisedAt.Sub(s.theirs())
		if left <= 0 {
			return 2
		}
		if left <= time.Duration(s.restaurant.WarnAfter)*time.Second {
			return 1
		}
		return 0
	case age >= time.Duration(s.restaurant.LateAfter)*time.Second:
		return 2
	case age >= time.Duration(s.restaurant.WarnAfter)*time.Second:
		return 1
	}
	return 0
}

// age is how long ago something was, in seven characters at most.
func age(d time.Duration) string {
	d = max(0, d).Truncate(time.Second)
	h, m, sec := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h >= 100:
		return fmt.Sprintf("%d d", h/24)
	case h > 0:
		return fmt.Sprintf("%dh%02d", h, m)
	}
	return fmt.Sprintf("%d:%02d", m, sec)
}

// columns are as wide as the terminal allows: what is to be cooked gets the rest, and what has no room is left out.
type columns struct{ number, age, status, where, what, by int }

func (s *screen) columns() columns {
	c := columns{number: 6, age: 11, status: 10, where: 14, by: 16}
	if s.width < 100 {
		c.by = 0
	}
	if s.width < 70 {
		c.where = 0
	}
	if s.width < 50 {
		c.number, c.age, c.status = 5, 9, 5
	}
	c.what = max(0, s.width-2-c.number-c.age-c.status-c.where-c.by)
	return c
}

// table is the queue, scrolled to the selected order, with its head, in at most so many lines.
func (s *screen) table(room int) (lines []string) {
	c := s.columns()
	queue := s.queue()
	head := fit("  "+fit("#", c.number)+fit("age", c.age)+fit("status", c.status)+fit("where", c.where)+fit("what", c.what)+fit("by", c.by), s.width)
	lines = append(lines, faint(head))
	room = max(1, room-1)
	if s.queued && len(queue) == 0 {
		return append(lines, "  no open orders")
	}
	from := max(0, min(s.place()-room/2, len(queue)-room))
	to := min(len(queue), from+room)
	for _, t := range queue[from:to] {
		lines = append(lines, s.row(t, c))
	}
	if hidden := len(queue) - (to - from); hidden > 0 {
		lines[0] = faint(fit(head, s.width-12)) + painted(yellow, fit(fmt.Sprintf(" %d hidden", hidden), 12))
	}
	return lines
}

func (s *screen) row(t *slip, c columns) string {
	cursor := "  "
	if t.ID == s.selected {
		cursor = "▸ "
	}
	urgency := s.urgency(t)
	aged := fit(strings.Repeat("!", urgency)+age(s.theirs().Sub(t.CreatedAt)), c.age)
	if colour := []string{"", yellow, red}[urgency]; colour != "" {
		aged = lipgloss.NewStyle().Foreground(lipgloss.Color(colour)).Bold(urgency == 2).Render(aged)
	}
	word := string(t.Status)
	if c.status < len("preparing") {
		word = map[db.Status]string{db.Pending: "new", db.Preparing: "cook"}[t.Status]
		word = cmp.Or(word, string(t.Status))
	}
	status := fit(text.Clean(word), c.status)
	if colour := map[db.Status]string{db.Preparing: blue, db.Ready: green}[t.Status]; colour != "" {
		status = painted(colour, status)
	}
	what := t.dishes()
	if t.PromisedAt != nil {
		what = "DUE " + t.PromisedAt.In(s.restaurant.zone()).Format("15:04") + " " + what
	}
	if t.Priority > 0 {
		what = "RUSH " + what
	}
	if allergies := t.allergies(); allergies != "" {
		what = "ALLERGY " + allergies + "; " + what
	}
	if t.left != "" {
		what = strings.ToUpper(t.left) + " " + what
	}
	if t.mark != "" && s.now().Before(t.until) {
		what = t.mark + " " + what
	}
	if c.where == 0 {
		what = strings.TrimSpace(t.where() + " " + what)
	}
	line := cursor + fit(fmt.Sprintf("#%d", t.Number), c.number) + aged + status +
		cell(t.where(), c.where) + cell(what, c.what) + fit(text.Clean(t.by), c.by)
	switch {
	case !s.isLive():
		return faint(ansi.Strip(line)) // it may be old
	case t.left != "":
		return loud(red, ansi.Strip(line))
	case t.ID == s.selected:
		return lipgloss.NewStyle().Bold(true).Render(line)
	}
	return line
}

// details are all that is known of the selected order, in a third of the screen at most.
func (s *screen) details() (lines []string) {
	t := s.tickets[s.selected]
	room := (s.height - 4) / 3
	if t == nil || room < 2 {
		return nil
	}
	said := fmt.Sprintf("#%d %s", t.Number, t.describe(s.restaurant.zone()))
	switch {
	case t.left != "":
		said = fmt.Sprintf("#%d was %s: STOP COOKING, enter clears it; %s", t.Number, t.left, strings.TrimPrefix(said, fmt.Sprintf("#%d ", t.Number)))
	case t.by != "":
		said += "; last changed by " + text.Clean(t.by)
	}
	lines = strings.Split(ansi.Wrap(said, s.width, ""), "\n")
	if len(lines) > room-1 {
		lines = lines[:room-1]
		lines[room-2] = fit(lines[room-2], s.width-1) + "…"
	}
	return append([]string{faint(strings.Repeat("─", s.width))}, lines...)
}

// recallLines is the list of what left.
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
		lines = append(lines, fit(cursor+fmt.Sprintf("#%d %s, %s: %s", o.Number, text.Clean(string(o.Status)), o.where(), o.dishes()), s.width))
	}
	return lines
}

func (s *screen) notices() string {
	if s.notice == "" || !s.now().Before(s.until) {
		return ""
	}
	if s.bad {
		return loud(yellow, fit(" "+s.notice, s.width))
	}
	return painted(green, fit(" "+s.notice, s.width))
}

func (s *screen) keys() string {
	keys := "↑↓ select   enter next step   b step back   u undo   r recall   q quit"
	switch {
	case s.recall:
		keys = "↑↓ select   enter bring back   r close   q quit"
	case s.width < 72:
		keys = "enter next  b back  u undo  r recall  q quit"
	}
	return faint(fit(keys, s.width))
}
