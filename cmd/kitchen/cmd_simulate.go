package main

import (
	"context"

	"kitchen/cmd/kitchen/demo"
	"kitchen/cmd/kitchen/node"
)

func runSimulateCommand(ctx context.Context, p *program) error {
	return demo.Simulate(ctx, demo.SimulateConfig{
		Database: p.db, Restaurant: p.restaurant, Rate: p.rate, Duration: p.duration, Stdout: p.stdout, Stderr: p.stderr,
		Log: node.NewLog(p.stderr, p.logFormat, node.Quiet),
	})
}
