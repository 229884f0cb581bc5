package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/text"
	"kitchen/db/tenant"
)

func stationCommand(p *program) *cobra.Command {
	match := []definition{
		plain("category", "NAME", "any", func(s *settings) *string { return &s.line.Category }, "A category of the menu."),
		plain("item", "NAME", "any", func(s *settings) *string { return &s.line.Item }, "An item of the menu, by its name or its id."),
		plain("order-type", "dine_in|takeaway|delivery", "any", func(s *settings) *string { return &s.line.OrderType }, "A type of order."),
	}
	for i := range match {
		match[i].env = "" // of this one call
	}
	kind := definition{flag: "kind", unit: "prep|expo", value: "prep", about: "prep cooks; expo is a pass, which shows whole orders and cooks nothing.",
		set: func(s *settings, v string) error { s.kind = v; return nil }}
	route := withStations("name the station, or "+tenant.Nowhere+" for what is not cooked", addRoute)
	route.settings = match
	test := withStations("", testRoute)
	test.settings = match
	test.check = func(s *settings, args []string) []string {
		if s.line.Item == "" && s.line.Category == "" {
			return append(checkListenURL(s), "say which line: --item NAME, or --category NAME")
		}
		return checkListenURL(s)
	}
	add := withStations("give a name", addStation)
	add.settings = []definition{kind}
	return p.group(&cobra.Command{
		Use: "station", Annotations: map[string]string{"remove": tenant.Removal, "delete": tenant.Removal, "rm": tenant.Removal},
		Short: "say what is cooked where: stations, and the routes of lines to them",
		Long: `A restaurant without stations has one kitchen that cooks everything. route sends lines to a station: those of an item, a category, an order
type, or, with none of them, anything else. The most specific route decides. A line that no route matches has no station, and every screen
shows it. It needs the rights of the tables' owner. Stations are taken away in SQL (delete from kitchen.stations). In an attached database
stations and routes are the kitchen's own, too, and an item goes by its id, or by a name that was ordered of late.`,
	}, append(shared("database-url", "data-dir", "listen-database-url"),
		tenantDefinition("The restaurant, by its id.")),
		p.command(&cobra.Command{Use: "list", Short: "list stations, and the routes to each"}, withStations("", listStations)),
		p.command(&cobra.Command{Use: "add NAME", Short: "add one, and print its id"}, add),
		p.command(&cobra.Command{Use: "route STATION", Short: "send lines to a station"}, route),
		p.command(&cobra.Command{Use: "test", Short: "say where a line would go, and why"}, test))
}

func listStations(ctx context.Context, p *program, t *tenant.Tenants) error {
	all, err := t.Stations(ctx, p.restaurant)
	if err == nil && len(all) == 0 {
		fmt.Fprintln(p.stderr, "there is no station: one kitchen cooks everything. kitchen station add NAME")
	}
	for _, s := range all {
		fmt.Fprintln(p.stdout, strings.TrimSpace(fmt.Sprintf("%s  %s  %s", s.ID, text.Clean(s.Name), s.Kind)))
		for _, route := range s.Routes {
			fmt.Fprintf(p.stdout, "  %s\n", text.Clean(route))
		}
	}
	return err
}

// addStation prints the new id alone on standard output, so that a script can use it.
func addStation(ctx context.Context, p *program, t *tenant.Tenants) error {
	id, err := t.AddStation(ctx, p.restaurant, p.args[0], p.kind)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, id)
	name := text.Clean(strings.TrimSpace(p.args[0]))
	if p.kind != "prep" {
		fmt.Fprintf(p.stderr, "added %q, a pass: it shows whole orders, and no line is routed to it\n", name)
		return nil
	}
	of := ""
	if p.restaurant != "" {
		of = " --restaurant " + string(p.restaurant)
	}
	fmt.Fprintf(p.stderr, "added %q, which cooks nothing yet; next: kitchen station route %s%s --category NAME\n", name, text.ShellQuoted(name), of)
	return nil
}

func addRoute(ctx context.Context, p *program, t *tenant.Tenants) error {
	if err := t.AddRoute(ctx, p.restaurant, p.args[0], p.line); err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, text.Clean(p.line.Sentence(p.args[0])))
	return warnOfCategory(ctx, p, t)
}

// warnOfCategory says where no dish has the category of a new route, which may be a slip, or a dish that comes later.
func warnOfCategory(ctx context.Context, p *program, t *tenant.Tenants) error {
	if p.line.Category == "" {
		return nil
	}
	all, err := t.Categories(ctx, p.restaurant)
	if err != nil || slices.Contains(all, p.line.Category) {
		return err
	}
	hint := didYouMean("", p.line.Category, all)
	if hint == "" && len(all) > 0 {
		hint = "; there are " + strings.Join(all, ", ")
	}
	fmt.Fprintln(p.stderr, text.Clean(fmt.Sprintf("no dish has the category %q now%s", p.line.Category, hint)))
	return nil
}

func testRoute(ctx context.Context, p *program, t *tenant.Tenants) error {
	is, err := t.TestRoute(ctx, p.restaurant, p.line)
	if err != nil {
		return err
	}
	switch {
	case is.Unrouted:
		fmt.Fprintln(p.stdout, "no station: every screen shows it")
		return errors.New("no route matches: kitchen station route STATION --category NAME, or without it for anything else")
	case len(is.Stations) == 0:
		fmt.Fprintln(p.stdout, "nowhere: nothing is cooked")
	default:
		fmt.Fprintln(p.stdout, text.Clean(strings.Join(is.Stations, ", ")))
	}
	for _, route := range is.Deciding {
		fmt.Fprintf(p.stdout, "  because of   %s\n", text.Clean(route))
	}
	for _, route := range is.Others {
		fmt.Fprintf(p.stdout, "  and not of   %s, which is less specific\n", text.Clean(route))
	}
	return nil
}
