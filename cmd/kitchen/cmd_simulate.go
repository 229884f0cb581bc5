package main

import "context"

func runSimulateCommand(ctx context.Context, p *program) error {
	return runSimulate(ctx, simulateConfig{
		database: p.db, restaurant: p.restaurant, rate: p.rate, duration: p.duration, stdout: p.stdout, stderr: p.stderr,
		log: newLog(p.stderr, p.logFormat, quiet),
	})
}
