package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/text"
	"kitchen/db/tenant"
)

func checkTenant(what, name string) func(*settings, []string) []string {
	return func(s *settings, args []string) (problems []string) {
		switch {
		case len(args) == 0 || args[0] != "add" && args[0] != "list":
			problems = append(problems, "say add or list: kitchen "+what+" add "+name)
		case args[0] == "add" && len(args) == 1:
			problems = append(problems, "give a name: kitchen "+what+" add "+name)
		case args[0] == "list" && len(args) > 1:
			problems = append(problems, "list takes no name")
		}
		return append(problems, checkListenURL(s)...)
	}
}

// withTenants does something with the database that the settings mean.
func withTenants(ctx context.Context, p *program, do func(*tenant.Tenants) error) (err error) {
	opened, err := database.OpenMigrated(ctx, p.db, true, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Stop()) }()
	tenants, err := tenant.Open(ctx, opened.URL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tenants.Close(context.WithoutCancel(ctx))) }()
	return do(tenants)
}

// runRestaurant prints the id of a new restaurant alone on standard output, so that a script can use it.
func runRestaurant(ctx context.Context, p *program) error {
	return withTenants(ctx, p, func(t *tenant.Tenants) error {
		if p.args[0] == "add" {
			id, err := t.AddRestaurant(ctx, p.args[1], p.timezone)
			if err == nil {
				fmt.Fprintln(p.stdout, id)
				fmt.Fprintf(p.stderr, "next: kitchen user add USERNAME --restaurant %s\n", id)
			}
			return err
		}
		all, err := t.Restaurants(ctx)
		for _, r := range all {
			fmt.Fprintf(p.stdout, "%s  %s  %s\n", r.ID, text.Clean(r.Name), text.Clean(r.Timezone))
		}
		return err
	})
}

// runUser prints the id of a new user alone on standard output, so that a script can use it.
func runUser(ctx context.Context, p *program) error {
	return withTenants(ctx, p, func(t *tenant.Tenants) error {
		if p.args[0] == "add" {
			id, err := t.AddUser(ctx, p.restaurant, p.args[1], p.role)
			if err == nil {
				fmt.Fprintln(p.stdout, id)
				fmt.Fprintf(p.stderr, "next: kitchen token %s\n", text.Clean(p.args[1]))
			}
			return err
		}
		all, err := t.Users(ctx)
		for _, u := range all {
			active := map[bool]string{true: "", false: "  not active"}[u.Active]
			fmt.Fprintf(p.stdout, "%s  %s  %s  restaurant %s%s\n", u.ID, text.Clean(u.Username), u.Role, u.Restaurant, active)
		}
		return err
	})
}
