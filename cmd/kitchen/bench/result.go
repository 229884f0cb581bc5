package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"
)

// Result is what a scenario has measured. Times are in milliseconds unless the name says otherwise. What was not measured is left
// out.
type Result struct {
	Scenario    string  `json:"scenario"`
	Displays    int     `json:"displays,omitempty"`
	Restaurants int     `json:"restaurants,omitempty"`
	Writers     int     `json:"writers,omitempty"`
	Rate        float64 `json:"rate,omitempty"` // asked for, orders a second
	Seconds     float64 `json:"seconds,omitempty"`

	Connect     float64 `json:"connect_ms,omitempty"`   // until every display had its queue
	ConnectRate float64 `json:"connect_rate,omitempty"` // displays a second

	Orders      int     `json:"orders,omitempty"`
	OrderRate   float64 `json:"orders_per_second,omitempty"`
	Delivered   int     `json:"delivered"`
	Lost        int     `json:"lost"`
	Duplicated  int     `json:"duplicated"`
	Disordered  int     `json:"out_of_order"`
	Latency     *Spread `json:"commit_to_display_ms,omitempty"`
	Last        *Spread `json:"commit_to_last_display_ms,omitempty"`
	Floor       *Spread `json:"floor_ms,omitempty"`      // of Latency: gorilla and pgx, nothing read
	FloorLast   *Spread `json:"floor_last_ms,omitempty"` // of Last
	Echo        *Spread `json:"floor_notify_ms,omitempty"`
	Ratio       float64 `json:"ratio,omitempty"` // of p50 to the floor's; of Last where there is one
	ServerCPU   float64 `json:"server_cpu_s,omitempty"`
	PostgresCPU float64 `json:"postgres_cpu_s,omitempty"` // without autovacuum
	Postgres    *usage  `json:"postgres_cpu_ms,omitempty"`
	FloorCPU    float64 `json:"floor_cpu_s,omitempty"`
	BenchCPU    float64 `json:"bench_cpu_s,omitempty"`

	Memory     float64 `json:"server_rss_kib,omitempty"`
	PerDisplay float64 `json:"rss_per_display_kib,omitempty"`

	Commits        float64 `json:"commits_per_second,omitempty"`
	CommitsWithout float64 `json:"commits_per_second_without_triggers,omitempty"`
	Copy           float64 `json:"copy_100000_s,omitempty"`
	CopyWithout    float64 `json:"copy_100000_s_without_triggers,omitempty"`

	Costs []Cost `json:"costs,omitempty"`

	Past      int        `json:"past,omitempty"` // orders that were there
	Intervals []Interval `json:"intervals,omitempty"`
}

// Spread is a distribution, in milliseconds.
type Spread struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// spread takes durations in ascending order.
func spread(sorted []time.Duration) *Spread {
	if len(sorted) == 0 {
		return nil
	}
	at := func(share float64) float64 {
		rank := int(math.Ceil(share * float64(len(sorted)))) // nearest rank
		return milliseconds(sorted[max(rank, 1)-1])
	}
	return &Spread{P50: at(0.5), P90: at(0.9), P99: at(0.99), Max: milliseconds(sorted[len(sorted)-1])}
}

// milliseconds rounds to microseconds.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (s *Spread) String() string {
	return fmt.Sprintf("p50 %.2f  p90 %.2f  p99 %.2f  max %.2f ms", s.P50, s.P90, s.P99, s.Max)
}

// PrintJSON prints the results as one line.
func PrintJSON(w io.Writer, results []Result, m Machine) error {
	return json.NewEncoder(w).Encode(map[string]any{"machine": m, "results": results})
}

// PrintTable prints the results for people.
func PrintTable(w io.Writer, results []Result) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, r := range results {
		r.print(t)
	}
	return t.Flush()
}

func (r *Result) print(w io.Writer) {
	name := r.Scenario
	row := func(what, format string, args ...any) {
		fmt.Fprintf(w, "%s\t%s\t%s\n", name, what, fmt.Sprintf(format, args...))
		name = ""
	}
	if r.Displays > 0 {
		row("displays", "%d of %d restaurants, connected in %.0f ms (%.0f/s)", r.Displays, r.Restaurants, r.Connect, r.ConnectRate)
	}
	if r.Orders > 0 {
		row("orders", "%d by %d writers in %.1f s, %.0f/s", r.Orders, r.Writers, r.Seconds, r.OrderRate)
		row("events", "%d delivered, %d lost, %d duplicated, %d out of order", r.Delivered, r.Lost, r.Duplicated, r.Disordered)
	}
	for _, s := range []struct {
		what   string
		spread *Spread
	}{
		{"commit to display", r.Latency}, {"… floor", r.Floor},
		{"commit to last display", r.Last}, {"… floor", r.FloorLast}, {"bare NOTIFY", r.Echo},
	} {
		if s.spread != nil {
			row(s.what, "%s", s.spread)
		}
	}
	if r.Ratio > 0 {
		row("times the floor", "%.2f", r.Ratio)
	}
	if r.ServerCPU > 0 {
		row("CPU", "server %.2f s, Postgres %.2f s, bench %.2f s", r.ServerCPU, r.PostgresCPU, r.BenchCPU)
		if r.FloorCPU > 0 {
			row("… floor", "%.2f s", r.FloorCPU)
		}
		if r.Orders > 0 && r.Postgres != nil {
			u := r.Postgres.times(1 / float64(r.Orders))
			row("CPU of Postgres", "%.2f ms an order: writers %.2f, node %.2f, background %.2f; autovacuum %.2f beside", u.sum(), u.Writers, u.Node, u.Background, u.Autovacuum)
		}
		if r.Orders > 0 {
			row("server CPU", "%.0f µs an order; %.2f of Postgres's", r.ServerCPU*1e6/float64(r.Orders), r.ServerCPU/max(r.PostgresCPU, 0.01))
		}
	}
	if r.Memory > 0 {
		row("server memory", "%.1f MiB, %.1f KiB a display more than before", r.Memory/1024, r.PerDisplay)
	}
	if r.Commits > 0 {
		row("orders with triggers", "%.0f commits/s", r.Commits)
	}
	if r.CommitsWithout > 0 {
		row("… without", "%.0f commits/s, %.2f times", r.CommitsWithout, r.CommitsWithout/r.Commits)
	}
	if r.CopyWithout > 0 {
		row("COPY of 100,000", "%.2f s; without triggers %.2f s, %.2f times", r.Copy, r.CopyWithout, r.Copy/r.CopyWithout)
	}
	for _, c := range r.Costs {
		c.print(row)
	}
	r.growth(row)
}
