package attach_test

import (
	"context"
	"testing"

	"kitchen/db/attach"
)

// A transaction of the host that has written one table, and goes on to another, does not fail because a mapping is checked, installed or taken off
// meanwhile, each of which locks both.
func TestTransactionsOfTheHostDoNotEndInADeadlock(t *testing.T) {
	h := fixture(t, "django")
	m := mapping(t, "django")
	for _, c := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"check", func(ctx context.Context) error { _, err := attach.Check(ctx, h.conn, m); return err }},
		{"up", func(ctx context.Context) error { _, err := attach.Up(ctx, h.conn, m); return err }},
		{"down", func(ctx context.Context) error { _, err := attach.Down(ctx, h.conn); return err }},
	} {
		writer, look := h.connect(), h.connect()
		// The writer looks for a deadlock after 0.6 s, before the other does after 1 s, as if it had begun to wait first.
		if _, err := writer.Exec(t.Context(), `set deadlock_timeout = '600ms'; begin; lock table tables_table in row exclusive mode`); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- c.do(t.Context()) }()
		var other string
		for other == "" { // until it waits for the writer, and holds another table
			err := look.QueryRow(t.Context(), `
				select coalesce((select min(l.relation::regclass::text) from pg_locks l join pg_class r on r.oid = l.relation and r.relkind = 'r' and r.relnamespace = 'public'::regnamespace
				                  where l.granted and l.mode in ('ShareRowExclusiveLock', 'AccessExclusiveLock')
				                    and l.pid in (select w.pid from pg_locks w where not w.granted and w.relation = 'tables_table'::regclass)), '')`).Scan(&other)
			if err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-done:
				t.Fatalf("%s ended, and did not wait: %v", c.name, err)
			default:
			}
		}
		if _, err := writer.Exec(t.Context(), `lock table `+other+` in row exclusive mode`); err != nil {
			t.Errorf("%s: the writer fails: %v", c.name, err)
		}
		if _, err := writer.Exec(t.Context(), `rollback`); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
