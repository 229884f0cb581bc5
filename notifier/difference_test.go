package notifier

import (
	"log/slog"
	"testing"
	"time"

	"kitchen/db/order"
)

func TestDifferenceIsTheEvent(t *testing.T) {
	changed := func(change func(*order.Order)) *order.Order {
		o := &order.Order{ID: "o", Status: order.Pending, Version: 3, Notes: "n", Items: []order.Item{{ID: "i", Quantity: 1}}}
		if change != nil {
			change(o)
		}
		return o
	}
	newer := func(change func(*order.Order)) *order.Order {
		return changed(func(o *order.Order) { o.Version = 4; change(o) })
	}
	nothing := func(*order.Order) {}
	for name, c := range map[string]struct {
		was, is *order.Order
		want    string // the message's type, "" for none, "back" where the queue has to be sent again
	}{
		"new":                          {nil, changed(nil), "order_created"},
		"new, and already ready":       {nil, changed(func(o *order.Order) { o.Status = order.Ready }), "order_created"},
		"came back":                    {nil, changed(func(o *order.Order) { o.Recalled = true }), "order_updated"},
		"came and went unseen":         {nil, changed(func(o *order.Order) { o.Status = order.Completed }), ""},
		"never there":                  {nil, nil, ""},
		"gone":                         {changed(nil), nil, "order_deleted"},
		"same":                         {changed(nil), changed(nil), ""},
		"written without change":       {changed(nil), changed(func(o *order.Order) { o.UpdatedAt = time.Now(); o.Stamp = 9 }), ""},
		"status":                       {changed(nil), newer(func(o *order.Order) { o.Status = order.Ready }), "order_status_changed"},
		"left":                         {changed(nil), newer(func(o *order.Order) { o.Status = order.Completed }), "order_status_changed"},
		"left for the second time":     {changed(func(o *order.Order) { o.Recalled = true }), newer(func(o *order.Order) { o.Status = order.Completed }), "order_status_changed"},
		"left and came back unseen":    {changed(nil), newer(func(o *order.Order) { o.Recalled = true }), "order_updated"},
		"status and notes":             {changed(nil), newer(func(o *order.Order) { o.Status, o.Notes = order.Ready, "x" }), "order_updated"},
		"a line":                       {changed(nil), newer(func(o *order.Order) { o.Items = []order.Item{{ID: "i", Quantity: 2}} }), "order_updated"},
		"changed and changed back":     {changed(nil), newer(nothing), "order_updated"},
		"older version":                {changed(nil), changed(func(o *order.Order) { o.Version = 2 }), "back"},
		"other content, same version":  {changed(nil), changed(func(o *order.Order) { o.Notes = "x" }), "back"},
		"other status, same version":   {changed(nil), changed(func(o *order.Order) { o.Status = order.Ready }), "back"},
		"left under the same version":  {changed(nil), changed(func(o *order.Order) { o.Status = order.Completed }), "back"},
		"other table's label, as read": {changed(func(o *order.Order) { o.Table = &order.Table{ID: "t", Label: "1"} }), changed(func(o *order.Order) { o.Table = &order.Table{ID: "t", Label: "2"} }), "back"},
	} {
		message, back := difference(c.was, c.is)
		got := ""
		switch m := message.(type) {
		case *orderMessage:
			got = m.Type
		case *statusMessage:
			got = m.Type
		case *deletedMessage:
			got = m.Type
		}
		if back {
			got += "back"
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// While one query runs, changes pile up; the next takes them all, of every kitchen.
func TestChangesPileUpWhileAKitchenIsRead(t *testing.T) {
	r := newReader(nil, slog.New(slog.DiscardHandler), noMeter{}, time.Second)
	n := &Notifier{reader: r}
	a, b := newKitchen("a", n), newKitchen("b", n)
	a.schedule.loaded, b.schedule.loaded = true, true
	orders := func(d *dirty) int { return len(d.orders) }

	r.markOrder(a, "1", origin{})
	first := r.takeJobs(&r.orders, maxOrdersRead, orders)
	if len(first) != 1 {
		t.Fatalf("%d jobs", len(first))
	}
	for range 100 {
		r.markOrder(a, "1", origin{})
		r.markOrder(a, "2", origin{})
		r.markOrder(b, "3", origin{})
	}
	second := r.takeJobs(&r.orders, maxOrdersRead, orders)
	if len(second) != 1 || second[0].kitchen != b {
		t.Errorf("a kitchen that is being read was taken again: %v", second)
	}
	r.finish(first[0], false, false)
	r.finish(second[0], true, false) // failed: nothing is forgotten
	third := r.takeJobs(&r.orders, maxOrdersRead, orders)
	sum := 0
	for _, j := range third {
		sum += len(j.dirty.orders)
	}
	if len(third) != 2 || sum != 3 {
		t.Errorf("%d kitchens with %d orders, want 2 with 3", len(third), sum)
	}
	for _, j := range third {
		r.finish(j, false, false)
	}

	for i := range maxDirtyOrders + 1 {
		r.markOrder(a, order.OrderID(rune(i)), origin{})
	}
	if !a.schedule.dirty.queue || a.schedule.dirty.orders != nil {
		t.Error("so many orders are a queue")
	}
}

func TestKitchenThatWasNotReadYetIsNotAskedForASnapshot(t *testing.T) {
	r := newReader(nil, slog.New(slog.DiscardHandler), noMeter{}, time.Second)
	k := newKitchen("a", &Notifier{reader: r})
	r.refresh(&Subscription{kitchen: k}, true)
	r.markOrder(k, "1", origin{})
	if r.snapshots.kitchens.Len()+r.orders.kitchens.Len() > 0 {
		t.Error("there is nothing to make a snapshot of")
	}
	r.markQueue(k)
	if jobs := r.takeJobs(&r.queues, 10, func(*dirty) int { return 1 }); len(jobs) != 1 || len(jobs[0].dirty.waiting) != 1 {
		t.Errorf("once the whole queue is dirty the jobs are %v, want one with the subscriber that waits", jobs)
	}
}
