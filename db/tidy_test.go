package db_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
	"kitchen/db/order"
)

func TestTidyingKeepsVersionsAndForgetsWhatIsGone(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	now, past := f.order(r), f.order(r)
	for range 4 {
		f.exec(`insert into order_items (order_id, name) select id, 'Tea' from orders`)
	}
	f.exec(`update orders set status = 'completed' where id = $1`, past)
	f.exec(`update kitchen.order_changes set changed_at = changed_at - interval '2 days'`)
	f.exec(`insert into order_items (order_id, name) values ($1, 'now')`, now)
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
	if left := f.id(`select count(*) || ' ' || sum(version) from kitchen.order_changes where order_id = $1`, past); left != "1 4" {
		t.Errorf("rows and changed lines of an order that is over: %s, want 1 4", left)
	}
	f.exec(`delete from orders where id = $1`, past)
	for tidied := 1; tidied > 0; {
		f.daysPass(2)
		var err error
		if tidied, err = f.db.Tidy(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
	}
	if rows := f.id(`select count(*)::text from kitchen.order_changes where order_id = $1`, past); rows != "0" {
		t.Errorf("%s rows of an order that is gone are left", rows)
	}
	if _, err := f.db.UpdateStatus(t.Context(), order.StatusUpdate{Restaurant: r, Order: now, Status: order.Ready}); err != nil {
		t.Error(err)
	}
}

// daysPass makes all that tidying looks at so many days older.
func (f fixture) daysPass(days int) {
	f.Helper()
	f.exec(`update kitchen.order_changes set changed_at = changed_at - $1 * interval '1 day'`, days)
	f.exec(`update kitchen.tidied set upto = upto - $1 * interval '1 day', swept_on = swept_on - $1::int`, days)
}

// A host that deletes its old orders in one night deletes more than one call forgets; and no node may have been there for days to tidy.
func TestTidyingForgetsAllThatIsGoneHoweverManyAndHoweverLate(t *testing.T) {
	t.Parallel()
	f := open(t)
	r := f.restaurant()
	kept := f.order(r)
	tidy := func() {
		t.Helper()
		for calls := 1; ; calls++ {
			n, err := f.db.Tidy(t.Context(), 3)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				return
			}
			if calls > 100 {
				t.Fatal("it does not end")
			}
		}
	}
	tidy()
	f.exec(`insert into orders (restaurant_id) select $1 from generate_series(1, 20)`, r)
	f.exec(`insert into order_items (order_id, name) values ($1, 'Tea')`, kept)
	f.exec(`insert into order_items (order_id, name) values ($1, 'Tea')`, kept)
	f.exec(`delete from orders where id <> $1`, kept)
	tidy()
	if rows := f.id(`select count(*)::text from kitchen.order_changes where gone`); rows != "20" {
		t.Errorf("%s orders that were just deleted are remembered, want 20", rows)
	}
	f.daysPass(6)
	tidy()
	if rows := f.id(`select count(*) || ' ' || sum(version) from kitchen.order_changes`); rows != "1 2" {
		t.Errorf("rows and changes after six days: %s, want 1 2, of the order that is there", rows)
	}
	f.daysPass(1)
	tidy()
	if rows := f.id(`select count(*) || ' ' || sum(version) from kitchen.order_changes`); rows != "1 2" {
		t.Errorf("rows and changes after a week: %s, want 1 2", rows)
	}
}

// Tidying takes what has changed lately, and not the longer the more orders there ever were. It goes on where it ended.
func TestTidyingReadsNothingOfThePast(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	f := fixture{T: t, pool: dbtest.Pool(t, url)}
	conn := dbtest.Conn(t, url)
	r := f.restaurant()
	f.exec(`insert into kitchen.order_changes (order_id, restaurant_id, version, changed_at, xact)
		select gen_random_uuid(), $1, 4, now() - interval '30 days' + n * interval '20 seconds', n from generate_series(1, 100000) n`, r)
	f.exec(`vacuum analyze kitchen.order_changes`)
	order := f.order(r)
	f.exec(`insert into order_items (order_id, name) values ($1, 'Tea')`, order)
	f.exec(`insert into order_items (order_id, name) values ($1, 'Tea')`, order)
	f.exec(`update kitchen.order_changes set changed_at = changed_at - interval '1 hour' where order_id = $1`, order)
	f.exec(`vacuum kitchen.order_changes`)
	// As a node's connections are: what is kept apart for tidying must not need anything else.
	if _, err := conn.Exec(t.Context(), `set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off; set enable_hashjoin = off;
		set enable_mergejoin = off; set enable_material = off; set plan_cache_mode = force_generic_plan`); err != nil {
		t.Fatal(err)
	}
	const pages = `select pg_relation_size('kitchen.order_changes') / 8192`
	const read = `select pg_stat_get_xact_blocks_fetched('kitchen.order_changes'::regclass) + pg_stat_get_xact_blocks_fetched('kitchen.order_changes_pkey'::regclass)`
	for run, left := 0, true; left; run++ {
		var done, before, blocks, all int
		err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
			if err := tx.QueryRow(t.Context(), read).Scan(&before); err != nil { // what earlier transactions have not reported yet
				return err
			}
			if err := tx.QueryRow(t.Context(), `select kitchen.tidy_order_changes(1000)`).Scan(&done); err != nil {
				return err
			}
			if err := tx.QueryRow(t.Context(), read).Scan(&blocks); err != nil {
				return err
			}
			return tx.QueryRow(t.Context(), pages).Scan(&all)
		})
		if err != nil {
			t.Fatal(err)
		}
		blocks -= before
		t.Logf("run %d read %d blocks; the table has %d", run, blocks, all)
		if left = done > 0; left && run > 10 {
			t.Fatal("it does not end")
		}
		if !left && blocks > all/4 {
			t.Errorf("with nothing new it read %d blocks, and the table has %d: it reads the past", blocks, all)
		}
	}
	if rows := f.id(`select count(*) || ' ' || sum(version) from kitchen.order_changes where order_id = $1`, order); rows != "1 2" {
		t.Errorf("rows and version of the order: %s, want 1 2", rows)
	}
}
