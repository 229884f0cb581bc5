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
	CPU    float64 `json:"postgres_cpu_ms"`      // of Postgres for a write: what clients of that database take, without background and autovacuum
	Node   float64 `json:"node_postgres_cpu_ms"` // of CPU: reading for displays and listening
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

// costOf compares the slices of both sides, pair by pair. A pair in which a side wrote nothing, on a busy machine, has no ratio. It is an error
// where there is no other.
func costOf(what, beside string, ours, floors []slice) (Cost, error) {
	c := Cost{What: what, Beside: beside}
	c.Ours, c.CPU, c.Node = total(ours)
	c.Plain, c.Least, _ = total(floors)
	var rates, cpus []float64
	for i := range ours {
		o, f := ours[i], floors[i]
		if o.writes == 0 || f.writes == 0 {
			continue
		}
		rates = append(rates, float64(o.writes)/o.took.Seconds()/(float64(f.writes)/f.took.Seconds()))
		if f.cpu > 0 { // else a turn too short to be counted
			cpus = append(cpus, o.cpu/float64(o.writes)/(f.cpu/float64(f.writes)))
		}
	}
	if rates == nil {
		return c, fmt.Errorf("%s: the time is too short for both sides to write: give a longer --duration", what)
	}
	c.RateRatio = rangeOf(rates)
	if cpus != nil {
		c.CPURatio = rangeOf(cpus)
	}
	return c, nil
}

// total returns the writes a second over all slices, the milliseconds of Postgres's CPU for each, and what of that was reading and listening.
func total(all []slice) (rate, cpu, node float64) {
	var t slice
	for _, s := range all {
		t.writes, t.took, t.cpu, t.node = t.writes+s.writes, t.took+s.took, t.cpu+s.cpu, t.node+s.node
	}
	n := float64(t.writes)
	return n / t.took.Seconds(), t.cpu / n, t.node / n
}

// ours says what one write costs our tables.
func (c Cost) ours() string {
	s := fmt.Sprintf("%.0f/s, %.2f ms each", c.Ours, c.CPU)
	if c.Node > 0 {
		s += fmt.Sprintf(" (a node's %.2f)", c.Node)
	}
	return s
}

func (c Cost) print(row func(what, format string, args ...any)) {
	row(c.What, "%s; %s %.0f/s, %.2f ms of Postgres's CPU", c.ours(), c.Beside, c.Plain, c.Least)
	row("… to "+c.Beside, "rate %s, CPU %s", c.RateRatio, c.CPURatio)
}
