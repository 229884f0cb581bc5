package main

import (
	"context"

	"kitchen/cmd/kitchen/demo"
	"kitchen/cmd/kitchen/node"
)

func runDemoCommand(ctx context.Context, p *program) error {
	return demo.Run(ctx, demo.Config{
		DataDir: p.db.DataDir, Listen: p.listen, ListenGiven: p.listenGiven, Origins: p.allowedOrigins, Host: p.host, Rate: p.rate, Duration: p.duration,
		Stdout: p.stdout, Log: node.NewLog(p.stderr, p.logFormat, node.Quiet),
	})
}
