package terminal

import (
	"encoding/json"
	"strings"
	"time"

	"kitchen/cmd/kitchen/text"
	"kitchen/db/order"
)

// Ticket is an order as a node sends it. Quantities keep their spelling, whole or with decimals.
type Ticket struct {
	order.Order
	Items []line `json:"items"`
}

// line is one dish of a ticket.
type line struct {
	ID        string            `json:"id"`
	Course    *int32            `json:"course"`
	Held      bool              `json:"held"`
	Stations  []order.LineState `json:"stations"`
	MenuItem  order.Ref         `json:"menu_item"`
	Quantity  json.Number       `json:"quantity"`
	Notes     string            `json:"notes"`
	Modifiers []modifier        `json:"modifiers"`
}

// modifier changes a dish. Its kind is empty where the writer gave none.
type modifier struct {
	Option   order.Ref   `json:"modifier_option"`
	Quantity json.Number `json:"quantity"`
	Kind     string      `json:"kind"`
}

// describe puts a ticket into one line, as a screen shows it, with times in the restaurant's zone.
func (t *Ticket) describe(zone *time.Location, v *view) string {
	var b strings.Builder
	b.WriteString(text.Clean(strings.ReplaceAll(t.Type, "_", "-")))
	if t.Table != nil {
		b.WriteString(", table " + text.Clean(t.Table.Label))
	}
	if t.CustomerName != "" {
		b.WriteString(", for " + text.Clean(t.CustomerName))
	}
	if t.CreatedBy != nil {
		b.WriteString(", by " + text.Clean(t.CreatedBy.Name))
	}
	if t.PromisedAt != nil {
		b.WriteString(", promised " + t.PromisedAt.In(zone).Format("15:04"))
	}
	if t.Priority > 0 {
		b.WriteString(", RUSH")
	}
	if allergies := t.allergies(); allergies != "" {
		b.WriteString(", ALLERGY " + allergies)
	}
	if dishes := t.dishes(v); dishes != "" {
		b.WriteString(": " + dishes)
	}
	if t.Notes != "" {
		b.WriteString(" — “" + text.Clean(t.Notes) + "”")
	}
	return b.String()
}

// where names the table, or the type of the order and its guest.
func (t *Ticket) where() string {
	if t.Table != nil {
		return text.Clean("table " + t.Table.Label)
	}
	return text.Clean(strings.TrimSpace(strings.ReplaceAll(t.Type, "_", "-") + " " + t.CustomerName))
}

// allergies lists the order's own note, and each modifier that the menu marks as an allergy with its dish.
func (t *Ticket) allergies() string {
	var all []string
	if t.AllergyNote != "" {
		all = append(all, text.Clean(t.AllergyNote))
	}
	for _, l := range t.Items {
		for _, m := range l.Modifiers {
			if m.Kind == "allergy" {
				all = append(all, text.Clean(m.Option.Name)+" in "+text.Clean(l.MenuItem.Name))
			}
		}
	}
	return strings.Join(all, ", ")
}

// dishes describes the screen's own lines, and summarises those of other stations.
func (t *Ticket) dishes(v *view) string {
	all := make([]string, 0, len(t.Items)+1)
	for i := range t.Items {
		if l := &t.Items[i]; v.own(l) {
			all = append(all, l.describe())
		}
	}
	if others := v.otherLines(t); others != "" {
		all = append(all, "("+others+")")
	}
	return strings.Join(all, ", ")
}

func (l line) describe() string {
	said := text.Clean(l.Quantity.String()) + "x " + text.Clean(l.MenuItem.Name)
	modifiers := make([]string, 0, len(l.Modifiers))
	for _, m := range l.Modifiers {
		modifiers = append(modifiers, m.describe())
	}
	if len(modifiers) > 0 {
		said += " (" + strings.Join(modifiers, ", ") + ")"
	}
	if l.Notes != "" {
		said += " “" + text.Clean(l.Notes) + "”"
	}
	if l.Held {
		said += " HELD"
	}
	return said
}

// describe puts the kind of a modifier before its name, where it has one.
func (m modifier) describe() string {
	name := text.Clean(m.Option.Name)
	if m.Quantity != "" && m.Quantity != "1" {
		name = text.Clean(m.Quantity.String()) + "x " + name
	}
	switch m.Kind {
	case "allergy":
		return "ALLERGY " + name
	case "remove":
		return "− " + name
	case "add":
		return "+ " + name
	case "note":
		return "“" + name + "”"
	}
	return name
}
