package notifier

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"kitchen/db/order"
)

// repairs counts changes that nobody announced.
type repairs struct {
	noMeter
	n int
}

func (r *repairs) Repaired() { r.n++ }

// What the periodic check finds was announced by nobody only if its notifications do not come after all.
func TestChangeWhoseNotificationIsLateWasAnnounced(t *testing.T) {
	for _, c := range []struct {
		name  string
		found differences
		late  []order.OrderID // named by notifications that come late; "": one that names no order
		want  int
	}{
		{"no notification", differences{orders: []order.OrderID{"1"}}, nil, 1},
		{"its own", differences{orders: []order.OrderID{"1"}}, []order.OrderID{"1"}, 0},
		{"another order's", differences{orders: []order.OrderID{"1"}}, []order.OrderID{"2"}, 1},
		{"one of two", differences{orders: []order.OrderID{"1", "2"}}, []order.OrderID{"2"}, 1},
		{"both of two", differences{orders: []order.OrderID{"1", "2"}}, []order.OrderID{"2", "1"}, 0},
		{"of orders, while a setting changed", differences{orders: []order.OrderID{"1"}, whole: true}, []order.OrderID{"1"}, 1},
		{"of the whole queue", differences{orders: []order.OrderID{"1"}, whole: true}, []order.OrderID{""}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				counted := &repairs{}
				r := newReader(nil, slog.New(slog.DiscardHandler), counted, 2*time.Second)
				k := newKitchen("7", &Notifier{reader: r})
				r.suspect(k, c.found)
				time.Sleep(time.Second)
				for _, id := range c.late {
					if id == "" {
						r.markHinted(k)
					} else {
						r.markOrder(k, id, origin{})
					}
				}
				time.Sleep(2 * time.Second)
				synctest.Wait()
				if counted.n != c.want {
					t.Errorf("%d changes were announced by nobody, not %d", counted.n, c.want)
				}
			})
		})
	}
}
