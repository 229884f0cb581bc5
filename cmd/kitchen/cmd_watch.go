package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/terminal"
	"kitchen/db/order"
)

func watchCommand(p *program) *cobra.Command {
	return p.command(&cobra.Command{
		Use: "watch RESTAURANT-ID", Short: "a kitchen display in the terminal",
		Long: `In a terminal, a table of the queue that is always up to date: ages by the restaurant's thresholds (! slow, !! late),
who changed what, and keys to move orders on (enter), back (b), undo (u) and recall (r); q ends it. NO_COLOR is respected.
Elsewhere it prints the queue on joining and then one line for each event, and, as nobody may look, does not count as showing orders. It says loudly when it is not live, and comes
back by itself after a lost connection, unless the token is refused. Where the kitchen has stations, --station shows the lines of one, and others'
small; i chooses a line, x ticks it off, enter moves all that is done here, f fires the next course. Lines that no screen shows are on every one. Give the token as KITCHEN_TOKEN: as a flag, everybody who can list this machine's processes reads it.`,
	}, action{
		settings: append(shared("url"), definition{flag: "token", env: "KITCHEN_TOKEN", unit: "TOKEN", secret: true, byDefault: "none",
			about: "The token to connect with, from kitchen token.",
			set:   func(s *settings, v string) error { s.token = strings.TrimSpace(v); return nil }},
			definition{flag: "station", unit: "NAME|ID", byDefault: "everything", about: "Show only this station, as one screen of the kitchen; may be given several times.",
				set: func(s *settings, v string) error { s.stations = append(s.stations, strings.TrimSpace(v)); return nil }}),
		missing: "say which restaurant",
		check:   checkWatch,
		run: func(ctx context.Context, p *program) error {
			restaurant, _ := order.Key(p.args[0])
			return terminal.Watch(ctx, terminal.SocketAddress(p.url, restaurant), p.token, p.stations, p.stdout, p.stderr, p.environ)
		},
	})
}

func checkWatch(s *settings, args []string) (problems []string) {
	if len(args) > 0 {
		if _, ok := order.Key(args[0]); !ok {
			problems = append(problems, fmt.Sprintf("%q can be no restaurant's id: kitchen restaurant list shows the ids", args[0]))
		}
	}
	if s.token == "" {
		problems = append(problems, "no token: set KITCHEN_TOKEN to one that `kitchen token USERNAME` prints")
	}
	return problems
}
