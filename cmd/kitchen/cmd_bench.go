package main

import (
	"context"

	"kitchen/cmd/kitchen/bench"
)

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

func runBenchCommand(ctx context.Context, p *program) error {
	cfg := bench.MeasureConfig{
		Database: p.db, Secret: p.keyring.Secret, Node: p.url, Environ: p.environ,
		Scenarios: p.scenarios, Displays: p.sockets, Restaurants: p.restaurants, Writers: p.writers, Rate: p.rate, Duration: p.duration,
		Json: p.json, Stdout: p.stdout, Stderr: p.stderr,
	}
	if p.floor != "" {
		return bench.RunFloor(ctx, cfg, p.floor)
	}
	return bench.Measure(ctx, cfg)
}
