package bench

import (
	"fmt"
	"slices"
)

// Cost compares what one kind of write costs in our tables and in an application's plain tables, where one bare trigger notifies
// for each row and the server reads nothing. Both have the same number of connected displays, and both are written by turns in short
// slices, because a machine's speed drifts.
type Cost struct {
	What   string  `json:"what"`
	Beside string  `json:"beside"` // what ours is compared with
	Ours   float64 `json:"writes_per_second"`
	Plain  float64 `json:"plain_writes_per_second"`
	CPU    float64 `json:"postgres_cpu_ms"` // of Postgres for a write: what clients of that database take, without background and autovacuum
	Least  float64 `json:"plain_postgres_cpu_ms"`

	RateRatio Range `json:"rate_ratio"` // ours to plain: higher is better
	CPURatio  Range `json:"cpu_ratio"`  // lower is better
}

// Range is the median of several measurements, with the quartiles around it: half of them were between.
type Range struct {
	Low    float64 `json:"low"`
	Median float64 `json:"median"`
	High   float64 `json:"high"`
}

func rangeOf(figures []float64) Range {
	sorted := slices.Sorted(slices.Values(figures))
	n := len(sorted)
	return Range{sorted[n/4], sorted[n/2], sorted[n-1-n/4]}
}

func (r Range) String() string { return fmt.Sprintf("%.2f (%.2f to %.2f)", r.Median, r.Low, r.High) }

func costOf(what, beside string, ours, floors []slice) Cost {
	c := Cost{What: what, Beside: beside}
	c.Ours, c.CPU = total(ours)
	c.Plain, c.Least = total(floors)
	var rates, cpus []float64
	for i := range ours {
		o, f := ours[i], floors[i]
		rates = append(rates, float64(o.writes)/o.took.Seconds()/(float64(f.writes)/f.took.Seconds()))
		if f.cpu > 0 { // else a turn too short to be counted
			cpus = append(cpus, o.cpu/float64(o.writes)/(f.cpu/float64(f.writes)))
		}
	}
	c.RateRatio = rangeOf(rates)
	if cpus != nil {
		c.CPURatio = rangeOf(cpus)
	}
	return c
}

// total returns the writes a second over all slices, and the milliseconds of Postgres's CPU for each.
func total(all []slice) (rate, cpu float64) {
	var t slice
	for _, s := range all {
		t.writes, t.took, t.cpu = t.writes+s.writes, t.took+s.took, t.cpu+s.cpu
	}
	return float64(t.writes) / t.took.Seconds(), t.cpu / float64(t.writes)
}

func (c Cost) print(row func(what, format string, args ...any)) {
	row(c.What, "%.0f/s, %.2f ms of Postgres's CPU each; %s %.0f/s, %.2f ms", c.Ours, c.CPU, c.Beside, c.Plain, c.Least)
	row("… to "+c.Beside, "rate %s, CPU %s", c.RateRatio, c.CPURatio)
}
