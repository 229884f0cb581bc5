package main

import (
	"context"
	"fmt"
	"slices"

	"kitchen/cmd/kitchen/database"
)

func checkMigrate(s *settings, args []string) (problems []string) {
	switch {
	case len(args) == 0:
		problems = append(problems, "say up, down, status or repair: kitchen migrate up")
	case !slices.Contains([]string{"up", "down", "status", "repair"}, args[0]):
		problems = append(problems, fmt.Sprintf("%q is not up, down, status or repair", args[0]))
	case s.all && args[0] != "down":
		problems = append(problems, "--all goes with down alone: up applies all by itself")
	}
	return append(problems, checkListenURL(s)...)
}

func runMigrateCommand(ctx context.Context, p *program) error {
	return database.Migrate(ctx, p.db, p.args[0], p.all, p.stdout)
}
