package ws

import "kitchen/db/order"

// Feed is where a restaurant's messages come from. A message bus may stand between this package and the one that reads the
// database: only ids and messages pass, and nobody asks back.
type Feed interface {
	// Subscribe has the messages of a restaurant delivered. It returns at once and never fails. The messages come in order,
	// from one goroutine at a time, even before it returns, and begin with an order.State. A restaurant has one
	// subscription a node at a time, and the calls to a feed and a subscription come one after the other.
	Subscribe(restaurant order.RestaurantID, to Subscriber) Subscription
	// SubscribePickup is Subscribe for pick-up screens: its messages hold the numbers of orders, and nothing else of them.
	SubscribePickup(restaurant order.RestaurantID, to Subscriber) Subscription
}

// Subscriber takes the messages of a restaurant.
type Subscriber interface {
	// Deliver takes the next message. It neither waits for a display nor calls the feed.
	Deliver(m order.Message)
}

// Subscription is what a subscriber may do once it has subscribed.
type Subscription interface {
	// Refresh asks for a snapshot for the displays that wait for one. Requests made before it is answered are answered
	// together. It never blocks. While a display waits, its group asks again with every heartbeat.
	Refresh()
	// Show says how many displays of the subscriber show what, in place of what it said before. It never blocks.
	Show(shown order.Screens)
	// Unsubscribe ends the subscription. Nothing more is delivered after it returned. It never blocks for long. The
	// subscriber may subscribe again later.
	Unsubscribe()
}
