package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// A cook's touch of an order that is being deleted waits for the deletion, and then finds no order.
func TestLinesOfAnOrderThatIsBeingDeleted(t *testing.T) {
	t.Parallel()
	f := open(t)
	r, _, grill, _ := f.withStations()
	for what, touch := range map[string]func(order.OrderID) error{
		"lines": func(id order.OrderID) error {
			_, err := f.db.UpdateLines(t.Context(), order.LinesUpdate{Restaurant: r, Order: id, Status: order.Ready, Station: &grill})
			return err
		},
		"fire": func(id order.OrderID) error {
			_, err := f.db.Fire(t.Context(), r, id, 2)
			return err
		},
	} {
		for tries := 1; ; tries++ {
			err, waited := f.touchWhileDeleted(r, touch)
			if errors.Is(err, order.ErrNotFound) {
				break
			}
			if err != nil || waited && what == "fire" || tries == 20 { // lines wait for a moment only, and then the touch comes first
				t.Fatalf("%s: %v in try %d, which waited: %v", what, err, tries, waited)
			}
		}
	}
}

// touchWhileDeleted touches a new order while another transaction deletes it, which commits once the touch waits for it. It reports
// whether the touch waited.
func (f fixture) touchWhileDeleted(r order.RestaurantID, touch func(order.OrderID) error) (err error, waited bool) { //nolint:revive // the error is what is tested
	f.Helper()
	id := order.OrderID(f.id(`insert into orders (restaurant_id) values ($1) returning id::text`, r))
	f.exec(`insert into order_items (order_id, name, category) values ($1, 'Steak', 'meat')`, id)
	f.exec(`insert into order_items (order_id, name, category, course, held) values ($1, 'Cake', 'sweets', 2, true)`, id)
	tx, err := f.pool.Begin(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	defer tx.Rollback(context.Background()) //nolint:errcheck // it may be over
	if _, err := tx.Exec(f.Context(), `delete from orders where id = $1`, id); err != nil {
		f.Fatal(err)
	}
	touched := make(chan error, 1)
	go func() { touched <- touch(id) }()
	dbtest.Poll(10*time.Second, func() bool {
		select {
		case err = <-touched:
			return true
		default:
		}
		waited = f.id(`select exists (select from pg_locks l join pg_database d on d.oid = l.database or l.database is null
		                               where d.datname = current_database() and not l.granted and l.locktype in ('transactionid', 'tuple'))::text`) == "true"
		return waited
	})
	if !waited {
		return err, false
	}
	if err := tx.Commit(f.Context()); err != nil {
		f.Fatal(err)
	}
	return <-touched, true
}
