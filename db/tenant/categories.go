package tenant

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kitchen/db/order"
)

// Queries of a restaurant's categories: of its menu or, where another program has the menu, of recent orders.
const (
	listCategories = `
		select distinct m.category from public.menu_items m where m.restaurant_id = $1::text::kitchen.restaurant_key and m.category <> '' order by 1`
	listCategoriesAttached = `
		select distinct l.category::text
		  from (select c.order_id from kitchen.order_changes c where c.restaurant_id = $1::text::kitchen.restaurant_key order by c.changed_at desc limit 2000) c
		 cross join lateral (select l.* from kitchen.lines l where l.order_id = c.order_id offset 0) l
		 where l.category::text <> '' order by 1`
)

// Categories lists the categories that dishes of a restaurant have.
func (t *Tenants) Categories(ctx context.Context, restaurant order.RestaurantID) ([]string, error) {
	restaurant, err := t.only(ctx, restaurant)
	if err != nil {
		return nil, err
	}
	sql := listCategories
	if t.attached {
		sql = listCategoriesAttached
	}
	rows, _ := t.conn.Query(ctx, sql, string(restaurant)) // the error is the rows'
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list categories: %w", t.adviseStations(err))
	}
	return all, nil
}
