package tenant

import (
	"cmp"
	"fmt"
	"strings"

	"kitchen/db/order"
)

// Removal says how a station is taken away.
const Removal = "a station is taken away in SQL, with its routes: delete from kitchen.stations where name = 'NAME' and restaurant_id = 'RESTAURANT-ID'"

// StationSQL are the statements that make a station and a route to it, for a database whose restaurants are another program's. What
// is not named stands there in capitals.
func StationSQL(restaurant order.RestaurantID, name string) string {
	quoted := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	return fmt.Sprintf(`insert into kitchen.stations (restaurant_id, name) values (%[1]s, %[2]s); `+
		`insert into kitchen.routes (restaurant_id, station_id, category) `+
		`select restaurant_id, id, 'CATEGORY' from kitchen.stations where restaurant_id = %[1]s and name = %[2]s`,
		quoted(cmp.Or(string(restaurant), "RESTAURANT-ID")), quoted(cmp.Or(name, "NAME")))
}

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
