package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/text"
	"kitchen/db"
	"kitchen/db/order"
)

func pairCommand(p *program) *cobra.Command {
	return p.command(&cobra.Command{
		Use: "pair CODE", Short: "confirm the code that a screen shows",
		Long: `A screen that opens a node's address shows a code. Confirming it makes the screen a board of the kitchen or a pick-up screen,
which needs no token from then on. It prints the device's id. It needs the rights of the tables' owner.`,
	}, withDatabase("give the code that the screen shows", append(shared("database-url", "data-dir", "listen-database-url"),
		tenantDefinition("The restaurant of the screen, by its id."),
		definition{flag: "name", unit: "NAME", byDefault: "the code", about: "What the screen is called, like \"Grill\" or \"Door\".",
			set: func(s *settings, v string) error { s.name = v; return nil }},
		definition{flag: "role", unit: "kitchen|screen", value: order.BoardRole, about: "kitchen is a board of the kitchen; screen is a pick-up screen, which shows guests numbers.",
			set: setDeviceRole}), pair))
}

func setDeviceRole(s *settings, v string) error {
	if v != order.BoardRole && v != order.ScreenRole {
		return fmt.Errorf("%.40q is neither kitchen nor screen", v)
	}
	s.role = v
	return nil
}

func screensCommand(p *program) *cobra.Command {
	restaurant := tenantDefinition("Only the screens of this restaurant, by its id.")
	restaurant.byDefault = "all"
	list := withDatabase("", nil, listScreens)
	c := p.group(&cobra.Command{
		Use: "screens", Short: "list paired screens, or take away their passes",
		Long: `Shows every screen that was paired, when it was last seen, and which displays are connected now where restaurants have stations.
revoke makes a screen's pass worthless: it is closed within a second. It needs the rights of the tables' owner.`,
	}, append(shared("database-url", "data-dir", "listen-database-url"), restaurant),
		p.command(&cobra.Command{Use: "list", Short: "list them, as kitchen screens alone does"}, list),
		p.command(&cobra.Command{Use: "revoke NAME|ID", Short: "take a screen's pass away"}, withDatabase("say which screen", nil, revokeScreen)))
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

// withDatabase does something with the database that the settings mean, whosever tables are in it.
func withDatabase(missing string, definitions []definition, do func(context.Context, *program, *db.DB) error) action {
	return action{
		settings: definitions, missing: missing,
		check: func(s *settings, _ []string) []string { return checkListenURL(s) },
		run: func(ctx context.Context, p *program) (err error) {
			opened, err := database.OpenMigrated(ctx, p.db, true, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, opened.Stop()) }()
			pool, err := opened.Pool(ctx)
			if err != nil {
				return err
			}
			defer pool.Close()
			return do(ctx, p, pool)
		},
	}
}

// pair prints the new device's id alone on standard output, so that a script can use it.
func pair(ctx context.Context, p *program, d *db.DB) (err error) {
	c := order.Confirmation{Code: p.args[0], Restaurant: p.restaurant, Name: p.name, Role: p.role}
	if c.Restaurant == "" {
		if c.Restaurant, err = d.OnlyRestaurant(ctx); err != nil {
			return err
		}
	}
	if c.Name == "" {
		c.Name = c.Code
	}
	if _, err := d.Keys().Restaurant.Parse(string(c.Restaurant)); err != nil {
		return fmt.Errorf("restaurant: %w", err)
	}
	id, err := d.Pair(ctx, c)
	if errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("no screen shows the code %q now: codes live for ten minutes and are used once, so read it again", p.args[0])
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, id)
	fmt.Fprintf(p.stderr, "paired %q; kitchen screens list shows all, kitchen screens revoke takes one away\n", text.Clean(c.Name))
	return nil
}

func listScreens(ctx context.Context, p *program, d *db.DB) error {
	devices, err := d.AllDevices(ctx, p.restaurant)
	if err != nil {
		return err
	}
	if len(devices) == 0 {
		fmt.Fprintln(p.stderr, "no screen was paired: open a node's address on one, and kitchen pair CODE")
	}
	for _, s := range devices {
		fmt.Fprintf(p.stdout, "%s  %s  %s  restaurant %s  %s\n", s.ID, text.Clean(s.Name),
			map[string]string{order.BoardRole: "board", order.ScreenRole: "pick-up screen"}[s.Role], s.Restaurant, lastSeen(s))
	}
	connected, err := d.Connected(ctx, p.restaurant)
	for _, c := range connected {
		shows := "everything"
		if c.Station != "" {
			shows = text.Clean(c.Station)
		}
		fmt.Fprintf(p.stdout, "connected now: restaurant %s, node %s: %s of %s\n", c.Restaurant, text.Clean(c.Node), text.Count(c.Count, "display"), shows)
	}
	return err
}

func lastSeen(d order.Device) string {
	switch {
	case d.Revoked:
		return "revoked"
	case d.LastSeen.IsZero():
		return "never seen"
	}
	ago := time.Since(d.LastSeen)
	if ago < 2*time.Minute { // it is written down once a minute
		return "in use"
	}
	return "last seen " + d.LastSeen.UTC().Format("2006-01-02 15:04 UTC")
}

func revokeScreen(ctx context.Context, p *program, d *db.DB) error {
	revoked, err := d.Revoke(ctx, p.restaurant, p.args[0])
	if err != nil {
		return err
	}
	if len(revoked) == 0 {
		return fmt.Errorf("there is no screen %q whose pass is good: kitchen screens list", p.args[0])
	}
	for _, s := range revoked {
		fmt.Fprintf(p.stdout, "revoked %s  %s  restaurant %s\n", s.ID, text.Clean(s.Name), s.Restaurant)
	}
	return nil
}
