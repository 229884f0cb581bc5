package db_test

import (
	"testing"

	"kitchen/db"
)

func TestTidyingKeepsVersionsAndForgetsWhatIsGone(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	now, past := f.order(r), f.order(r)
	for range 4 {
		f.exec(`update orders set priority = priority + 1`)
	}
	f.exec(`update orders set status = 'completed' where id = $1`, past)
	f.exec(`update kitchen.order_changes set changed_at = changed_at - interval '2 days'`)
	f.exec(`update orders set notes = 'now' where id = $1`, now)
	before := f.queue(r).Orders[0]
	for {
		n, err := f.db.Tidy(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	if after := f.queue(r).Orders[0]; after.Version != before.Version || after.Version != 6 || !after.UpdatedAt.Equal(before.UpdatedAt) {
		t.Errorf("version %d of %v became %d of %v", before.Version, before.UpdatedAt, after.Version, after.UpdatedAt)
	}
	if rows := f.id(`select count(*)::text from kitchen.order_changes where order_id = $1`, now); rows != "2" {
		t.Errorf("%s rows are left, want 2: of the past, and of now", rows)
	}
	// Versions rise as long as there is the order; those of one that was deleted are forgotten a day later.
	if left := f.id(`select count(*) || ' ' || sum(version) from kitchen.order_changes where order_id = $1`, past); left != "1 6" {
		t.Errorf("rows and version of an order that is over: %s, want 1 6", left)
	}
	f.exec(`delete from orders where id = $1`, past)
	for tidied := 1; tidied > 0; {
		f.exec(`update kitchen.order_changes set changed_at = changed_at - interval '25 hours' where order_id = $1 and gone`, past)
		var err error
		if tidied, err = f.db.Tidy(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
	}
	if rows := f.id(`select count(*)::text from kitchen.order_changes where order_id = $1`, past); rows != "0" {
		t.Errorf("%s rows of an order that is gone are left", rows)
	}
	if _, err := f.db.UpdateStatus(t.Context(), db.StatusUpdate{Restaurant: r, Order: now, Status: db.Ready}); err != nil {
		t.Error(err)
	}
}
