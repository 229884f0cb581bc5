package main

import (
	"context"
	"strings"
	"time"

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
	t := newTranscript(p.stdout)
	v := &viewer{
		address: socketAddress(p.url, strings.ToLower(p.args[0])),
		token:   p.token,
		heard:   t.write,
		lost:    func(wait time.Duration, reason string) { t.lost(wait, reason) },
	}
	return v.run(ctx)
}

// socketAddress is where displays of a restaurant connect to a node at base, ws://host:port.
func socketAddress(base, restaurant string) string { return base + "/ws/kitchen/" + restaurant + "/" }
