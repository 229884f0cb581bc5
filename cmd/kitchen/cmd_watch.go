package main

import (
	"context"
	"fmt"

	"kitchen/cmd/kitchen/terminal"
	"kitchen/db/order"
)

func checkWatch(s *settings, args []string) (problems []string) {
	if len(args) == 0 {
		problems = append(problems, "say which restaurant: kitchen watch RESTAURANT-ID")
	} else if _, ok := order.Key(args[0]); !ok {
		problems = append(problems, fmt.Sprintf("%q can be no restaurant's id", args[0]))
	}
	if s.token == "" {
		problems = append(problems, "no token: set KITCHEN_TOKEN to one that `kitchen token USERNAME` prints")
	}
	return problems
}

func runWatch(ctx context.Context, p *program) error {
	restaurant, _ := order.Key(p.args[0])
	return terminal.Watch(ctx, terminal.SocketAddress(p.url, restaurant), p.token, p.stdout, p.environ)
}
