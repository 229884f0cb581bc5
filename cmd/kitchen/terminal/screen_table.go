package terminal

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"kitchen/cmd/kitchen/text"
	"kitchen/db/order"
)

// nodeTime is the present time by the node's clock, which is the restaurant's: this machine's may be wrong.
func (s *screen) nodeTime() time.Time { return s.now().Add(s.clockOffset) }

// urgency is 0 for an order that is ready or has time, 1 for a slow one, 2 for a late one.
func (s *screen) urgency(t *screenTicket) int {
	age := s.nodeTime().Sub(t.CreatedAt)
	switch {
	case t.Status == order.Ready || t.struck != "":
		return 0
	case t.PromisedAt != nil:
		left := t.PromisedAt.Sub(s.nodeTime())
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

// age prints how old an order is, in at most seven characters.
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

// columns are widths; 0 leaves a column out. The dishes get what the others leave.
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

// table is the queue with its heading, scrolled to the selected order, in at most room lines.
func (s *screen) table(room int) (lines []string) {
	c := s.columns()
	queue := s.queue()
	head := fit("  "+fit("#", c.number)+fit("age", c.age)+fit("status", c.status)+fit("where", c.where)+fit("what", c.what)+fit("by", c.by), s.width)
	lines = append(lines, faint(head))
	room = max(1, room-1)
	if s.queued && len(queue) == 0 {
		return append(lines, "  no open orders")
	}
	from, to := s.rows(len(queue), room+1)
	for _, t := range queue[from:to] {
		lines = append(lines, s.row(t, c))
	}
	if hidden := len(queue) - (to - from); hidden > 0 {
		lines[0] = faint(fit(head, s.width-12)) + painted(yellow, fit(fmt.Sprintf(" %d hidden", hidden), 12))
	}
	return lines
}

// rows is which of so many tickets the table shows, in at most room lines, its heading among them.
func (s *screen) rows(tickets, room int) (from, to int) {
	room = max(1, room-1)
	from = max(0, min(s.selectedIndex()-room/2, tickets-room))
	return from, min(tickets, from+room)
}

func (s *screen) row(t *screenTicket, c columns) string {
	cursor := "  "
	if t.ID == s.selected {
		cursor = "▸ "
	}
	urgency := s.urgency(t)
	aged := fit(strings.Repeat("!", urgency)+age(s.nodeTime().Sub(t.CreatedAt)), c.age)
	if colour := []string{"", yellow, red}[urgency]; colour != "" {
		aged = lipgloss.NewStyle().Foreground(lipgloss.Color(colour)).Bold(urgency == 2).Render(aged)
	}
	word := string(t.Status)
	if c.status < len("preparing") {
		word = map[order.Status]string{order.Pending: "new", order.Preparing: "cook"}[t.Status]
		word = cmp.Or(word, string(t.Status))
	}
	status := fit(text.Clean(word), c.status)
	if colour := map[order.Status]string{order.Preparing: blue, order.Ready: green}[t.Status]; colour != "" {
		status = painted(colour, status)
	}
	what := t.dishes(&s.view)
	if t.PromisedAt != nil {
		what = "DUE " + t.PromisedAt.In(s.restaurant.zone()).Format("15:04") + " " + what
	}
	if t.Priority > 0 {
		what = "RUSH " + what
	}
	if allergies := t.allergies(); allergies != "" {
		what = "ALLERGY " + allergies + "; " + what
	}
	if t.struck != "" {
		what = strings.ToUpper(t.struck) + " " + what
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
		return faint(ansi.Strip(line)) // the queue may be out of date
	case t.struck != "":
		return highlighted(red, ansi.Strip(line))
	case t.ID == s.selected:
		return lipgloss.NewStyle().Bold(true).Render(line)
	}
	return line
}

// details is everything about the selected order, in at most a third of the screen.
func (s *screen) details() (lines []string) {
	t := s.tickets[s.selected]
	room := (s.height - 4) / 3
	if t == nil || room < 2 {
		return nil
	}
	said := fmt.Sprintf("#%d %s", t.Number, t.describe(s.restaurant.zone(), &s.view))
	switch {
	case t.struck != "":
		said = fmt.Sprintf("#%d was %s: STOP COOKING, enter clears it; %s", t.Number, t.struck, strings.TrimPrefix(said, fmt.Sprintf("#%d ", t.Number)))
	case t.by != "":
		said += "; last changed by " + text.Clean(t.by)
	}
	ticks := s.ticks(t, room-2)
	lines = strings.Split(ansi.Wrap(said, s.width, ""), "\n")
	if most := room - 1 - len(ticks); len(lines) > most {
		lines = lines[:most]
		lines[most-1] = fit(lines[most-1], s.width-1) + "…"
	}
	return append(append([]string{faint(strings.Repeat("─", s.width))}, lines...), ticks...)
}

// ticks are the lines of a ticket that this screen works on, with their ticks: as many as fit, around the one that x ticks off.
func (s *screen) ticks(t *screenTicket, room int) (lines []string) {
	own := s.own(&t.Ticket)
	if room < 1 || len(own) == 0 || t.struck != "" {
		return nil
	}
	chosen := s.chosenLine(own)
	from := max(0, min(chosen-room/2, len(own)-room))
	for i := from; i < min(len(own), from+room); i++ {
		cursor := "  "
		if i == chosen {
			cursor = "▸ "
		}
		lines = append(lines, fit(cursor+s.view.lineState(own[i])+" "+own[i].describe(), s.width))
	}
	return lines
}
