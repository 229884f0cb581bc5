package db_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kitchen/db/order"
)

func TestStatusMovesAsTheKitchenMay(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	all := []order.Status{order.Pending, order.Preparing, order.Ready, order.Completed, order.Cancelled}
	allowed := map[string]bool{}
	for _, move := range strings.Fields(`pending>preparing pending>ready pending>completed preparing>ready preparing>completed
		ready>completed preparing>pending ready>preparing completed>ready completed>preparing completed>pending`) {
		allowed[move] = true
	}
	for _, from := range all {
		for _, to := range all {
			id := f.order(r)
			f.exec(`update orders set status = $1 where id = $2`, from, id)
			got, err := f.db.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: id, Status: to})
			switch move := string(from + ">" + to); {
			case from == to || allowed[move]:
				if err != nil || got.Status != to {
					t.Errorf("%s: %+v, %v", move, got, err)
				}
			case !errors.Is(err, order.ErrNotAllowed):
				t.Errorf("%s: %v, want %v", move, err, order.ErrNotAllowed)
			}
		}
	}
	late := f.order(r)
	f.exec(`update orders set status = 'completed', completed_at = now() - interval '61 minutes' where id = $1`, late)
	if _, err := f.db.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: late, Status: order.Ready}); !errors.Is(err, order.ErrNotAllowed) {
		t.Errorf("recall after the window: %v", err)
	}
}

func TestStatusUpdateComparesTheVersion(t *testing.T) {
	t.Parallel()
	f := open(t)
	r, other := f.restaurant(), f.restaurant()
	id := f.order(r)
	one, two := int64(1), int64(2)
	update := func(in order.RestaurantID, id order.OrderID, s order.Status, v *int64) (order.StatusResult, error) {
		return f.db.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: in, Order: id, Status: s, Version: v})
	}
	if got, err := update(r, id, order.Preparing, &one); err != nil || got != (order.StatusResult{Status: order.Preparing, Version: 2}) {
		t.Errorf("first tap: %+v, %v", got, err)
	}
	if got, err := update(r, id, order.Preparing, &one); err != nil || got.Version != 2 {
		t.Errorf("asking for the status it has: %+v, %v", got, err)
	}
	var conflict *order.ConflictError
	if _, err := update(r, id, order.Ready, &one); !errors.As(err, &conflict) || conflict.Status != order.Preparing || conflict.Version != 2 {
		t.Errorf("double tap: %v", err)
	}
	if _, err := update(r, id, order.Ready, &two); err != nil {
		t.Errorf("second tap: %v", err)
	}
	for name, in := range map[string]order.RestaurantID{"foreign": other, "mine": r} {
		id := id
		if name == "mine" {
			id = "00000000-0000-0000-0000-000000000000"
		}
		if _, err := update(in, id, order.Completed, nil); !errors.Is(err, order.ErrNotFound) {
			t.Errorf("%s order: %v", name, err)
		}
	}
}

func TestOfManyBumpsOfOneVersionOneWins(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	for range 20 {
		id, version := f.order(r), int64(1)
		var won atomic.Int32
		var cooks sync.WaitGroup
		for i := range 8 {
			to := []order.Status{order.Preparing, order.Ready, order.Completed}[i%3]
			cooks.Go(func() {
				got, err := f.db.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: id, Status: to, Version: &version})
				var conflict *order.ConflictError
				switch {
				case err == nil && got.Version == 2:
					won.Add(1) // by moving it, or by wanting what it has become
				case err == nil || !errors.As(err, &conflict):
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		cooks.Wait()
		if v := f.queue(r); won.Load() == 0 || len(v.Orders) > 0 && v.Orders[0].Version != 2 {
			t.Errorf("%d won: %+v", won.Load(), v)
		}
		f.exec(`delete from orders`)
	}
}

func TestBumpsWithoutVersionNeverConflict(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	id := f.order(r)
	var cooks sync.WaitGroup
	for range 6 {
		cooks.Go(func() {
			if _, err := f.db.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: id, Status: order.Completed}); err != nil {
				t.Error(err)
			}
		})
	}
	cooks.Wait()
}

// Other programs have triggers on orders, which name their tables as they always do. A tap runs them as any other update does.
func TestTapRunsOtherProgramsTriggersWithTheirOwnSettings(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	id := f.order(r)
	f.exec(`create table audit (status text, by text, path text)`)
	f.exec(`create function audit() returns trigger language plpgsql as $$
		begin insert into audit values (NEW.status, current_user, current_setting('search_path')); return null; end $$`)
	f.exec(`create trigger audit after update on orders for each row execute function audit()`)
	if _, err := f.db.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: id, Status: order.Ready}); err != nil {
		t.Fatal(err)
	}
	want := f.id(`select 'ready ' || session_user || ' ' || current_setting('search_path')`)
	if got := f.id(`select status || ' ' || by || ' ' || path from audit`); got != want {
		t.Errorf("the trigger ran as %q, want %q", got, want)
	}
}
