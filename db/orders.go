package db

import (
	"context"
	"fmt"
	"sync"

	"kitchen/db/order"
)

// OrderKey names an order and the restaurant in which it is looked for.
type OrderKey struct {
	Restaurant order.RestaurantID
	Order      order.OrderID
}

// Orders reads many orders of many restaurants, whatever their status. An order that does not exist, or not in that restaurant, is
// not in the result.
//
// The stations of their lines are read only for restaurants in which [DB.Queues] last found stations. A caller that shows orders has
// read the queue before, and reads it again when stations come or go.
func (db *DB) Orders(ctx context.Context, keys []OrderKey) ([]order.Order, error) {
	types := db.Keys()
	var bare, stationed []OrderKey
	for _, k := range keys {
		switch {
		// A key that no order can have would fail the statement. A forged notification may name one.
		case !isKey(k.Restaurant, types.Restaurant) || !isKey(k.Order, types.Order):
		case db.stationed.has(k.Restaurant):
			stationed = append(stationed, k)
		default:
			bare = append(bare, k)
		}
	}
	statements := ofKeys(nil, bare, oneBare, manyBare)
	statements = ofKeys(statements, stationed, oneOrder, manyOrders)
	if statements == nil {
		return nil, nil
	}
	orders, err := db.readOrders(ctx, statements...)
	if err != nil {
		return nil, fmt.Errorf("read %d orders: %w", len(bare)+len(stationed), err)
	}
	return orders, nil
}

// An order is looked up by its id; "is true" makes the restaurant no reason to walk along an index. While a table is small, and its
// plan may be kept until it is not, an index that begins with the restaurant looks cheaper than the one of ids: with 10,000 open
// orders, each look-up read all of them.
const (
	oneKey = orderColumns + `
		  from ` + stamped + `select o.* from kitchen.order_rows o
		         where (o.restaurant_id = $1::text::kitchen.restaurant_key) is true and o.id = $2::text::kitchen.order_key`
	manyKeys = orderColumns + `
		  from unnest($1::text[]::kitchen.restaurant_key[], $2::text[]::kitchen.order_key[]) as k(restaurant_id, id)
		 cross join lateral` + stamped + `select o.* from kitchen.order_rows o
		                      where (o.restaurant_id = k.restaurant_id) is true and o.id = k.id`

	oneOrder   = oneKey + thatIs + itsRows
	manyOrders = manyKeys + thatIs + itsRows
	oneBare    = oneKey + thatIs + itsBareRows // of a restaurant without stations
	manyBare   = manyKeys + thatIs + itsBareRows
)

// Recent reads the orders of a restaurant that left its queue within its recall window, newest first, at most 50.
func (db *DB) Recent(ctx context.Context, id order.RestaurantID) (orders []order.Order, err error) {
	if !isKey(id, db.Keys().Restaurant) {
		return nil, nil
	}
	err = db.displays.use(ctx, id, func() (err error) {
		orders, err = db.readOrders(ctx, about(scopeOf(id), orderColumns+`
		  from (select coalesce((select s.recall_window from kitchen.settings s where s.restaurant_id = $1::text::kitchen.restaurant_key),
		                        '1 hour') as recall_window) s
		 cross join lateral`+stamped+`
		       select o.* from kitchen.order_rows o
		        where o.restaurant_id = $1::text::kitchen.restaurant_key and not o.open and o.left_at > now() - s.recall_window
		        order by o.left_at desc, o.id
		        limit 50`+thatIs+itsRows+`
		 order by o.left_at desc, o.id`, id))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read recent orders: %w", err)
	}
	return orders, nil
}

// ofKeys appends the statement that reads these orders: one for a single order, because most changes come one by one, and unpacking
// arrays of one key takes a tenth of the time of reading an order.
func ofKeys(to []statement, keys []OrderKey, one, many string) []statement {
	switch len(keys) {
	case 0:
		return to
	case 1:
		return append(to, about(scopeOf(keys[0].Restaurant), one, keys[0].Restaurant, keys[0].Order))
	}
	restaurants, ids := make([]order.RestaurantID, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		restaurants[i], ids[i] = k.Restaurant, string(k.Order)
	}
	return append(to, about(scopeOf(restaurants...), many, texts(restaurants), ids))
}

// stationed is the set of restaurants in which the last read found stations.
type stationed struct{ ids sync.Map } // of RestaurantID

func (s *stationed) has(id order.RestaurantID) bool {
	_, ok := s.ids.Load(id)
	return ok
}

func (s *stationed) set(id order.RestaurantID, has bool) {
	if has {
		s.ids.Store(id, nil)
	} else {
		s.ids.Delete(id)
	}
}
