package main

import (
	"encoding/json"
	"strings"
	"time"

	"kitchen/db"
)

// ticket is an order as the socket tells it. Quantities are kept as they are written there, whole or with decimals.
type ticket struct {
	db.Order
	Items []line `json:"items"`
}

// line is one dish of a ticket.
type line struct {
	MenuItem  db.Ref      `json:"menu_item"`
	Quantity  json.Number `json:"quantity"`
	Notes     string      `json:"notes"`
	Modifiers []modifier  `json:"modifiers"`
}

// modifier is what is different about a dish. Its kind is empty where the writer does not say it.
type modifier struct {
	Option   db.Ref      `json:"modifier_option"`
	Quantity json.Number `json:"quantity"`
	Kind     string      `json:"kind"`
}

// describe puts a ticket into one line, with times in the restaurant's zone.
func (t *ticket) describe(zone *time.Location) string {
	var b strings.Builder
	b.WriteString(clean(strings.ReplaceAll(t.Type, "_", "-")))
	if t.Table != nil {
		b.WriteString(", table " + clean(t.Table.Label))
	}
	if t.CustomerName != "" {
		b.WriteString(", for " + clean(t.CustomerName))
	}
	if t.CreatedBy != nil {
		b.WriteString(", by " + clean(t.CreatedBy.Name))
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
	if dishes := t.dishes(); dishes != "" {
		b.WriteString(": " + dishes)
	}
	if t.Notes != "" {
		b.WriteString(" — “" + clean(t.Notes) + "”")
	}
	return b.String()
}

// where names the table, or the type of the order and its guest.
func (t *ticket) where() string {
	if t.Table != nil {
		return clean("table " + t.Table.Label)
	}
	return clean(strings.TrimSpace(strings.ReplaceAll(t.Type, "_", "-") + " " + t.CustomerName))
}

// allergies are the order's note and what the menu marks, with the dishes.
func (t *ticket) allergies() string {
	var all []string
	if t.AllergyNote != "" {
		all = append(all, clean(t.AllergyNote))
	}
	for _, l := range t.Items {
		for _, m := range l.Modifiers {
			if m.Kind == "allergy" {
				all = append(all, clean(m.Option.Name)+" in "+clean(l.MenuItem.Name))
			}
		}
	}
	return strings.Join(all, ", ")
}

func (t *ticket) dishes() string {
	all := make([]string, 0, len(t.Items))
	for _, l := range t.Items {
		all = append(all, l.describe())
	}
	return strings.Join(all, ", ")
}

func (l line) describe() string {
	text := clean(l.Quantity.String()) + "x " + clean(l.MenuItem.Name)
	modifiers := make([]string, 0, len(l.Modifiers))
	for _, m := range l.Modifiers {
		modifiers = append(modifiers, m.describe())
	}
	if len(modifiers) > 0 {
		text += " (" + strings.Join(modifiers, ", ") + ")"
	}
	if l.Notes != "" {
		text += " “" + clean(l.Notes) + "”"
	}
	return text
}

// describe says what a modifier does where the writer says it; a name alone says what it can.
func (m modifier) describe() string {
	name := clean(m.Option.Name)
	if m.Quantity != "" && m.Quantity != "1" {
		name = clean(m.Quantity.String()) + "x " + name
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
