package alarm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/local"
	"kitchen/db/order"
	"kitchen/notifier/pause"
)

// A server that was away, and lost who looks and which displays there are or kept that, raises nothing for an order that nobody could
// have seen; and soon after it does for one that could have been.
func TestServerThatWasAwayRaisesNothingFalse(t *testing.T) {
	for name, mode := range map[string]local.Mode{"stopped": local.Fast, "crashed": local.Immediate} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOutage(t)
			o.display()
			o.looks(1, true)
			o.exec(`update kitchen.unseen_check set since = since - interval '1 minute'`)
			soup := o.order()
			if err := o.server.Halt(mode); err != nil {
				t.Fatal(err)
			}
			o.looks(1, false)
			o.away.Store(true)
			if err := o.server.Restart(t.Context(), mode); err != nil {
				t.Fatal(err)
			}
			o.exec(`update kitchen.unseen_check set due_at = due_at - interval '1 minute', since = since - interval '1 minute';
				update kitchen.screens set seen_at = seen_at - interval '1 minute';
				alter table orders disable trigger "~orders_complete_update"; update orders set kitchen_came_at = kitchen_came_at - interval '1 minute';
				alter table orders enable always trigger "~orders_complete_update"`)
			o.away.Store(false)
			o.looks(2, true) // no display is back yet
			o.display()
			o.paint(soup)
			o.looks(2, true)
			select {
			case a := <-o.raised:
				t.Fatalf("raised %+v", a)
			default:
			}
			cake := o.order()
			select {
			case a := <-o.raised:
				if a.Type != order.AlarmBegins || a.Reason != "not_painted" || a.Orders != 1 || a.OldestOrder != cake {
					t.Errorf("raised %+v, want not_painted on %s alone", a, cake)
				}
			case <-time.After(30 * time.Second):
				t.Error("nothing is raised for an order that a display does not paint")
			}
		})
	}
}

// outage is a monitor on a server of its own, for one restaurant.
type outage struct {
	*testing.T
	server     *local.Server
	db         *db.DB
	restaurant order.RestaurantID
	raised     chan order.Alarm
	looked     chan bool   // whether it succeeded
	away       atomic.Bool // looks fail, though the server is back
}

func newOutage(t *testing.T) *outage {
	o := &outage{T: t, server: dbtest.Cluster(t, map[string]string{"synchronous_commit": "on"}), raised: make(chan order.Alarm, 10),
		looked: make(chan bool, 1000)}
	var err error
	if o.db, err = db.Open(t.Context(), o.server.URL()); err != nil {
		t.Fatal(err)
	}
	o.restaurant = order.RestaurantID(o.exec(`insert into restaurants (name) values ('Test') returning id::text`))
	o.exec(fmt.Sprintf(`insert into kitchen.settings (restaurant_id, alarm_no_display_after, alarm_not_painted_after) values ('%s', '2 s', '2 s')`, o.restaurant))
	m := New(func(ctx context.Context, node string, next time.Duration) (bool, []order.Alarm, error) {
		if o.away.Load() {
			return false, nil, errors.New("away")
		}
		mine, alarms, err := o.db.CheckUnseen(ctx, node, next)
		o.looked <- mine && err == nil
		return mine, alarms, err
	}, "n1", slog.New(slog.DiscardHandler), func(a order.Alarm) { o.raised <- a }, nil)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for ok := true; ok; ok = pause.Sleep(ctx, 200*time.Millisecond) { // more often than Run would
			m.once(ctx)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait(); o.db.Close() })
	return o
}

// looks waits for so many looks from now on that succeed, or fail.
func (o *outage) looks(times int, succeed bool) {
	o.Helper()
	for len(o.looked) > 0 {
		<-o.looked
	}
	for late := time.After(30 * time.Second); times > 0; {
		select {
		case is := <-o.looked:
			if is == succeed {
				times--
			}
		case <-late:
			o.Fatalf("no more looks, of which success is %t", succeed)
		}
	}
}

// exec runs statements on a connection of their own, since the server goes away, and returns the text that the last one returns.
func (o *outage) exec(sql string) string {
	o.Helper()
	conn := dbtest.Conn(o, o.server.URL())
	results, err := conn.PgConn().Exec(o.Context(), sql).ReadAll()
	if err != nil {
		o.Fatalf("%s: %v", sql, err)
	}
	if last := results[len(results)-1]; len(last.Rows) > 0 {
		return string(last.Rows[0][0])
	}
	return ""
}

func (o *outage) order() order.OrderID {
	o.Helper()
	return order.OrderID(o.exec(fmt.Sprintf(`insert into orders (restaurant_id) values ('%s') returning id::text`, o.restaurant)))
}

// display says that the restaurant has one display.
func (o *outage) display() {
	o.Helper()
	o.exec(fmt.Sprintf(`delete from kitchen.screens; insert into kitchen.screens (node, restaurant_id, count) values ('n1', '%s', 1)`, o.restaurant))
}

func (o *outage) paint(id order.OrderID) {
	o.Helper()
	noted, err := o.db.NoteSightings(o.Context(), "n1", []order.Sighting{
		{Restaurant: o.restaurant, Order: id, Version: 1, How: order.Painted, At: time.Now(), Display: 1}})
	if noted != 1 || err != nil {
		o.Fatalf("%d noted: %v", noted, err)
	}
}
