package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/text"
	"kitchen/db/tenant"
)

func restaurantCommand(p *program) *cobra.Command {
	return p.group(&cobra.Command{
		Use: "restaurant", Short: "add a restaurant to the kitchen's own tables, or list them",
		Long: `add prints the new restaurant's id on standard output. It needs the rights of the tables' owner. A database that is
attached to another program's tables gets its restaurants from that program.`,
	}, append(shared("database-url", "data-dir", "listen-database-url"),
		definition{flag: "timezone", unit: "NAME", value: "UTC",
			about: "The restaurant's time zone, like Europe/Rome.",
			set:   func(s *settings, v string) error { s.timezone = v; return nil }}),
		p.command(&cobra.Command{Use: "add NAME", Short: "add one, and print its id"}, withTenants("give a name", addRestaurant)),
		p.command(&cobra.Command{Use: "list", Short: "list all"}, withTenants("", listRestaurants)))
}

func userCommand(p *program) *cobra.Command {
	return p.group(&cobra.Command{
		Use: "user", Short: "add a user who may open displays, or list them",
		Long: `add prints the new user's id on standard output; kitchen token USERNAME then makes a token. Without --restaurant, the user is
of the only restaurant that there is. It needs the rights of the tables' owner.`,
	}, append(shared("database-url", "data-dir", "listen-database-url"),
		tenantDefinition("The restaurant of the user, by its id."),
		choice("role", "kitchen", "What the user may do: all but viewer and screen move orders on, owner and manager pair screens, too; viewer only looks, screen sees the pick-up screen alone.",
			func(s *settings) *string { return &s.role }, "owner", "manager", "cashier", "kitchen", "viewer", "screen")),
		p.command(&cobra.Command{Use: "add USERNAME", Short: "add one, and print its id"}, withTenants("give a name", addUser)),
		p.command(&cobra.Command{Use: "list", Short: "list all"}, withTenants("", listUsers)))
}

// withTenants runs do on the database that the settings name.
func withTenants(missing string, do func(context.Context, *program, *tenant.Tenants) error) action {
	return withTenantsOf(missing, tenant.Open, do)
}

// withStations is [withTenants] for stations and routes, which are the kitchen's own tables even in an attached database.
func withStations(missing string, do func(context.Context, *program, *tenant.Tenants) error) action {
	return withTenantsOf(missing, tenant.OpenStations, do)
}

func withTenantsOf(missing string, open func(context.Context, string) (*tenant.Tenants, error),
	do func(context.Context, *program, *tenant.Tenants) error) action {
	return action{
		missing: missing,
		check:   func(s *settings, _ []string) []string { return checkListenURL(s) },
		run: func(ctx context.Context, p *program) error {
			return database.Use(ctx, p.db, slog.New(slog.DiscardHandler), func(opened *database.Database) error {
				tenants, err := open(ctx, opened.URL)
				if err != nil {
					return err
				}
				return errors.Join(do(ctx, p, tenants), tenants.Close(context.WithoutCancel(ctx)))
			})
		},
	}
}

// addRestaurant prints the new id alone on standard output, so that a script can use it.
func addRestaurant(ctx context.Context, p *program, t *tenant.Tenants) error {
	id, err := t.AddRestaurant(ctx, p.args[0], p.timezone)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, id)
	fmt.Fprintf(p.stderr, "next: kitchen user add USERNAME --restaurant %s\n", id)
	return nil
}

func listRestaurants(ctx context.Context, p *program, t *tenant.Tenants) error {
	all, err := t.Restaurants(ctx)
	for _, r := range all {
		fmt.Fprintf(p.stdout, "%s  %s  %s\n", r.ID, text.Clean(r.Name), text.Clean(r.Timezone))
	}
	return err
}

// addUser prints the new id alone on standard output, so that a script can use it.
func addUser(ctx context.Context, p *program, t *tenant.Tenants) error {
	id, err := t.AddUser(ctx, p.restaurant, p.args[0], p.role)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, id)
	fmt.Fprintf(p.stderr, "next: kitchen token %s\n", text.ShellWord(text.Clean(strings.TrimSpace(p.args[0]))))
	return nil
}

func listUsers(ctx context.Context, p *program, t *tenant.Tenants) error {
	all, err := t.Users(ctx)
	for _, u := range all {
		active := map[bool]string{true: "", false: "  not active"}[u.Active]
		fmt.Fprintf(p.stdout, "%s  %s  %s  restaurant %s%s\n", u.ID, text.Clean(u.Username), u.Role, u.Restaurant, active)
	}
	return err
}
