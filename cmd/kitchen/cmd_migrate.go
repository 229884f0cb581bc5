package main

import (
	"context"
	"fmt"

	"kitchen/cmd/kitchen/database"
)

func checkMigrate(s *settings, args []string) (problems []string) {
	switch {
	case len(args) == 0:
		problems = append(problems, "say up, down or status: kitchen migrate up")
	case args[0] != "up" && args[0] != "down" && args[0] != "status":
		problems = append(problems, fmt.Sprintf("%q is not up, down or status", args[0]))
	case s.all && args[0] != "down":
		problems = append(problems, "--all goes with down alone: up applies all by itself")
	}
	return append(problems, checkListenURL(s)...)
}

func runMigrateCommand(ctx context.Context, p *program) error {
	return database.Migrate(ctx, p.db, p.args[0], p.all, p.stdout)
}
