package tenant

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"kitchen/db/order"
)

// Kitchen is everything that the page for setting stations up shows.
type Kitchen struct {
	Name       string           `json:"name"`
	Stations   []KitchenStation `json:"stations"`
	Routes     []KitchenRoute   `json:"routes"`
	Items      []MenuItem       `json:"items"`       // of the menu, or, where that is another program's, of the last days' lines
	Categories []string         `json:"categories"`  // of items, lines and routes
	OrderTypes []string         `json:"order_types"` // of the last days' orders, of routes, and those that are usual
	Unrouted   []Unrouted       `json:"unrouted"`
	Everything int              `json:"everything"` // screens that show everything
	Days       int              `json:"days"`       // how far back items and unrouted lines are looked for
}

// KitchenStation is a station, with how many connected screens show it.
type KitchenStation struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Screens int    `json:"screens"`
}

// KitchenRoute is a route. Its station is null where nothing is to be cooked; any other field that is null matches everything.
type KitchenRoute struct {
	ID        string  `json:"id"`
	Station   *string `json:"station"`
	Item      *string `json:"item"`
	ItemName  string  `json:"item_name"`
	Category  *string `json:"category"`
	OrderType *string `json:"order_type"`
}

// MenuItem is something that can be ordered.
type MenuItem struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Category string `json:"category"`
}

// Unrouted is a dish that no route matches, and how often it was ordered in the last days.
type Unrouted struct {
	Item     *string `json:"item"`
	Name     string  `json:"name"`
	Category string  `json:"category"`
	Lines    int     `json:"lines"`
}

const (
	lookBack = 3    // days
	most     = 2000 // orders that are looked at, and items that are listed
)

// recent selects the orders of the last days, the newest first, up to a limit.
const recent = `(
	(select o.id, o.order_type::text as order_type from kitchen.orders o where o.restaurant_id = $1::text::kitchen.restaurant_key and o.open
	  order by o.created_at desc limit $2)
	union all
	(select o.id, o.order_type::text from kitchen.orders o
	  where o.restaurant_id = $1::text::kitchen.restaurant_key and not o.open and o.left_at > now() - make_interval(days => $3::int)
	  order by o.left_at desc limit $2))`

// Read returns the kitchen as it is now.
func (s SetUp) Read(ctx context.Context) (k Kitchen, err error) {
	k.Days = lookBack
	id := string(s.restaurant)
	own, err := s.hasOwnMenu(ctx)
	if err != nil {
		return k, err
	}
	items := `select i.menu_item_id::text, max(i.name)::text, coalesce(max(i.category), '')::text
		  from ` + recent + ` o join kitchen.lines i on i.order_id = o.id where i.menu_item_id is not null
		 group by i.menu_item_id order by 2 limit $2`
	itemArgs := []any{id, most, lookBack}
	if own {
		items = `select m.id::text, m.name, coalesce(m.category, '') from public.menu_items m where m.restaurant_id = $1::text::uuid order by m.name, m.id limit $2`
		itemArgs = itemArgs[:2]
	}
	batch := &pgx.Batch{}
	batch.Queue(`select coalesce(r.name, '')::text from kitchen.restaurants r where r.id = $1::text::kitchen.restaurant_key`, id).
		QueryRow(func(row pgx.Row) error { return row.Scan(&k.Name) })
	collect(batch, &k.Stations, `
		select s.id::text, s.name, s.kind, `+screensOf+`s.id`+screensNow+` from kitchen.stations s
		 where s.restaurant_id = $1::text::kitchen.restaurant_key order by s.position, s.name, s.id`, id)
	collect(batch, &k.Routes, `
		select r.id::text, r.station_id::text, r.menu_item_id::text, '', r.category, r.order_type from kitchen.routes r
		 where r.restaurant_id = $1::text::kitchen.restaurant_key
		 order by r.menu_item_id is null, r.category is null, r.category, r.order_type is null, r.order_type, r.id`, id)
	collect(batch, &k.Items, items, itemArgs...)
	collect(batch, &k.Unrouted, `
		select l.menu_item_id::text, max(l.name)::text, coalesce(max(l.category), '')::text, count(*)::int
		  from `+recent+` o join kitchen.lines l on l.order_id = o.id
		 where exists (select from kitchen.route_line($1::text::kitchen.restaurant_key, l.menu_item_id::text, l.category::text, o.order_type) r where r.station_id is null)
		 group by l.menu_item_id, case when l.menu_item_id is null then l.name end order by 4 desc, 2 limit 100`, id, most, lookBack)
	batch.Queue(`select array(select distinct o.order_type from `+recent+` o where o.order_type <> '' order by 1)`, id, most, lookBack).
		QueryRow(func(row pgx.Row) error { return row.Scan(&k.OrderTypes) })
	batch.Queue(`select `+screensOf+`null`+screensNow+` from (select $1::text::kitchen.restaurant_key as restaurant_id) s`, id).
		QueryRow(func(row pgx.Row) error { return row.Scan(&k.Everything) })
	if err := s.conn.SendBatch(ctx, batch).Close(); errors.Is(err, pgx.ErrNoRows) {
		return k, order.ErrNotFound
	} else if err != nil {
		return k, fmt.Errorf("read the stations: %w", err)
	}
	k.complete()
	return k, nil
}

// The two parts of a query that counts the connected screens of a station, which is put between them; null means everything. Rows that no
// node has renewed for a while do not count.
const (
	screensOf  = `coalesce((select sum(c.count) from kitchen.screens c where c.restaurant_id = s.restaurant_id and c.station_id is not distinct from `
	screensNow = ` and c.seen_at > now() - interval '15 seconds'), 0)::int`
)

func collect[T any](batch *pgx.Batch, into *[]T, sql string, args ...any) {
	batch.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowToStructByPos[T])
		return err
	})
}

// hasOwnMenu reports whether the menu is in the kitchen's own tables.
func (s SetUp) hasOwnMenu(ctx context.Context) (own bool, err error) {
	err = s.conn.QueryRow(ctx, `select to_regclass('kitchen.mapping') is null and to_regclass('public.menu_items') is not null`).Scan(&own)
	if err != nil {
		return own, fmt.Errorf("look for the menu: %w", err)
	}
	return own, nil
}

// complete adds the names of the items of routes, offers what routes name for new ones, and makes nil lists empty.
func (k *Kitchen) complete() {
	names := make(map[string]string, len(k.Items))
	for _, i := range k.Items {
		names[i.ID] = i.Name
	}
	types := map[string]bool{"dine_in": true, "takeaway": true, "delivery": true}
	categories := map[string]bool{}
	for _, t := range k.OrderTypes {
		types[t] = true
	}
	for n, r := range k.Routes {
		if r.Item != nil {
			k.Routes[n].ItemName = cmp.Or(names[*r.Item], *r.Item)
		}
		if r.Category != nil {
			categories[*r.Category] = true
		}
		if r.OrderType != nil {
			types[*r.OrderType] = true
		}
	}
	for _, i := range k.Items {
		categories[i.Category] = true
	}
	for _, u := range k.Unrouted {
		categories[u.Category] = true
	}
	delete(categories, "")
	k.Categories, k.OrderTypes = slices.Sorted(maps.Keys(categories)), slices.Sorted(maps.Keys(types))
	k.Stations, k.Routes, k.Items = append([]KitchenStation{}, k.Stations...), append([]KitchenRoute{}, k.Routes...), append([]MenuItem{}, k.Items...)
	k.Categories, k.Unrouted = append([]string{}, k.Categories...), append([]Unrouted{}, k.Unrouted...)
}
