package notifier

import (
	"log/slog"
	"slices"
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

// What the periodic check finds was announced by nobody only if its notifications do not come after all: neither while the queue is read,
// nor soon after.
func TestChangeWhoseNotificationIsLateWasAnnounced(t *testing.T) {
	for _, c := range []struct {
		name  string
		found differences
		named []order.OrderID // by the notifications that come; "": by one that names no order
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
		for when, early := range map[string]bool{"while the queue is read": true, "a second after": false} {
			t.Run(c.name+", "+when, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					counted := &repairs{}
					r := newReader(nil, slog.New(slog.DiscardHandler), counted, 2*time.Second)
					k := newKitchen("7", &Notifier{reader: r})
					r.markRepair(k)
					r.takeJobs(&r.queues, 1, func(*dirty) int { return 1 })
					notify := func() {
						for _, id := range c.named {
							if id == "" {
								r.markHinted(k)
							} else {
								r.markOrder(k, id, origin{})
							}
						}
					}
					if early {
						notify()
					}
					r.suspect(k, differences{orders: slices.Clone(c.found.orders), whole: c.found.whole})
					time.Sleep(time.Second)
					if !early {
						notify()
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
}
