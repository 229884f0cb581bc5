package tenant

import "fmt"

// Removal says how a station is taken away.
const Removal = "a station is taken away in SQL, with its routes: delete from kitchen.stations where name = 'NAME' and restaurant_id = 'RESTAURANT-ID'"

// Sentence says what a route of these lines to a station does.
func (m Match) Sentence(station string) string {
	lines := "lines"
	if m == (Match{}) {
		lines = "all lines that no other route matches"
	}
	if m.Item != "" {
		lines += fmt.Sprintf(" with the item %q", m.Item)
	}
	if m.Category != "" {
		lines += fmt.Sprintf(" of the category %q", m.Category)
	}
	if m.OrderType != "" {
		lines += fmt.Sprintf(" of orders of the type %q", m.OrderType)
	}
	where := "are not cooked"
	if station != Nowhere {
		where = fmt.Sprintf("are cooked at %q", station)
	}
	return lines + " " + where + " from now on, unless a more specific route decides"
}
