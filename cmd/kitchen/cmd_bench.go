package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/bench"
)

func benchCommand(p *program) *cobra.Command {
	return p.command(&cobra.Command{
		Use: "bench", Short: "measure how fast orders reach displays, and what that costs",
		Long: `Writes orders with three lines and three modifiers each, in real transactions, into restaurants that it makes and
removes, and opens displays over real sockets. Without DATABASE_URL it runs a private Postgres and a node of its own, and
leaves nothing behind. With DATABASE_URL it measures the node at --url, which must verify tokens with the same secret; it
asks for --yes, because it loads that database, and changes nothing in it but what it made.

  latency   one order at a time, one display      fanout    one order at a time, 500 displays of one restaurant
  stations  latency in a restaurant with three stations and a route for each item, to be compared with it
  load      1,600 orders a second, 1,000 displays of 200 restaurants
  idle      the memory of 5,000 displays          storm     1,000 displays at once, each with a queue of 20 orders
  import    what the database takes, with the triggers and, in a private Postgres, without
  attached  writes to a Django app's tables with our triggers, and with one that does nothing but notify; only when it is named
  long      200 orders a second for an hour over 5,000,000 past ones, and whether anything grows; only when it is named

The floor is the least that could do the same: gorilla/websocket and pgx as they come, nothing read from the database. It
is measured in the same run, because milliseconds say more of the machine. Ends with a table on standard output.`,
	}, action{
		settings: append(shared("database-url", "data-dir", "url", "jwt-secret", "json"), benchDefinitions()...),
		check:    checkBench,
		run:      runBench,
	})
}

// benchDefinitions are the settings that only bench has.
func benchDefinitions() []definition {
	const own = "the scenario's own"
	return []definition{
		{flag: "scenario", unit: "NAME,…", byDefault: "all but attached and long, one after the other",
			about: "What to measure: " + strings.Join(bench.Scenarios(), ", ") + ".",
			set:   setScenarios},
		{flag: "displays", unit: "NUMBER", byDefault: own, about: "How many displays, at most 60000.",
			set: setNumber(60_000, func(s *settings) *int { return &s.sockets })},
		{flag: "restaurants", unit: "NUMBER", byDefault: own, about: "How many restaurants share them.",
			set: setNumber(60_000, func(s *settings) *int { return &s.restaurants })},
		{flag: "rate", unit: "ORDERS", byDefault: "the scenario's own; import writes as fast as it can",
			about: "How many new orders a second, of all writers together.", set: setRate},
		{flag: "writers", unit: "NUMBER", byDefault: own, about: "How many connections write orders.",
			set: setNumber(1000, func(s *settings) *int { return &s.writers })},
		{flag: "duration", unit: "DURATION", byDefault: "10s; 3s for each part of import; 1h for long", about: "How long orders are written.",
			set: setDuration},
		{flag: "past", unit: "ORDERS", byDefault: "5000000", about: "How many orders of the past long begins with.",
			set: setNumber(100_000_000, func(s *settings) *int { return &s.past })},
		{flag: "readme", unit: "FILE", byDefault: "no document", about: "Also write the figures into this document, between the marks that are in it.",
			set: func(s *settings, v string) error { s.readme = v; return nil }},
		toggle("yes", "Measure with the database of DATABASE_URL, whatever else it is for.", func(s *settings) *bool { return &s.yes }),
		{flag: "floor", unit: "PREFIX", set: func(s *settings, v string) error { s.floor = v; return nil }},
	}
}

func setScenarios(s *settings, v string) error {
	s.scenarios = nil
	for name := range strings.SplitSeq(v, ",") {
		if name = strings.TrimSpace(name); !slices.Contains(bench.Scenarios(), name) {
			return fmt.Errorf("%q is not one of %s", name, strings.Join(bench.Scenarios(), ", "))
		}
		s.scenarios = append(s.scenarios, name)
	}
	return nil
}

func setNumber(most int, field func(*settings) *int) func(*settings, string) error {
	return func(s *settings, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > most {
			return fmt.Errorf("%q is not a whole number from 1 to %d", v, most)
		}
		*field(s) = n
		return nil
	}
}

func checkBench(s *settings, _ []string) (problems []string) {
	if s.floor != "" {
		return nil
	}
	if s.db.URL != "" && !s.yes {
		problems = append(problems, "DATABASE_URL is set: the bench would load that database with orders of its own, and remove them; "+
			"say --yes to do so, or unset it to measure with a private Postgres")
	}
	if s.db.URL != "" && s.keyring.Secret == "" {
		problems = append(problems, "DATABASE_URL is set and no secret is: set KITCHEN_JWT_SECRET to the one that the node verifies with")
	}
	if s.restaurants > 0 && s.sockets > 0 && s.restaurants > s.sockets {
		problems = append(problems, "there are more restaurants than displays: an order of one without a display reaches nobody")
	}
	return problems
}

func runBench(ctx context.Context, p *program) error {
	cfg := bench.MeasureConfig{
		Database: p.db, Secret: p.keyring.Secret, Node: p.url, Environ: p.environ,
		Scenarios: p.scenarios, Displays: p.sockets, Restaurants: p.restaurants, Writers: p.writers, Rate: p.rate, Duration: p.duration, Past: p.past,
		Json: p.json, Readme: p.readme, Stdout: p.stdout, Stderr: p.stderr,
	}
	if p.floor != "" {
		return bench.RunFloor(ctx, cfg, p.floor)
	}
	return bench.Measure(ctx, cfg)
}
