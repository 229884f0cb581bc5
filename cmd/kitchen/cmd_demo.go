package main

import "context"

func runDemoCommand(ctx context.Context, p *program) error {
	return runDemo(ctx, demoConfig{
		dataDir: p.db.DataDir, listen: p.listen, listenGiven: p.listenGiven, origins: p.allowedOrigins, rate: p.rate, duration: p.duration,
		stdout: p.stdout, log: newLog(p.stderr, p.logFormat, quiet),
	})
}
