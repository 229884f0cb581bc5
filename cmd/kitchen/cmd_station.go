package main

import (
	"context"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/stations"
	"kitchen/db/tenant"
)

func stationCommand(p *program) *cobra.Command {
	match := []definition{
		plain("category", "NAME", "any", func(s *settings) *string { return &s.line.Category }, "A category of the menu."),
		plain("item", "NAME", "any", func(s *settings) *string { return &s.line.Item }, "An item of the menu, by its name or its id."),
		plain("order-type", "dine_in|takeaway|delivery", "any", func(s *settings) *string { return &s.line.OrderType }, "A type of order."),
	}
	for i := range match {
		match[i].env = "" // a route belongs on the command line, not in the environment
	}
	kind := choice("kind", "prep", "prep cooks; expo is a pass, which shows whole orders and cooks nothing.",
		func(s *settings) *string { return &s.kind }, "prep", "expo")
	route := atStations("name the station, or "+tenant.Nowhere+" for what is not cooked", stations.Commands.Route)
	route.settings = match
	test := atStations("", stations.Commands.Test)
	test.settings = match
	test.check = func(s *settings, args []string) []string {
		if s.line.Item == "" && s.line.Category == "" {
			return append(checkListenURL(s), "say which line: --item NAME, or --category NAME")
		}
		return checkListenURL(s)
	}
	add := atStations("give a name", stations.Commands.Add)
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
		p.command(&cobra.Command{Use: "list", Short: "list stations, and the routes to each"}, atStations("", stations.Commands.List)),
		p.command(&cobra.Command{Use: "add NAME", Short: "add one, and print its id"}, add),
		p.command(&cobra.Command{Use: "route STATION", Short: "send lines to a station"}, route),
		p.command(&cobra.Command{Use: "test", Short: "say where a line would go, and why"}, test))
}

// atStations runs a command about stations, on our own tables or another program's.
func atStations(missing string, do func(stations.Commands, context.Context) error) action {
	return withStations(missing, func(ctx context.Context, p *program, t *tenant.Tenants) error {
		name := ""
		if len(p.args) > 0 {
			name = p.args[0]
		}
		return do(stations.Commands{
			Tenants: t, Restaurant: p.restaurant, Station: name, Kind: p.kind, Line: p.line, Out: p.stdout, Notes: p.stderr,
			DidYouMean: func(name string, names []string) string { return didYouMean("", name, names) },
		}, ctx)
	})
}
