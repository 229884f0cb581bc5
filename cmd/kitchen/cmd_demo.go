package main

import (
	"context"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/demo"
	"kitchen/cmd/kitchen/node"
)

func demoCommand(p *program) *cobra.Command {
	return p.command(&cobra.Command{
		Use: "demo", Short: "try it: a restaurant in a rush, and a display, on this machine only",
		Long: `Starts a private Postgres, makes a demo restaurant, serves it, and writes a simulated rush of orders as plain SQL.
Prints the address of the socket and of the board with a token, the psql command that opens this very database, and
every message that a display receives. Type an order into that psql and see it arrive. Ctrl-C ends it; what was written
is kept for the next time. With --host django the orders are in the tables of a Django app, attached by its template.
DATABASE_URL is not used.`,
	}, action{
		settings: append(shared("for", "rate", "listen", "allowed-origins", "data-dir", "log-format"),
			definition{flag: "host", unit: "NAME", byDefault: "none: this program's own tables", offers: []string{"django"},
				about: "Play on the tables of another program, attached by their template: django.",
				set:   func(s *settings, v string) error { s.host = v; return nil }}),
		run: func(ctx context.Context, p *program) error {
			return demo.Run(ctx, demo.Config{
				DataDir: p.db.DataDir, Listen: p.listen, ListenGiven: p.isGiven("listen"), Origins: p.allowedOrigins, Host: p.host,
				Rate: p.rate, Duration: p.duration,
				Stdout: p.stdout, Log: node.NewLog(p.stderr, p.logFormat, node.Quiet),
			})
		},
	})
}
