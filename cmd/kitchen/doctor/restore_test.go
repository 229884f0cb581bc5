package doctor

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/cmd/kitchen/database"
)

// A dump has SQL functions as the server prints them. Made of that again, they are not taken for other ones.
func TestDoctorKnowsFunctionsThatWereRestored(t *testing.T) {
	t.Parallel()
	c := newServer(t, nil)
	p := c.newDatabase(t)
	rows, err := p.owner.Query(t.Context(), `select pg_get_functiondef(p.oid) from pg_proc p where p.pronamespace = 'kitchen'::regnamespace and p.prosqlbody is not null`)
	if err != nil {
		t.Fatal(err)
	}
	printed, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(printed) == 0 {
		t.Fatalf("%d functions, %v", len(printed), err)
	}
	for _, function := range printed {
		if _, err := p.owner.Exec(t.Context(), function); err != nil {
			t.Fatal(err)
		}
	}
	diagnose(t, database.Config{URL: p.node()}).expect(t, "triggers", "ok")
}
