package main

import (
	"context"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/database"
)

func migrateCommand(p *program) *cobra.Command {
	word := func(name, short string) *cobra.Command {
		return p.command(&cobra.Command{Use: name, Short: short}, action{
			check: func(s *settings, _ []string) (problems []string) {
				if s.all && name != "down" {
					problems = append(problems, "--all goes with down alone: up applies all by itself")
				}
				return append(problems, checkListenURL(s)...)
			},
			run: func(ctx context.Context, p *program) error { return database.Migrate(ctx, p.db, name, p.all, p.stdout) },
		})
	}
	return p.group(&cobra.Command{
		Use: "migrate", Short: "create or remove the tables and triggers",
		Long: `up applies what is missing; down undoes the newest migration, or with --all every one, with all that the tables hold;
status lists them; repair makes functions, views and triggers again that were dropped, disabled or replaced, and needs the
rights of their owner. role prints SQL, for the owner to run after each up, that makes the role kitchen_node with the least rights that
serve needs: kitchen migrate role | psql "$DATABASE_URL". Two at the same time are safe. goose with the files in migrations/ does the same. Migrating goes to
the database's own address where one is given for LISTEN, because a pooler may lose the lock it takes.`,
	}, append(shared("database-url", "data-dir", "listen-database-url"),
		toggle("all", "With down: undo every migration. All orders are gone then.", func(s *settings) *bool { return &s.all })),
		word("up", "apply what is missing"),
		word("down", "undo the newest migration"),
		word("status", "list the migrations"),
		word("repair", "make again what was dropped, disabled or replaced"),
		p.command(&cobra.Command{Use: "role", Short: "print the SQL that makes the role of serve"}, action{
			run: func(_ context.Context, p *program) error { return database.PrintRole(p.stdout) },
		}))
}
