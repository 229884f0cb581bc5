package rush

import (
	"testing"

	"kitchen/db/dbtest"
)

// The demo restaurant has a grill, a bar and a pass; its cooks tick lines off at their stations, the pass fires what is held, and one
// dish has no station.
func TestCooksWorkAtTheirStations(t *testing.T) {
	url := dbtest.New(t)
	pool := dbtest.Pool(t, url)
	r := open(t, url, "")
	if got := r.Restaurant().Stations; len(got) != 3 || got[0] != Grill || got[1] != Bar || got[2] != Pass {
		t.Fatalf("stations %v", got)
	}
	evening(t, r, 900)
	for what, sql := range map[string]string{
		"lines at the grill":        `select count(*) from kitchen.line_changes c join kitchen.stations s on s.id = c.station_id where s.name = 'Grill' and c.status = 'ready'`,
		"lines at the bar":          `select count(*) from kitchen.line_changes c join kitchen.stations s on s.id = c.station_id where s.name = 'Bar' and c.status = 'ready'`,
		"begun at the grill":        `select count(*) from kitchen.line_changes c join kitchen.stations s on s.id = c.station_id where s.name = 'Grill' and c.status = 'preparing'`,
		"lines without a station":   `select count(*) from kitchen.line_changes c where c.station_id is null and c.line_id is not null and not c.everywhere`,
		"later courses that wait":   `select count(*) from order_items where course > 1 and held`,
		"later courses, fired":      `select count(*) from order_items i where i.course = 2 and not i.held and exists (select from order_items x where x.order_id = i.order_id and x.course = 1)`,
		"orders that became ready":  `select count(*) from orders where ready_at is not null and status = 'completed'`,
		"one item without a route":  `select count(*) from menu_items m where not exists (select from kitchen.routes r where r.category = m.category)`,
		"orders that are cancelled": `select count(*) from orders where status = 'cancelled'`,
	} {
		if n := one[int](t, pool, sql); n == 0 {
			t.Errorf("%s: none", what)
		}
	}
	if n := one[int](t, pool, `select count(*) from menu_items m where not exists (select from kitchen.routes r where r.category = m.category)`); n != 1 {
		t.Errorf("%d items without a route", n)
	}
	// What is there already stays.
	if _, err := pool.Exec(t.Context(), `delete from kitchen.routes; delete from kitchen.stations where name <> 'Bar'`); err != nil {
		t.Fatal(err)
	}
	if got := open(t, url, "").Restaurant().Stations; len(got) != 1 {
		t.Errorf("stations %v", got)
	}
}
