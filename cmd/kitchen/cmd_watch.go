package main

import (
	"context"
	"strings"

	"kitchen/cmd/kitchen/terminal"
	"kitchen/db"
)

func checkWatch(s *settings, args []string) (problems []string) {
	if len(args) == 0 {
		problems = append(problems, "say which restaurant: kitchen watch RESTAURANT-ID")
	} else if _, err := db.ParseRestaurantID(args[0]); err != nil {
		problems = append(problems, err.Error())
	}
	if s.token == "" {
		problems = append(problems, "no token: set KITCHEN_TOKEN to one that `kitchen token USERNAME` prints")
	}
	return problems
}

func runWatch(ctx context.Context, p *program) error {
	return terminal.Watch(ctx, terminal.SocketAddress(p.url, strings.ToLower(p.args[0])), p.token, p.stdout, p.environ)
}
