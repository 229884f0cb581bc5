package main

import (
	"context"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/demo"
	"kitchen/cmd/kitchen/node"
)

func simulateCommand(p *program) *cobra.Command {
	return p.command(&cobra.Command{
		Use: "simulate", Short: "write a simulated rush of orders into a database",
		Long: `Orders with lines, modifiers and notes come in, are changed, cooked, served and now and then cancelled, as plain SQL
over one connection. Where the restaurant has stations, its cooks tick lines off at each, and later courses are held and fired. It changes only orders of its own, and completes those that are open when it ends.`,
	}, action{
		settings: append(shared("database-url", "data-dir", "rate", "for", "log-format"),
			restaurantDefinition("the demo restaurant", "The restaurant that gets the orders, by its id."),
			toggle("demo", "Make the demo restaurant where it is missing, also in a database of your own.", func(s *settings) *bool { return &s.demo })),
		run: func(ctx context.Context, p *program) error {
			return demo.Simulate(ctx, demo.SimulateConfig{
				Database: p.db, Restaurant: p.restaurant, MakeDemo: p.demo, Rate: p.rate, Duration: p.duration, Stdout: p.stdout, Stderr: p.stderr,
				Log: node.NewLog(p.stderr, p.logFormat, node.Quiet),
			})
		},
	})
}
