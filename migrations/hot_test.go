package migrations_test

import (
	"fmt"
	"testing"
)

// An update of the status writes no index while the order stays open: the new row is in the page of the old one, and every index still
// finds it. One that leaves the queue does write them.
func TestStatusOfAnOpenOrderWritesNoIndex(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`insert into orders (restaurant_id) select $A from generate_series(1, 40)`); err != nil {
		t.Fatal(err)
	}
	count := func(sql string) string {
		t.Helper()
		tx, err := h.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		read := func() (all, hot int) {
			t.Helper()
			if err := tx.QueryRow(t.Context(), `select pg_stat_get_xact_tuples_updated(c), pg_stat_get_xact_tuples_hot_updated(c) from (select 'orders'::regclass::oid as c) o`).Scan(&all, &hot); err != nil {
				t.Fatal(err)
			}
			return all, hot
		}
		allBefore, hotBefore := read()
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		all, hot := read()
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d of %d", hot-hotBefore, all-allBefore)
	}
	const each = `update orders set status = '%s' where order_number = 1`
	for _, c := range []struct{ sql, want string }{
		{fmt.Sprintf(each, "preparing"), "1 of 1"},
		{fmt.Sprintf(each, "ready"), "1 of 1"},
		{`update orders set notes = 'hot', priority = 2 where order_number = 2`, "1 of 1"},
		{fmt.Sprintf(each, "completed"), "0 of 1"},
	} {
		if got := count(c.sql); got != c.want {
			t.Errorf("%s: %s updates write no index, want %s", c.sql, got, c.want)
		}
	}
}
