package db

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/charset"
	"kitchen/db/order"
)

// MaxQueue is how many orders a queue holds at most. The newest are kept: a restaurant with more open orders than that has
// forgotten the others.
const MaxQueue = 500

// Queue is a restaurant's open orders, oldest first.
type Queue struct {
	Restaurant order.Restaurant
	Orders     []order.Order
	Omitted    int // how many more open orders there are, all of them older
}

// restaurantColumns are those of a restaurant r and its settings s, which may be missing.
const restaurantColumns = `
		       r.id::text, coalesce(r.name, '')::text, coalesce(r.timezone, 'UTC')::text,
		       extract(epoch from coalesce(s.warn_after, '5 minutes'))::bigint, extract(epoch from coalesce(s.late_after, '10 minutes'))::bigint,
		       extract(epoch from coalesce(s.recall_window, '1 hour'))::bigint, extract(epoch from coalesce(s.start_before, '1 hour'))::bigint,
		       coalesce((select json_agg(json_build_object('id', t.id, 'name', t.name, 'kind', t.kind) order by t.position, t.name)::text
		                   from kitchen.stations t where t.restaurant_id = r.id), ''), coalesce(s.ready_when, 'stations'),
		       coalesce(to_json(s.pickup_types)::text, '["takeaway","delivery"]'), coalesce(s.pickup_names, false),
		       extract(epoch from coalesce(s.pickup_ready_for, '20 minutes'))::bigint`

// fieldsOf is where restaurantColumns are read into.
func fieldsOf(r *order.Restaurant) []any {
	return []any{&r.ID, &r.Name, &r.Timezone, &r.WarnAfter, &r.LateAfter, &r.RecallWindow, &r.StartBefore, &r.Stations, &r.ReadyWhen,
		&r.Pickup.Types, &r.Pickup.Names, &r.Pickup.ReadyFor}
}

// Queues reads the queues of many restaurants, in one round trip and as of one moment. A restaurant that does not exist
// is not in the result. The read fails as a whole or not at all. How many orders a full queue omits is counted a moment later.
//
// Most restaurants have no stations, and a statement that reads them takes the server a sixth longer. So restaurants in which the last
// read found none are read without; if one has stations by now, it is read again.
func (db *DB) Queues(ctx context.Context, ids []order.RestaurantID) (map[order.RestaurantID]*Queue, error) {
	ids = possible(ids, db.Keys().Restaurant)
	queues, err := db.readQueues(ctx, ids)
	var stationed []order.RestaurantID
	for id, q := range queues {
		has := q.Restaurant.Stations != ""
		if has && !db.stationed.has(id) {
			stationed = append(stationed, id)
		}
		db.stationed.set(id, has)
	}
	if err == nil && stationed != nil {
		var again map[order.RestaurantID]*Queue
		again, err = db.readQueues(ctx, stationed)
		for _, id := range stationed {
			delete(queues, id)
		}
		maps.Copy(queues, again)
	}
	if err == nil {
		err = db.cutQueues(ctx, queues)
	}
	if err != nil {
		return nil, fmt.Errorf("read %d queues: %w", len(ids), err)
	}
	return queues, nil
}

// One statement reads the queue of one restaurant, another those of many: unpacking an array of one takes a fiftieth of the time.
const (
	oneQueue   = orderColumns + ` from` + stamped + newestOpenOf + `$1::text::kitchen.restaurant_key` + newestFirst + `$2` + thatIs
	manyQueues = orderColumns + `
		  from unnest($1::text[]::kitchen.restaurant_key[]) as r(id) cross join lateral` + stamped + newestOpen + `$2` + thatIs

	oneQueueOf       = oneQueue + itsRows
	manyQueuesOf     = manyQueues + itsRows
	oneBareQueueOf   = oneQueue + itsBareRows // of a restaurant without stations
	manyBareQueuesOf = manyQueues + itsBareRows
)

// readQueues is Queues for what is known of stations. One statement for everything would repeat the restaurant in each row, so there are
// two in one round trip. They see two moments: the restaurant's own row is read first, because nothing depends on it.
func (db *DB) readQueues(ctx context.Context, ids []order.RestaurantID) (map[order.RestaurantID]*Queue, error) {
	var bare, stationed []order.RestaurantID
	for _, id := range ids {
		if db.stationed.has(id) {
			stationed = append(stationed, id)
		} else {
			bare = append(bare, id)
		}
	}
	asked := scopeOf(ids...)
	var queues map[order.RestaurantID]*Queue
	questions := []question{ask(func(rows pgx.Rows) (err error) {
		queues, err = collectRestaurants(rows, asked)
		return err
	}, `
		select `+restaurantColumns+`
		  from kitchen.restaurants r left join kitchen.settings s on s.restaurant_id = r.id
		 where r.id = any($1::text[]::kitchen.restaurant_key[])`, texts(ids))}
	add := func(rows pgx.Rows) error {
		orders, err := collectOrders(rows, asked)
		slices.SortFunc(orders, func(a, b order.Order) int { return order.OldestFirst(&a, &b) })
		for _, o := range orders {
			if q := queues[o.RestaurantID]; q != nil {
				q.Orders = append(q.Orders, o)
			}
		}
		return err
	}
	questions = ofQueues(questions, bare, add, oneBareQueueOf, manyBareQueuesOf)
	questions = ofQueues(questions, stationed, add, oneQueueOf, manyQueuesOf)
	err := db.read(ctx, questions...)
	return queues, err
}

