package node

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"kitchen/cmd/kitchen/text"
	"kitchen/cmd/kitchen/trace"
	"kitchen/db/order"
	"kitchen/ws"
)

// trace answers with the trail of an order.
func (n *Node) trace(w http.ResponseWriter, r *http.Request) {
	id, err := n.pool.Keys().Order.Parse(r.PathValue("order_id"))
	if err != nil {
		answer(w, http.StatusNotFound, trace.NotAnID+err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = text.JSON(w, n.trail(r.Context(), order.OrderID(id))) // the asker is gone
}

func (n *Node) trail(ctx context.Context, id order.OrderID) trace.Trail {
	t := trace.Trail{Order: id, AskedAt: time.Now().UTC(), Changes: []trace.Change{}}
	t.Node, _ = os.Hostname() // a name to read, no more
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	found, err := n.pool.FindOrder(ctx, id)
	switch {
	case err == nil:
		t.Database = &trace.InDatabase{Restaurant: found.Restaurant, Number: found.Number, Status: found.Status, Version: found.Version, ChangedAt: found.UpdatedAt}
		t.Watched, t.Live = n.notifier.Watches(found.Restaurant)
		t.Omitted = n.notifier.Omits(&order.Order{ID: id, RestaurantID: found.Restaurant, Number: found.Number, CreatedAt: found.CreatedAt})
	case !errors.Is(err, order.ErrNotFound):
		t.Trouble = err.Error()
	}
	t.Seen = []trace.Sighting{}
	if t.Database != nil {
		seen, err := n.pool.Sightings(ctx, t.Database.Restaurant, id)
		if err != nil {
			t.Seen = nil // not known
		}
		for _, s := range seen {
			t.Seen = append(t.Seen, trace.Sighting{How: s.How, Version: s.Version, At: s.At.UTC(), Node: s.Node, Display: s.Display})
		}
	}
	events := n.notifier.Trace(id)
	deliveries := make([]ws.Delivery, len(events))
	var numbers []uint64
	for i, e := range events {
		deliveries[i] = n.displays.Delivery(e.Restaurant, e.Sequence)
		numbers = append(numbers, deliveries[i].Displays...)
	}
	connected, unread := n.displays.Connected(numbers)
	for i, e := range events {
		to := deliveries[i]
		c := trace.Change{Event: e.Event, Status: e.Status, Version: e.Version, By: e.By, Hydrated: e.Read.UTC(), Sent: e.Sent.UTC(),
			Reached: to.Reached, Behind: to.Behind, Displays: []trace.SentDisplay{}}
		if !e.Changed.IsZero() {
			at := e.Changed.UTC()
			c.Changed = &at
		}
		if !e.Notified.IsZero() {
			at := e.Notified.UTC()
			c.Notified = &at
		}
		for _, d := range to.Displays {
			c.Displays = append(c.Displays, trace.SentDisplay{Number: d, Connected: connected[d], Unread: unread[d]})
		}
		t.Changes = append(t.Changes, c)
		t.Watched = t.Watched || t.Database == nil
	}
	t.Verdict, t.Arrived = t.Judge()
	return t
}
