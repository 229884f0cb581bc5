package tenant

import (
	"context"
	"fmt"

	"kitchen/db/order"
)

// Tested is the result of [Tenants.TestRoute]: the stations that would cook a line, and the routes that match it, the most specific first.
// The most specific ones decide.
type Tested struct {
	Stations []string // empty where nothing is cooked
	Unrouted bool     // no route matches: it has no station, and every screen shows it
	Deciding []string
	Others   []string
}

// TestRoute finds out which stations would cook a line, and why. Where no category is named, that of the item in the menu counts.
func (t *Tenants) TestRoute(ctx context.Context, restaurant order.RestaurantID, line Match) (is Tested, err error) {
	if restaurant, err = t.only(ctx, restaurant); err != nil {
		return is, err
	}
	item, category, err := t.item(ctx, restaurant, line.Item)
	if err != nil {
		return is, err
	}
	if err := t.checkType(line.OrderType); err != nil {
		return is, err
	}
	if line.Category == "" {
		line.Category = category
	}
	sql := testRoute
	if t.attached {
		sql = testRouteAttached
	}
	err = t.conn.QueryRow(ctx, sql, string(restaurant), item, line.Category, line.OrderType, Nowhere).Scan(&is.Stations, &is.Unrouted, &is.Deciding, &is.Others)
	if err != nil {
		return is, fmt.Errorf("look at the routes: %w", t.adviseStations(err))
	}
	return is, nil
}

// Queries of a line's stations, and of the routes that decide them. $5 is shown in place of a station for lines that are not cooked.
const (
	testRoute         = testBegins + saysRoute + testEnds
	testRouteAttached = testBegins + saysRouteAttached + testEnds

	testBegins = `
		with ` + matching + `,
		went as (select r.station_id, s.name, s.position
		           from kitchen.route_line($1::text::kitchen.restaurant_key, $2, $3, $4) r left join kitchen.stations s on s.id = r.station_id),
		said as (
		  select `
	testEnds = ` || ' -> ' || coalesce(s.name, $5) as route, r.place
		    from match r left join kitchen.stations s on s.id = r.station_id)
		select array(select w.name from went w where w.station_id is not null order by w.position, w.name), exists (select from went w where w.station_id is null),
		       array(select m.route from said m where m.place = (select max(place) from said) order by m.route),
		       array(select m.route from said m where m.place < (select max(place) from said) order by m.place desc, m.route)`
)

// matching selects the routes of restaurant $1 that match the item $2, the category $3 and the order type $4, and how specific they are,
// by the rules of kitchen.route_line.
const matching = `match as (
		  select r.id, r.station_id, r.menu_item_id, r.category, r.order_type,
		         case when r.menu_item_id is not null then 4 when r.category is not null then 2 else 0 end + (r.order_type is not null)::int as place
		    from kitchen.routes r
		   where r.restaurant_id = $1::text::kitchen.restaurant_key and (r.menu_item_id is null or r.menu_item_id::text = $2)
		     and (r.category is null or r.category = $3) and (r.order_type is null or r.order_type = $4))`