// ofQueues appends the statement that reads these queues.
func ofQueues(to []question, ids []order.RestaurantID, take func(pgx.Rows) error, one, many string) []question {
	switch len(ids) {
	case 0:
		return to
	case 1:
		return append(to, ask(take, one, ids[0], MaxQueue+1))
	}
	return append(to, ask(take, many, texts(ids), MaxQueue+1))
}

func collectRestaurants(rows pgx.Rows, asked scope) (map[order.RestaurantID]*Queue, error) {
	queues := make(map[order.RestaurantID]*Queue, len(asked))
	for rows.Next() {
		q := &Queue{Orders: []order.Order{}}
		r := &q.Restaurant
		if err := rows.Scan(fieldsOf(r)...); err != nil {
			return nil, err
		}
		if !asked.has(r.ID) {
			return nil, ErrForeign
		}
		from := charset.Translator(rows.Conn())
		r.Name, r.Stations = charset.Translate(from, r.Name), order.Stations(charset.Translate(from, string(r.Stations)))
		queues[r.ID] = q
	}
	return queues, rows.Err()
}

// cutQueues cuts queues to the newest [MaxQueue] orders, and counts those that they omit. One more than that was read.
func (db *DB) cutQueues(ctx context.Context, queues map[order.RestaurantID]*Queue) error {
	var full []order.RestaurantID
	for id, q := range queues {
		if more := len(q.Orders) - MaxQueue; more > 0 {
			q.Orders, q.Omitted = q.Orders[more:], more
			full = append(full, id)
		}
	}
	if full == nil {
		return nil
	}
	counts, err := readRows(ctx, db, pgx.RowToStructByPos[struct {
		Restaurant order.RestaurantID
		Open       int
	}], `
		select r.id::text, n.open from unnest($1::text[]::kitchen.restaurant_key[]) as r(id)
		 cross join lateral (select count(*) as open from kitchen.orders o where `+isOpen+`) n`, texts(full))
	if err != nil {
		return err
	}
	for _, c := range counts {
		if q := queues[c.Restaurant]; q != nil {
			q.Omitted = max(c.Open-MaxQueue, q.Omitted)
		}
	}
	return nil
}

// Fingerprint shows whether a restaurant's queue has changed, without reading it.
type Fingerprint struct {
	Restaurant order.Restaurant
	Orders     int   // in the queue
	Omitted    int   // as in [Queue]
	Stamp      int64 // of the orders in the queue, combined with xor
}

// Fingerprints reads the fingerprints of many restaurants in one statement. A restaurant that does not exist is not in
// the result.
func (db *DB) Fingerprints(ctx context.Context, ids []order.RestaurantID) ([]Fingerprint, error) {
	ids = possible(ids, db.Keys().Restaurant)
	prints, err := readRows(ctx, db, scanFingerprint, `
		select `+restaurantColumns+`, q.orders, q.omitted, coalesce(q.stamp, 0)
		  from unnest($1::text[]::kitchen.restaurant_key[]) as asked(id)
		  join kitchen.restaurants r on r.id = asked.id
		  left join kitchen.settings s on s.restaurant_id = asked.id
		 cross join lateral (
		       select count(*) as orders, bit_xor(`+orderStamp+` # coalesce(i.stamp, 0)) as stamp,
		              case when count(*) = $2 then (select count(*) from kitchen.orders o where `+isOpen+`) - $2 else 0 end as omitted
		         from (`+newestOpen+`$2) o
		         left join lateral (
		              select bit_xor(`+lineStamp+` # coalesce(m.stamp, 0)) as stamp
		                from (select i.*, `+itsStations+` as stations from kitchen.lines i where i.order_id = o.id offset 0) i
		                left join lateral (select bit_xor(`+modifierStamp+`) as stamp from kitchen.modifiers m
		                                    where m.line_id = i.id) m on true) i on true) q`, texts(ids), MaxQueue)
	if err != nil {
		return nil, fmt.Errorf("read %d fingerprints: %w", len(ids), err)
	}
	asked := scopeOf(ids...)
	for _, p := range prints {
		if !asked.has(p.Restaurant.ID) {
			return nil, fmt.Errorf("read %d fingerprints: %w", len(ids), ErrForeign)
		}
	}
	return prints, nil
}

func scanFingerprint(row pgx.CollectableRow) (f Fingerprint, err error) {
	err = row.Scan(append(fieldsOf(&f.Restaurant), &f.Orders, &f.Omitted, &f.Stamp)...)
	return f, err
}

// Fingerprint combines the stamps of the queue's orders as [DB.Fingerprints] does.
func (q *Queue) Fingerprint() Fingerprint {
	f := Fingerprint{Restaurant: q.Restaurant, Orders: len(q.Orders), Omitted: q.Omitted}
	for i := range q.Orders {
		f.Stamp ^= q.Orders[i].Stamp
	}
	return f
}

// Now reads the database's clock, and with it shows that the database answers.
func (db *DB) Now(ctx context.Context) (now time.Time, err error) {
	if err = db.pool.QueryRow(ctx, `select clock_timestamp()`).Scan(&now); err != nil {
		return now, fmt.Errorf("ask for the time: %w", err)
	}
	return now.UTC(), nil
}
