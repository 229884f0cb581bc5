package bench

import (
	"fmt"
	"os"
	"strings"
)

// WriteReadme writes results into a document, between its marks <!-- measured: NAME --> and <!-- /measured -->. There is a part for what
// each kind of write costs, one for the long scenario, and one for all others, which changes only where all of them were measured.
func WriteReadme(file string, results []Result, m Machine) error {
	text, err := os.ReadFile(file) //nolint:gosec // a file that the user of the bench names
	if err != nil {
		return fmt.Errorf("read the document for the figures: %w", err)
	}
	changed := string(text)
	for _, part := range []struct{ name, text string }{
		{"scenarios", scenariosPart(results)}, {"writes", writesPart(results)}, {"long", longPart(results)},
	} {
		if part.text == "" {
			continue
		}
		before, rest, ok := strings.Cut(changed, "<!-- measured: "+part.name+" -->\n")
		_, after, ends := strings.Cut(rest, "<!-- /measured -->\n")
		if !ok || !ends {
			return fmt.Errorf("%s has no lines <!-- measured: %s --> and <!-- /measured --> for the figures to go between", file, part.name)
		}
		changed = before + "<!-- measured: " + part.name + " -->\n\n" + m.String() + "\n\n" + part.text + "\n<!-- /measured -->\n" + after
	}
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil { //nolint:gosec // a document that everybody may read
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}

// table lays rows out as a table of Markdown. The first row is its head.
func table(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
}

func writesPart(results []Result) string {
	rows := [][]string{{"what is done", "ours", "beside", "rate, to that", "CPU of Postgres, to that"}}
	for _, r := range results {
		for _, c := range r.Costs {
			rows = append(rows, []string{
				c.What, c.ours(), fmt.Sprintf("%s %.0f/s, %.2f ms", c.Beside, c.Plain, c.Least),
				c.RateRatio.String(), c.CPURatio.String(),
			})
		}
	}
	if len(rows) == 1 {
		return ""
	}
	return table(rows)
}

// scenariosPart is empty unless all scenarios of a whole run are there.
func scenariosPart(results []Result) string {
	of := make(map[string]Result)
	for _, r := range results {
		of[r.Scenario] = r
	}
	rows := [][]string{{"scenario", "measured", "floor of that run, median of each to it"}}
	lost, duplicated, disordered := 0, 0, 0
	for _, name := range WholeRun() {
		r, ok := of[name]
		if !ok {
			return ""
		}
		lost, duplicated, disordered = lost+r.Lost, duplicated+r.Duplicated, disordered+r.Disordered
		rows = append(rows, []string{"`" + name + "`", r.measured(), r.floor()})
	}
	return table(rows) + fmt.Sprintf("\nOf all orders, %d were lost, %d duplicated, %d out of order on displays.\n", lost, duplicated, disordered)
}

func (r *Result) measured() string {
	switch r.Scenario {
	case "latency", "stations":
		return fmt.Sprintf("commit → display, read from the database on the way: p50 %.2f ms, p99 %.2f ms", r.Latency.P50, r.Latency.P99)
	case "fanout":
		return fmt.Sprintf("commit → last of %d displays: p50 %.1f ms, p99 %.1f ms", r.Displays, r.Last.P50, r.Last.P99)
	case "load":
		return fmt.Sprintf("%d writers, %d displays of %d restaurants: %.0f orders/s of %.0f asked for, p99 %.1f ms; the node takes %.2f of Postgres's CPU",
			r.Writers, r.Displays, r.Restaurants, r.OrderRate, r.Rate, r.Latency.P99, r.ServerCPU/max(r.PostgresCPU, 0.01))
	case "idle":
		return fmt.Sprintf("memory of an idle display, of %d: %.1f KiB", r.Displays, r.PerDisplay)
	case "storm":
		return fmt.Sprintf("%d displays of %d restaurants connect at once, each with its queue of %d orders: %.2f s", r.Displays, r.Restaurants, openOrders, r.Connect/1000)
	}
	return fmt.Sprintf("a COPY of 100,000 orders: %.1f s", r.Copy)
}

func (r *Result) floor() string {
	switch {
	case r.Scenario == "import":
		return fmt.Sprintf("%.1f s without the triggers that notify: %.2f times", r.CopyWithout, r.Copy/r.CopyWithout)
	case r.FloorLast != nil && r.Scenario == "fanout":
		return fmt.Sprintf("p50 %.1f ms, p99 %.1f ms: %.2f times", r.FloorLast.P50, r.FloorLast.P99, r.Ratio)
	case r.Floor != nil:
		return fmt.Sprintf("p50 %.2f ms, p99 %.2f ms: %.2f times", r.Floor.P50, r.Floor.P99, r.Ratio)
	}
	return ""
}

func longPart(results []Result) string {
	for _, r := range results {
		if len(r.Intervals) > 0 {
			return r.longTables()
		}
	}
	return ""
}

func (r *Result) longTables() string {
	cost := [][]string{{"until, min", "orders/s", "CPU of Postgres an order, ms", "of that: writers, node, background", "autovacuum apart",
		"p50, p99 ms", "lost", "repairs", "notification queue"}}
	for _, i := range r.Intervals {
		latency := ""
		if i.Latency != nil {
			latency = fmt.Sprintf("%.1f, %.0f", i.Latency.P50, i.Latency.P99)
		}
		cost = append(cost, []string{
			fmt.Sprintf("%.0f", i.Minutes), fmt.Sprintf("%.0f", i.OrderRate), fmt.Sprintf("%.2f", i.Postgres.sum()),
			fmt.Sprintf("%.2f, %.2f, %.2f", i.Postgres.Writers, i.Postgres.Node, i.Postgres.Background), fmt.Sprintf("%.2f", i.Postgres.Autovacuum),
			latency, fmt.Sprint(i.Lost), fmt.Sprint(i.Repairs), fmt.Sprintf("%.4f", i.Queue),
		})
	}
	first, last := r.Intervals[0], r.Intervals[len(r.Intervals)-1]
	sizes := [][]string{{"table", "rows", "dead rows", "table, MiB", "indexes, MiB", "autovacuums"}}
	for _, t := range last.Tables {
		b := tableOf(first.Tables, t.Name)
		sizes = append(sizes, []string{
			"`" + t.Name + "`", fmt.Sprintf("%d → %d", b.Rows, t.Rows), fmt.Sprintf("%d → %d", b.Dead, t.Dead),
			fmt.Sprintf("%.0f → %.0f", b.Heap, t.Heap), fmt.Sprintf("%.0f → %.0f", b.Indexes, t.Indexes), fmt.Sprint(t.Vacuums),
		})
	}
	return fmt.Sprintf("%d past orders, %d restaurants, %d displays, %d writers, %.0f orders/s asked for, each with three more changes of status:\n\n",
		r.Past, r.Restaurants, r.Displays, r.Writers, r.Rate) + table(cost) + "\nAfter the first interval → after the last one:\n\n" + table(sizes)
}
