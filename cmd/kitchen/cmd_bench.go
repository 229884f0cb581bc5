package main

import "context"

func checkBench(s *settings, _ []string) (problems []string) {
	if s.floor != "" {
		return nil
	}
	if s.db.URL != "" && !s.yes {
		problems = append(problems, "DATABASE_URL is set: the bench would load that database with orders of its own, and remove them; "+
			"say --yes to do so, or unset it to measure with a private Postgres")
	}
	if s.db.URL != "" && s.keyring.secret == "" {
		problems = append(problems, "DATABASE_URL is set and no secret is: set KITCHEN_JWT_SECRET to the one that the node verifies with")
	}
	if s.restaurants > 0 && s.sockets > 0 && s.restaurants > s.sockets {
		problems = append(problems, "there are more restaurants than displays: an order of one without a display reaches nobody")
	}
	return problems
}

func runBenchCommand(ctx context.Context, p *program) error {
	cfg := measureConfig{
		database: p.db, secret: p.keyring.secret, node: p.url, environ: p.environ,
		scenarios: p.scenarios, displays: p.sockets, restaurants: p.restaurants, writers: p.writers, rate: p.rate, duration: p.duration,
		json: p.json, stdout: p.stdout, stderr: p.stderr,
	}
	if p.floor != "" {
		return serveFloor(ctx, cfg, p.floor)
	}
	return measure(ctx, cfg)
}
