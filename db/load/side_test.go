package load_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
	"kitchen/db/load"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// Both sides of a comparison have the same orders, the server knows of each how large its tables are, and what one side's clients
// compute is not counted to the other.
func TestSidesOfAComparisonAreAlike(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ours, err := load.Make(ctx, dbtest.New(t), 2)
	check(err)
	writer := func(d *load.Dataset) *load.Writer {
		t.Helper()
		w, err := d.Writer(ctx)
		check(err)
		t.Cleanup(w.Close)
		return w
	}
	filling, err := ours.Writer(ctx)
	check(err)
	check(filling.Fill(ctx, 0, 2, 5, 0))
	filling.Close()

	apart, err := ours.Apart(ctx)
	check(err)
	t.Cleanup(func() {
		if _, err := dbtest.Pool(t, ours.URL()).Exec(context.Background(), `drop database `+pgx.Identifier{databaseOf(t, apart.URL())}.Sanitize()+` (force)`); err != nil {
			t.Error(err)
		}
	})
	plain, err := apart.Plain(ctx)
	check(err)

	for side, schema := range map[*load.Dataset]string{ours: "public", plain: "bench_plain"} {
		check(load.Analyze(ctx, side.URL()))
		for table, want := range map[string]int{"orders": 10, "order_items": 10 * load.Lines, "order_item_modifiers": 10 * load.Modifiers} {
			var rows, known int
			check(dbtest.Pool(t, side.URL()).QueryRow(ctx, `select (select count(*) from `+schema+`.`+table+`), reltuples::int from pg_class where oid = $1::regclass`,
				schema+"."+table).Scan(&rows, &known))
			if rows != want || known != want {
				t.Errorf("%s.%s has %d rows, and the server knows of %d, want %d", schema, table, rows, known, want)
			}
		}
	}

	for side, other := range map[*load.Dataset]*load.Dataset{ours: plain, plain: ours} {
		mine, others := writer(side), writer(other)
		check(mine.Order(ctx, 100, 0))
		observer, err := load.Observe(ctx, side.URL())
		check(err)
		roles, err := observer.Roles(ctx)
		check(err)
		if roles[mine.Pid()] != load.Writing || roles[others.Pid()] != load.Elsewhere || roles[observer.Pid()] != load.Elsewhere {
			t.Errorf("seen from one side, its writer does %v, the other's %v, and who looks %v", roles[mine.Pid()], roles[others.Pid()], roles[observer.Pid()])
		}
		observer.Close()
	}
}

func databaseOf(t *testing.T, url string) string {
	t.Helper()
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return cfg.Database
}
