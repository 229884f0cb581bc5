package db_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kitchen/db"
)

func TestStatusMovesAsTheKitchenMay(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	all := []db.Status{db.Pending, db.Preparing, db.Ready, db.Completed, db.Cancelled}
	allowed := map[string]bool{}
	for _, move := range strings.Fields(`pending>preparing pending>ready pending>completed preparing>ready preparing>completed
		ready>completed preparing>pending ready>preparing completed>ready completed>preparing completed>pending`) {
		allowed[move] = true
	}
	for _, from := range all {
		for _, to := range all {
			order := f.order(r)
			f.exec(`update orders set status = $1 where id = $2`, from, order)
			got, err := f.db.UpdateStatus(t.Context(), db.StatusUpdate{Restaurant: r, Order: order, Status: to})
			switch move := string(from + ">" + to); {
			case from == to || allowed[move]:
				if err != nil || got.Status != to {
					t.Errorf("%s: %+v, %v", move, got, err)
				}
			case !errors.Is(err, db.ErrNotAllowed):
				t.Errorf("%s: %v, want %v", move, err, db.ErrNotAllowed)
			}
		}
	}
	late := f.order(r)
	f.exec(`update orders set status = 'completed', completed_at = now() - interval '61 minutes' where id = $1`, late)
	if _, err := f.db.UpdateStatus(t.Context(), db.StatusUpdate{Restaurant: r, Order: late, Status: db.Ready}); !errors.Is(err, db.ErrNotAllowed) {
		t.Errorf("recall after the window: %v", err)
	}
}

func TestStatusUpdateComparesTheVersion(t *testing.T) {
	t.Parallel()
	f := open(t)
	r, other := f.restaurant(), f.restaurant()
	order := f.order(r)
	one, two := int64(1), int64(2)
	update := func(in db.RestaurantID, id db.OrderID, s db.Status, v *int64) (db.StatusResult, error) {
		return f.db.UpdateStatus(t.Context(), db.StatusUpdate{Restaurant: in, Order: id, Status: s, Version: v})
	}
	if got, err := update(r, order, db.Preparing, &one); err != nil || got != (db.StatusResult{Status: db.Preparing, Version: 2}) {
		t.Errorf("first tap: %+v, %v", got, err)
	}
	if got, err := update(r, order, db.Preparing, &one); err != nil || got.Version != 2 {
		t.Errorf("asking for the status it has: %+v, %v", got, err)
	}
	var conflict *db.ConflictError
	if _, err := update(r, order, db.Ready, &one); !errors.As(err, &conflict) || conflict.Status != db.Preparing || conflict.Version != 2 {
		t.Errorf("double tap: %v", err)
	}
	if _, err := update(r, order, db.Ready, &two); err != nil {
		t.Errorf("second tap: %v", err)
	}
	for name, in := range map[string]db.RestaurantID{"foreign": other, "mine": r} {
		id := order
		if name == "mine" {
			id = "00000000-0000-0000-0000-000000000000"
		}
		if _, err := update(in, id, db.Completed, nil); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s order: %v", name, err)
		}
	}
}

func TestOfManyBumpsOfOneVersionOneWins(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	for range 20 {
		order, version := f.order(r), int64(1)
		var won atomic.Int32
		var cooks sync.WaitGroup
		for i := range 8 {
			to := []db.Status{db.Preparing, db.Ready, db.Completed}[i%3]
			cooks.Go(func() {
				got, err := f.db.UpdateStatus(t.Context(), db.StatusUpdate{Restaurant: r, Order: order, Status: to, Version: &version})
				var conflict *db.ConflictError
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
	order := f.order(r)
	var cooks sync.WaitGroup
	for range 6 {
		cooks.Go(func() {
			if _, err := f.db.UpdateStatus(t.Context(), db.StatusUpdate{Restaurant: r, Order: order, Status: db.Completed}); err != nil {
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
	if _, err := f.db.UpdateStatus(t.Context(), db.StatusUpdate{Restaurant: r, Order: id, Status: db.Ready}); err != nil {
		t.Fatal(err)
	}
	want := f.id(`select 'ready ' || session_user || ' ' || current_setting('search_path')`)
	if got := f.id(`select status || ' ' || by || ' ' || path from audit`); got != want {
		t.Errorf("the trigger ran as %q, want %q", got, want)
	}
}
