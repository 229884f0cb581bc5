package db

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// OrderKey names an order and the restaurant in which it is looked for.
type OrderKey struct {
	Restaurant RestaurantID
	Order      OrderID
}

// Orders reads many orders of many restaurants, whatever their status. An order that does not exist, or not in that restaurant, is
// not in the result.
//
// Most restaurants have no stations, and a statement that could say where lines are cooked takes a sixth more of the server's time
// to begin, though it need not. So those of restaurants that are not known to have stations are first read without; one that is not
// found there is read again.
func (db *DB) Orders(ctx context.Context, keys []OrderKey) ([]Order, error) {
	// A key that no order can have would fail the statement: whoever may notify can name one.
	types := db.Keys()
	keys = slices.DeleteFunc(slices.Clone(keys), func(k OrderKey) bool { return !isKey(k.Restaurant, types.Restaurant) || !isKey(k.Order, types.Order) })
	asked := len(keys)
	var found []Order
	if asked > 0 && !slices.ContainsFunc(keys, func(k OrderKey) bool { return db.stationed.has(k.Restaurant) }) {
		var err error
		if found, err = db.readKeys(ctx, keys, oneBare, manyBare); err != nil {
			return nil, fmt.Errorf("read %d orders: %w", asked, err)
		}
		keys = without(keys, found)
	}
	if len(keys) > 0 {
		more, err := db.readKeys(ctx, keys, oneOrder, manyOrders)
		if err != nil {
			return nil, fmt.Errorf("read %d orders: %w", asked, err)
		}
		for _, o := range more {
			db.stationed.add(o.RestaurantID)
		}
		found = append(found, more...)
	}
	return found, nil
}

// An order is looked up by its id; "is true" makes the restaurant, and its stations, no reason to walk along an index. While a table is small, and its
// plan may be kept until it is not, an index that begins with the restaurant looks cheaper than the one of ids: with 10,000 open
// orders, each look-up read all of them.
const (
	oneKey = orderColumns + `
		  from (select o.* from kitchen.orders o
		         where (o.restaurant_id = $1::text::kitchen.restaurant_key) is true and o.id = $2::text::kitchen.order_key`
	manyKeys = orderColumns + `
		  from unnest($1::text[]::kitchen.restaurant_key[], $2::text[]::kitchen.order_key[]) as k(restaurant_id, id)
		 cross join lateral (select o.* from kitchen.orders o
		                      where (o.restaurant_id = k.restaurant_id) is true and o.id = k.id`

	isBare = ` and (not exists (select from kitchen.stations a where a.restaurant_id = o.restaurant_id)) is true`
	thatIs = ` offset 0) o`

	oneOrder   = oneKey + thatIs + itsRows
	manyOrders = manyKeys + thatIs + itsRows
	oneBare    = oneKey + isBare + thatIs + itsBareRows // of a restaurant without stations
	manyBare   = manyKeys + isBare + thatIs + itsBareRows
)

// readKeys reads orders in one round trip, with a statement for one or for many. Most changes come one by one; unpacking arrays of
// one takes a tenth of the time of reading an order.
func (db *DB) readKeys(ctx context.Context, keys []OrderKey, one, many string) ([]Order, error) {
	if len(keys) == 1 {
		return db.readOrders(ctx, scopeOf(keys[0].Restaurant), one, keys[0].Restaurant, keys[0].Order)
	}
	restaurants, ids := make([]RestaurantID, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		restaurants[i], ids[i] = k.Restaurant, string(k.Order)
	}
	return db.readOrders(ctx, scopeOf(restaurants...), many, texts(restaurants), ids)
}

// without returns the keys of which no order was found.
func without(keys []OrderKey, found []Order) []OrderKey {
	if len(keys) == 1 && len(found) == 1 {
		return nil
	}
	have := make(map[OrderKey]bool, len(found))
	for i := range found {
		have[OrderKey{found[i].RestaurantID, found[i].ID}] = true
	}
	return slices.DeleteFunc(keys, func(k OrderKey) bool { return have[k] })
}

// stationed remembers for a minute which restaurants have stations. It is a guess that saves time, and decides nothing.
type stationed struct{ until sync.Map } // time.Time by RestaurantID

func (s *stationed) has(id RestaurantID) bool {
	until, ok := s.until.Load(id)
	return ok && time.Now().Before(until.(time.Time))
}

func (s *stationed) add(id RestaurantID) { s.until.Store(id, time.Now().Add(time.Minute)) }
