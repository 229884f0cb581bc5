package migrations_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
	"kitchen/db/load"
)

// parts are taken away from our tables one after the other. What is left then costs what plain tables do.
var parts = []struct{ name, sql string }{
	{"as they are", ``},
	{"and without announcing lines and modifiers", `
		drop trigger kitchen_watch_insert on order_items; drop trigger kitchen_watch_update on order_items;
		drop trigger kitchen_watch_insert on order_item_modifiers; drop trigger kitchen_watch_update on order_item_modifiers`},
	{"and without announcing orders", `
		drop trigger kitchen_watch_insert on orders; drop trigger kitchen_watch_update on orders`},
	{"and without completing lines and modifiers", `
		drop trigger order_items_complete on order_items; drop trigger order_item_modifiers_complete on order_item_modifiers;
		alter table order_items alter name set default 'Soup', alter restaurant_id drop not null;
		alter table order_item_modifiers alter name set default 'hot', alter restaurant_id drop not null`},
	{"and without completing orders", `
		drop trigger orders_complete_insert on orders; drop trigger orders_complete_update on orders;
		alter table orders alter order_number set default 1`},
}

// costly is a database whose writes are measured.
type costly struct {
	name   string
	writer *load.Writer
	turns  [len(costlyKinds)]int
	took   [len(costlyKinds)][]float64 // of each slice, the shortest transaction, in µs
}

const standing = 1 << 28 // the first of the orders that are there

var costlyKinds = [...]struct {
	name string
	do   func(b *testing.B, w *load.Writer, turn int) error
}{
	{"order", func(b *testing.B, w *load.Writer, turn int) error { return w.Order(b.Context(), turn, turn%200) }},
	{"row by row", func(b *testing.B, w *load.Writer, turn int) error {
		return w.OrderRowByRow(b.Context(), 1<<27+turn, turn%200)
	}},
	{"status", func(b *testing.B, w *load.Writer, turn int) error {
		return w.Status(b.Context(), standing+turn%200, []string{"preparing", "ready", "preparing", "pending"}[turn/200%4])
	}},
	{"line", func(b *testing.B, w *load.Writer, turn int) error {
		return w.Line(b.Context(), standing+turn%200, turn/200%load.Lines)
	}},
}

// BenchmarkWhatAnOrderCosts prints what a writer's transactions take on plain tables, on ours, and on ours with one part less after
// the other. One client, in slices of ten transactions by turns, on a server in memory, so that a transaction takes what its backend
// computes: what other programs take away from the machine hits all alike, and the shortest of each slice, of which the tenth
// percentile is printed, hardly at all.
func BenchmarkWhatAnOrderCosts(b *testing.B) {
	const rounds, slicesEach = 4, 40
	sides := []*costly{newCostly(b, "plain tables", "", true)}
	sql := ""
	for _, p := range parts {
		sql += p.sql + ";"
		sides = append(sides, newCostly(b, p.name, sql, false))
	}
	for b.Loop() {
		for round := range rounds {
			for k, kind := range costlyKinds {
				for range slicesEach {
					for _, s := range sides {
						least := time.Hour
						for range 10 {
							began := time.Now()
							if err := kind.do(b, s.writer, s.turns[k]); err != nil {
								b.Fatalf("%s: %v", s.name, err)
							}
							least = min(least, time.Since(began))
							s.turns[k]++
						}
						if round > 0 { // before, plans are made and caches filled
							s.took[k] = append(s.took[k], float64(least.Nanoseconds())/1000)
						}
					}
				}
			}
		}
	}
	var table strings.Builder
	for k, kind := range costlyKinds {
		plain := tenth(sides[0].took[k])
		for _, s := range sides {
			fmt.Fprintf(&table, "%-12s %-44s %6.0f µs, %.2f times plain tables\n", kind.name, s.name, tenth(s.took[k]), tenth(s.took[k])/plain)
		}
		b.ReportMetric(tenth(sides[1].took[k])/plain, strings.ReplaceAll(kind.name, " ", "-")+"-times-plain")
	}
	fmt.Print("\n", table.String()) // b.Log cuts it short
}

func tenth(d []float64) float64 { d = slices.Sorted(slices.Values(d)); return d[len(d)/10] }

// newCostly makes a database of 1,500 orders that was analysed, so that plans are those of a database in use.
func newCostly(b *testing.B, name, sql string, plain bool) *costly {
	b.Helper()
	url := dbtest.New(b)
	check := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatalf("%s: %v", name, err)
		}
	}
	ground, err := load.Make(b.Context(), url, 200)
	check(err)
	if plain {
		ground, err = ground.Plain(b.Context())
		check(err)
	}
	pool := dbtest.Pool(b, url)
	_, err = pool.Exec(b.Context(), sql, pgx.QueryExecModeSimpleProtocol)
	check(err)
	w, err := ground.Writer(b.Context())
	check(err)
	b.Cleanup(w.Close)
	for i := range 1500 {
		number := standing + i
		if i >= 200 {
			number = 1<<26 + i
		}
		check(w.Order(b.Context(), number, i%200))
	}
	_, err = pool.Exec(b.Context(), `vacuum analyze`)
	check(err)
	return &costly{name: name, writer: w}
}
