package db_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// Planning a read takes PostgreSQL four times as long as reading an order. So no read is planned for the parameters at hand:
// a connection's own view of its prepared statements says how often each was.
func TestReadsArePlannedOnceAConnection(t *testing.T) {
	url := dbtest.New(t)
	one := strings.Replace(url, "?", "?pool_max_conns=1&", 1)
	d, err := db.Open(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	restaurant, id := order.RestaurantID("0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"), order.OrderID("0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f11")
	reads := map[string]func() error{
		"orders": func() error {
			_, err := d.Orders(t.Context(), []db.OrderKey{{Restaurant: restaurant, Order: id}})
			return err
		},
		"queues":       func() error { _, err := d.Queues(t.Context(), []order.RestaurantID{restaurant}); return err },
		"recent":       func() error { _, err := d.Recent(t.Context(), restaurant); return err },
		"fingerprints": func() error { _, err := d.Fingerprints(t.Context(), []order.RestaurantID{restaurant}); return err },
	}
	const times = 10 // PostgreSQL decides after five
	for name, read := range reads {
		for range times {
			if err := read(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	var statements, generic int
	var custom []string
	err = db.Pool(d).AcquireFunc(t.Context(), func(c *pgxpool.Conn) error {
		return c.QueryRow(t.Context(), `
			select count(*), sum(generic_plans), coalesce(array_agg(statement) filter (where custom_plans > 0), '{}')
			  from pg_prepared_statements where statement not like '%custom_plans%' and (statement ~ 'kitchen[.]order(s|_rows)' or statement like '%kitchen.restaurants%')`).
			Scan(&statements, &generic, &custom)
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := len(reads) + 1; statements != want || generic < times*want { // queues are two
		t.Errorf("%d statements were run %d times, want %d and %d", statements, generic, want, times*want)
	}
	for _, statement := range custom {
		t.Errorf("planned for the parameters at hand: %s", statement)
	}
}
