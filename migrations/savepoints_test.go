package migrations_test

import (
	"context"
	"strings"
	"testing"
)

// An ORM that sets a savepoint for each row, and takes some back: what was kept is numbered without doubles, announced once an order,
// and what was taken back is neither seen nor received. More savepoints than a backend keeps in shared memory (64) are no matter.
func TestSavepointForEachRow(t *testing.T) {
	t.Parallel()
	for _, isolation := range []string{"read committed", "repeatable read", "serializable"} {
		t.Run(isolation, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			h.stations()
			s := h.session()
			s.exec(`begin isolation level ` + isolation)
			kept := 0
			for i := range 100 {
				s.exec(`savepoint a`)
				var id string
				if err := s.conn.QueryRow(t.Context(), `insert into orders (restaurant_id) values ($1) returning id::text`, h.a).Scan(&id); err != nil {
					t.Fatal(err)
				}
				for range 2 {
					s.exec(`savepoint b`)
					s.exec(`insert into order_items (order_id, name, category) values ($1, 'Soup', 'meat')`, id)
					s.exec(`update orders set notes = notes || '.' where id = $1`, id)
					if i%3 == 0 {
						s.exec(`rollback to b`)
					}
					s.exec(`release b`)
				}
				if i%4 == 0 {
					s.exec(`rollback to a`)
				} else {
					kept++
				}
				s.exec(`release a`)
			}
			s.exec(`savepoint a`)
			if _, err := s.conn.Exec(context.Background(), `insert into orders (restaurant_id, status) values ('`+h.a+`', 'no such')`); err == nil {
				t.Error("a wrong status was taken")
			}
			s.exec(`rollback to a`)
			s.exec(`commit`)

			received := h.received()
			if n := strings.Count(strings.Join(received, "\n"), "A order_created"); n != kept || len(received) != kept {
				t.Errorf("%d of %d announcements are of new orders, want %d", n, len(received), kept)
			}
			got := h.one(`
				select count(*) || ' orders, ' || count(distinct order_number) || ' numbers, versions ' || min(v.version) || ' to ' || max(v.version) ||
				       ', lines ' || (select count(*) from order_items)
				  from orders o join kitchen.order_versions v on v.order_id = o.id`)
			if want := "75 orders, 75 numbers, versions 1 to 1, lines 100"; got != want {
				t.Errorf("%s; want %s", got, want)
			}
			if caught := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); caught != "" {
				t.Error(caught)
			}
			// Another transaction goes on with numbers of its own.
			if err := h.do(`insert into orders (restaurant_id) values ($A)`); err != nil {
				t.Fatal(err)
			}
			if doubles := h.one(`select count(*)::text from (select order_number from orders group by 1 having count(*) > 1) d`); doubles != "0" {
				t.Errorf("%s numbers were given twice", doubles)
			}
		})
	}
}
