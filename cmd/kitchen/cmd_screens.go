package main

import (
	"context"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/screens"
	"kitchen/db"
	"kitchen/db/order"
)

func pairCommand(p *program) *cobra.Command {
	return p.command(&cobra.Command{
		Use: "pair CODE", Short: "confirm the code that a screen shows",
		Long: `A screen that opens a node's address shows a code. Confirming it makes the screen a board of the kitchen or a pick-up screen,
which needs nobody's token from then on. It prints the device's id. It needs the rights of the tables' owner.`,
	}, withDatabase("give the code that the screen shows", append(shared("database-url", "data-dir", "listen-database-url"),
		tenantDefinition("The restaurant of the screen, by its id."),
		definition{flag: "name", unit: "NAME", byDefault: "the code", about: "What the screen is called, like \"Wall 1\".",
			set: func(s *settings, v string) error { s.name = v; return nil }},
		choice("role", order.BoardRole, "kitchen is a board of the kitchen; screen is a pick-up screen, which shows guests numbers.",
			func(s *settings) *string { return &s.role }, order.BoardRole, order.ScreenRole),
		definition{flag: "station", unit: "NAME|ID", byDefault: "everything", about: "The station that a board shows; may be given several times. Another one can be chosen on the screen.",
			set: func(s *settings, v string) error { s.stations = append(s.stations, strings.TrimSpace(v)); return nil }}), func(ctx context.Context, p *program, d screens.Commands) error {
		return d.Pair(ctx, order.Confirmation{Code: p.args[0], Restaurant: p.restaurant, Name: p.name, Role: p.role, Stations: p.stations})
	}))
}

func screensCommand(p *program) *cobra.Command {
	restaurant := tenantDefinition("Only the screens of this restaurant, by its id.")
	restaurant.byDefault = "all"
	list := withDatabase("", nil, func(ctx context.Context, p *program, d screens.Commands) error { return d.List(ctx, p.restaurant) })
	revoke := withDatabase("say which screen", nil, func(ctx context.Context, p *program, d screens.Commands) error {
		return d.Revoke(ctx, p.restaurant, p.args[0])
	})
	c := p.group(&cobra.Command{
		Use: "screens", Short: "list paired screens, or revoke them",
		Long: `Shows every screen that was paired, when it was last seen, and which displays are connected now where restaurants have stations.
revoke makes a screen's device token worthless: the screen is closed within a second. It needs the rights of the tables' owner.`,
	}, append(shared("database-url", "data-dir", "listen-database-url", "json"), restaurant),
		p.command(&cobra.Command{Use: "list", Short: "list them, as kitchen screens alone does"}, list),
		p.command(&cobra.Command{Use: "revoke NAME|ID", Short: "make a screen's device token worthless"}, revoke))
	another := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return another(c, args)
		}
		if err := p.readSettings(c, nil, func([]string) []string { return list.check(&p.settings, nil) }); err != nil {
			return err
		}
		return list.run(c.Context(), p)
	}
	return c
}

// withDatabase runs do on the database that the settings name, with our own tables or another program's.
func withDatabase(missing string, definitions []definition, do func(context.Context, *program, screens.Commands) error) action {
	return action{
		settings: definitions, missing: missing,
		check: func(s *settings, _ []string) []string { return checkListenURL(s) },
		run: func(ctx context.Context, p *program) error {
			return database.UsePool(ctx, p.db, slog.New(slog.DiscardHandler), func(_ *database.Database, pool *db.DB) error {
				return do(ctx, p, screens.Commands{DB: pool, Out: p.stdout, Notes: p.stderr, JSON: p.json})
			})
		},
	}
}
