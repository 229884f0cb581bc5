package migrations_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
	"kitchen/db/load"
)

// parts are taken away from our tables one after the other. What is left then costs what plain tables do. Lines go before the announcing of
// orders, which spares them a look-up each.
var parts = []struct{ name, sql string }{
	{"as they are", ``},
	{"and without announcing lines and modifiers", `
		drop trigger kitchen_watch_insert on order_items; drop trigger kitchen_watch_update on order_items;
		drop trigger kitchen_watch_insert on order_item_modifiers; drop trigger kitchen_watch_update on order_item_modifiers`},
	{"and without completing lines and modifiers", `
		drop trigger "~order_items_complete_insert" on order_items; drop trigger "~order_items_complete_update" on order_items;
		drop trigger "~order_item_modifiers_complete_insert" on order_item_modifiers; drop trigger "~order_item_modifiers_complete_update" on order_item_modifiers;
		alter table order_items alter name set default 'Soup', alter restaurant_id drop not null;
		alter table order_item_modifiers alter name set default 'hot', alter restaurant_id drop not null`},
	{"and without announcing orders", `
		drop trigger kitchen_watch_insert on orders; drop trigger kitchen_watch_update on orders`},
	{"and without completing orders", `
		drop trigger "~orders_complete_insert" on orders; drop trigger "~orders_complete_update" on orders;
		alter table orders alter order_number set default 1`},
}

// costly is a database whose writes are measured.
type costly struct {
	name     string
	writers  []*load.Writer
	backends []int // their processes
	turns    [len(costlyKinds)]int
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
	sides := newSides(b, 1)
	byTurns(b, sides, rounds, slicesEach, func(b *testing.B, s *costly, k int) float64 {
		least := time.Hour
		for range 10 {
			began := time.Now()
			if err := costlyKinds[k].do(b, s.writers[0], s.turns[k]); err != nil {
				b.Fatalf("%s: %v", s.name, err)
			}
			least = min(least, time.Since(began))
			s.turns[k]++
		}
		return float64(least.Nanoseconds()) / 1000
	})
}

// BenchmarkWhatAnOrderCostsEightWriters prints the same for eight writers at once, who contend for locks and for the caches of the
// processors. It counts what their backends compute, as Linux counts it, because how long they wait says more of the machine.
func BenchmarkWhatAnOrderCostsEightWriters(b *testing.B) {
	const rounds, slicesEach, each = 4, 6, 25
	sides := newSides(b, 8)
	byTurns(b, sides, rounds, slicesEach, func(b *testing.B, s *costly, k int) float64 { return s.together(b, k, each) })
}

// byTurns measures slices of each kind on all sides by turns, and prints what they took.
func byTurns(b *testing.B, sides []*costly, rounds, slicesEach int, slice func(b *testing.B, s *costly, kind int) float64) {
	for k, kind := range costlyKinds {
		b.Run(strings.ReplaceAll(kind.name, " ", "-"), func(b *testing.B) {
			took := make([][]float64, len(sides))
			for b.Loop() {
				for round := range rounds {
					for range slicesEach {
						for i, s := range sides {
							spent := slice(b, s, k)
							if round > 0 { // before, plans are made and caches filled
								took[i] = append(took[i], spent)
							}
						}
					}
				}
			}
			var table strings.Builder
			plain := tenth(took[0])
			for i, s := range sides {
				fmt.Fprintf(&table, "%-12s %-44s %6.0f µs, %.2f times plain tables\n", kind.name, s.name, tenth(took[i]), tenth(took[i])/plain)
			}
			fmt.Print("\n", table.String()) // b.Log cuts it short
			b.ReportMetric(tenth(took[1])/plain, "times-plain")
		})
	}
}

// together has all writers do the same so many times each, and returns what one time took their backends, in µs.
func (c *costly) together(b *testing.B, kind, each int) float64 {
	b.Helper()
	before := c.computed(b)
	var all sync.WaitGroup
	for n, w := range c.writers {
		from := c.turns[kind] + n*each
		all.Go(func() {
			for turn := from; turn < from+each; turn++ {
				if err := costlyKinds[kind].do(b, w, turn); err != nil {
					b.Errorf("%s: %v", c.name, err)
					return
				}
			}
		})
	}
	all.Wait()
	times := each * len(c.writers)
	c.turns[kind] += times
	return (c.computed(b) - before) / float64(times)
}

// computed is what the backends have computed since they began, in µs (the first figure of schedstat, in nanoseconds).
func (c *costly) computed(b *testing.B) (sum float64) {
	b.Helper()
	for _, pid := range c.backends {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
		if err != nil {
			b.Fatalf("what a backend computes is counted on Linux alone: %v", err)
		}
		first, _, _ := strings.Cut(string(text), " ")
		nanoseconds, err := strconv.ParseFloat(first, 64)
		if err != nil {
			b.Fatalf("read what process %d has computed: %v", pid, err)
		}
		sum += nanoseconds / 1000
	}
	return sum
}

// newSides are plain tables, ours, ours with one part less after the other, and the least that triggers could do for orders.
func newSides(b *testing.B, writers int) []*costly {
	b.Helper()
	sides := []*costly{newCostly(b, writers, "plain tables", "", true)}
	sql := ""
	for _, p := range parts {
		sql += p.sql + ";"
		sides = append(sides, newCostly(b, writers, p.name, sql, false))
	}
	return append(sides, newCostly(b, writers, "the least that triggers could do", leastTriggers, false))
}

func tenth(d []float64) float64 { d = slices.Sorted(slices.Values(d)); return d[len(d)/10] }

// newCostly makes a database of 1,500 orders that was analysed, so that plans are those of a database in use.
func newCostly(b *testing.B, writers int, name, sql string, plain bool) *costly {
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
	c := &costly{name: name}
	for range writers {
		w, err := ground.Writer(b.Context())
		check(err)
		b.Cleanup(w.Close)
		c.writers = append(c.writers, w)
	}
	for i := range 1500 {
		number := standing + i
		if i >= 200 {
			number = 1<<26 + i
		}
		check(c.writers[0].Order(b.Context(), number, i%200))
	}
	_, err = pool.Exec(b.Context(), `vacuum analyze`)
	check(err)
	rows, err := pool.Query(b.Context(), `select pid from pg_stat_activity where datname = current_database() and application_name = 'kitchen-bench'`)
	check(err)
	c.backends, err = pgx.CollectRows(rows, pgx.RowTo[int])
	check(err)
	return c
}
