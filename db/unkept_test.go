package db_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
	"kitchen/db/order"
	"kitchen/db/tenant"
)

// A name that a database's encoding has no letters for is the user's to change: it is no outage that one waits for.
func TestNamesThatTheDatabaseCannotKeepAreRefused(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), encoded(t, "LATIN1"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	const restaurant = "00000000-0000-4000-8000-00000000000a"
	addStation := func(name string) error {
		return d.UseReserved(t.Context(), func(conn *pgx.Conn) error {
			_, err := tenant.NewSetUp(conn, restaurant).AddStation(context.Background(), name, "prep")
			return err
		})
	}
	pair := func(name string) error {
		_, err := d.Pair(t.Context(), order.Confirmation{Code: "00000000", Restaurant: restaurant, Name: name, Role: order.BoardRole})
		return err
	}
	for what, do := range map[string]func(name string) error{"a station": addStation, "a screen": pair} {
		for _, name := range []string{"面", "a\x00"} {
			var refused *order.RefusedError
			if err := do(name); !errors.As(err, &refused) || refused.Reason != "the name has characters that the database cannot keep: give another one" {
				t.Errorf("%s %q: %v", what, name, err)
			}
		}
	}
}
