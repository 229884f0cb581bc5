package notifier

import (
	"log/slog"
	"testing"
	"time"

	"kitchen/db"
)

func TestDifferenceIsTheEvent(t *testing.T) {
	order := func(change func(*db.Order)) *db.Order {
		o := &db.Order{ID: "o", Status: db.Pending, Version: 3, Notes: "n", Items: []db.Item{{ID: "i", Quantity: 1}}}
		if change != nil {
			change(o)
		}
		return o
	}
	newer := func(change func(*db.Order)) *db.Order {
		return order(func(o *db.Order) { o.Version = 4; change(o) })
	}
	nothing := func(*db.Order) {}
	for name, c := range map[string]struct {
		was, is *db.Order
		want    string // the message's type, "" for none, "back" where the queue has to be sent again
	}{
		"new":                          {nil, order(nil), "order_created"},
		"new, and already ready":       {nil, order(func(o *db.Order) { o.Status = db.Ready }), "order_created"},
		"came back":                    {nil, order(func(o *db.Order) { o.Recalled = true }), "order_updated"},
		"came and went unseen":         {nil, order(func(o *db.Order) { o.Status = db.Completed }), ""},
		"never there":                  {nil, nil, ""},
		"gone":                         {order(nil), nil, "order_deleted"},
		"same":                         {order(nil), order(nil), ""},
		"written without change":       {order(nil), order(func(o *db.Order) { o.UpdatedAt = time.Now(); o.Stamp = 9 }), ""},
		"status":                       {order(nil), newer(func(o *db.Order) { o.Status = db.Ready }), "order_status_changed"},
		"left":                         {order(nil), newer(func(o *db.Order) { o.Status = db.Completed }), "order_status_changed"},
		"left for the second time":     {order(func(o *db.Order) { o.Recalled = true }), newer(func(o *db.Order) { o.Status = db.Completed }), "order_status_changed"},
		"left and came back unseen":    {order(nil), newer(func(o *db.Order) { o.Recalled = true }), "order_updated"},
		"status and notes":             {order(nil), newer(func(o *db.Order) { o.Status, o.Notes = db.Ready, "x" }), "order_updated"},
		"a line":                       {order(nil), newer(func(o *db.Order) { o.Items = []db.Item{{ID: "i", Quantity: 2}} }), "order_updated"},
		"changed and changed back":     {order(nil), newer(nothing), "order_updated"},
		"older version":                {order(nil), order(func(o *db.Order) { o.Version = 2 }), "back"},
		"other content, same version":  {order(nil), order(func(o *db.Order) { o.Notes = "x" }), "back"},
		"other status, same version":   {order(nil), order(func(o *db.Order) { o.Status = db.Ready }), "back"},
		"left under the same version":  {order(nil), order(func(o *db.Order) { o.Status = db.Completed }), "back"},
		"other table's label, as read": {order(func(o *db.Order) { o.Table = &db.Table{ID: "t", Label: "1"} }), order(func(o *db.Order) { o.Table = &db.Table{ID: "t", Label: "2"} }), "back"},
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
		r.markOrder(a, db.OrderID(rune(i)), origin{})
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
