package notifier

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"kitchen/db/order"
)

// pickup holds what the pick-up screens of a restaurant show. Guarded by the kitchen's seq.
type pickup struct {
	subscriptions []*Subscription
	restaurant    pickupRestaurant
	orders        []pickupOrder
	since         map[order.OrderID]time.Time // when orders became ready, by the database's clock
	due           *time.Timer                 // fires when the time alone changes the queue; or nil
}

// pickupQueue is the only message about orders that a pick-up screen receives. Its types have no field for what guests must not read.
type pickupQueue struct {
	Type       string           `json:"type"`
	Restaurant pickupRestaurant `json:"restaurant"`
	ServerTime time.Time        `json:"server_time"`
	Live       bool             `json:"live"`
	Orders     []pickupOrder    `json:"orders"`
}

type pickupRestaurant struct {
	Name string `json:"name"`
}

type pickupOrder struct {
	Number int64  `json:"number"`
	Type   string `json:"order_type"`
	Status string `json:"status"` // preparing, or ready
	Name   string `json:"name"`   // the first word of the customer's; empty where names are not shown
}

// The caller of every function below holds seq, except of pickupDue.

func (k *kitchen) pickupMessage(kind order.MessageKind, doc []byte) order.Message {
	return order.Message{Kind: kind, Document: doc, Live: k.live}
}

func (k *kitchen) deliverPickup(m order.Message) {
	for _, s := range k.pickup.subscriptions {
		s.to.Deliver(m)
	}
}

func (k *kitchen) pickupDocument() []byte {
	doc, _ := json.Marshal(pickupQueue{"pickup_queue", k.pickup.restaurant, time.Now().UTC(), k.live, k.pickup.orders}) // its types cannot fail
	return doc
}

// updatePickup sends the pick-up screens their queue where it has changed.
func (k *kitchen) updatePickup() {
	p := &k.pickup
	if p.due != nil {
		p.due.Stop()
		p.due = nil
	}
	if len(p.subscriptions) == 0 || !k.sent.loaded {
		p.orders, p.since = nil, nil // a display that joins waits for a snapshot
		return
	}
	restaurant := pickupRestaurant{k.sent.restaurant.Name}
	orders, again := k.pickupOrders(time.Now().Add(time.Duration(k.notifier.clock.Load())))
	if again > 0 {
		p.due = time.AfterFunc(again, k.pickupDue)
	}
	if p.orders != nil && restaurant == p.restaurant && slices.Equal(orders, p.orders) {
		return
	}
	p.restaurant, p.orders = restaurant, orders
	k.deliverPickup(k.pickupMessage(order.Replacement, k.pickupDocument()))
}

// pickupDue updates the pick-up screens when an order has to come or go because of the time.
func (k *kitchen) pickupDue() {
	k.notifier.mu.Lock()
	closed := k.notifier.closed
	k.notifier.mu.Unlock()
	if closed {
		return
	}
	k.seq.Lock()
	defer k.seq.Unlock()
	k.updatePickup()
}

// pickupOrders is what pick-up screens show: orders that are cooked, oldest first, and then those that are ready, in the order in
// which they became so. again is after how long that changes by itself, or 0.
//
// A pending order counts as cooked: many kitchens mark nothing before an order is ready. One that is promised for later does not
// until work at it begins. The database does not keep when an order became ready, so that it counts from the last change before
// this kitchen was first watched.
func (k *kitchen) pickupOrders(now time.Time) (all []pickupOrder, again time.Duration) {
	is := k.sent.restaurant.Pickup
	var types []string
	_ = json.Unmarshal([]byte(is.Types), &types) // the database made it
	changes := func(in time.Duration) {
		if again == 0 || in < again {
			again = in
		}
	}
	since := map[order.OrderID]time.Time{}
	var ready []*order.Order
	all = []pickupOrder{}
	for _, o := range k.sent.oldestFirst() {
		if !slices.Contains(types, o.Type) {
			continue
		}
		switch {
		case o.Status == order.Ready:
			at, known := k.pickup.since[o.ID]
			if !known {
				at = o.UpdatedAt
			}
			since[o.ID] = at
			left := at.Add(time.Duration(is.ReadyFor) * time.Second).Sub(now)
			if left <= 0 {
				continue
			}
			changes(left)
			ready = append(ready, o)
			continue
		case o.Status == order.Pending && o.PromisedAt != nil:
			if begins := o.PromisedAt.Add(-time.Duration(k.sent.restaurant.StartBefore) * time.Second).Sub(now); begins > 0 {
				changes(begins)
				continue
			}
		}
		all = append(all, pickupOrder{o.Number, o.Type, string(order.Preparing), firstName(o, is.Names)})
	}
	slices.SortStableFunc(ready, func(a, b *order.Order) int { return cmp.Compare(since[a.ID].UnixNano(), since[b.ID].UnixNano()) })
	for _, o := range ready {
		all = append(all, pickupOrder{o.Number, o.Type, string(order.Ready), firstName(o, is.Names)})
	}
	k.pickup.since = since
	return all, again
}

func firstName(o *order.Order, shown bool) string {
	words := strings.Fields(o.CustomerName)
	if !shown || len(words) == 0 {
		return ""
	}
	return words[0]
}
