// Package stations adds, routes and lists the stations of a kitchen, for an operator at a terminal.
package stations

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"kitchen/cmd/kitchen/text"
	"kitchen/db/order"
	"kitchen/db/tenant"
)

// Commands runs the commands about the stations of a restaurant. It prints what a script may use to Out, and everything else to Notes.
type Commands struct {
	Tenants    *tenant.Tenants
	Restaurant order.RestaurantID // empty: the only one that there is
	Station    string             // its name
	Kind       string             // of a new station, prep or expo
	Line       tenant.Match       // which lines a route, or a test, is about
	Out, Notes io.Writer
	DidYouMean func(name string, names []string) string // a question with the names that were probably meant; empty where there are none
}

// List prints the stations, and the routes to each.
func (d Commands) List(ctx context.Context) error {
	all, err := d.Tenants.Stations(ctx, d.Restaurant)
	if err == nil && len(all) == 0 {
		fmt.Fprintln(d.Notes, "there is no station: one kitchen cooks everything. kitchen station add NAME")
	}
	for _, s := range all {
		fmt.Fprintln(d.Out, strings.TrimSpace(fmt.Sprintf("%s  %s  %s", s.ID, text.Clean(s.Name), s.Kind)))
		for _, route := range s.Routes {
			fmt.Fprintf(d.Out, "  %s\n", text.Clean(route))
		}
	}
	return err
}

// Add makes a station. It prints the new id alone on standard output, so that a script can use it.
func (d Commands) Add(ctx context.Context) error {
	id, err := d.Tenants.AddStation(ctx, d.Restaurant, d.Station, d.Kind)
	if err != nil {
		return err
	}
	fmt.Fprintln(d.Out, id)
	name := text.Clean(strings.TrimSpace(d.Station))
	if d.Kind != "prep" {
		fmt.Fprintf(d.Notes, "added %q, a pass: it shows whole orders, and no line is routed to it\n", name)
		return nil
	}
	of := ""
	if d.Restaurant != "" {
		of = " --restaurant " + string(d.Restaurant)
	}
	fmt.Fprintf(d.Notes, "added %q, which cooks nothing yet; next: kitchen station route %s%s --category NAME\n", name, text.ShellQuoted(name), of)
	return nil
}

// Route has lines cooked at a station from now on, and warns where no dish has their category.
func (d Commands) Route(ctx context.Context) error {
	if err := d.Tenants.AddRoute(ctx, d.Restaurant, d.Station, d.Line); err != nil {
		return err
	}
	fmt.Fprintln(d.Out, text.Clean(d.Line.Sentence(d.Station)))
	return d.warnOfCategory(ctx)
}

// warnOfCategory warns if no dish has the category of a new route: it may be misspelt, or the dish may be added later.
func (d Commands) warnOfCategory(ctx context.Context) error {
	if d.Line.Category == "" {
		return nil
	}
	all, err := d.Tenants.Categories(ctx, d.Restaurant)
	if err != nil || slices.Contains(all, d.Line.Category) {
		return err
	}
	hint := d.DidYouMean(d.Line.Category, all)
	if hint == "" && len(all) > 0 {
		hint = "; there are " + strings.Join(all, ", ")
	}
	fmt.Fprintln(d.Notes, text.Clean(fmt.Sprintf("no dish has the category %q now%s", d.Line.Category, hint)))
	return nil
}

// Test says where a line would go, and why.
func (d Commands) Test(ctx context.Context) error {
	is, err := d.Tenants.TestRoute(ctx, d.Restaurant, d.Line)
	if err != nil {
		return err
	}
	switch {
	case is.Unrouted:
		fmt.Fprintln(d.Out, "no station: every screen shows it")
		return errors.New("no route matches: kitchen station route STATION --category NAME, or without it for anything else")
	case len(is.Stations) == 0:
		fmt.Fprintln(d.Out, "nowhere: nothing is cooked")
	default:
		fmt.Fprintln(d.Out, text.Clean(strings.Join(is.Stations, ", ")))
	}
	for _, route := range is.Deciding {
		fmt.Fprintf(d.Out, "  because of   %s\n", text.Clean(route))
	}
	for _, route := range is.Others {
		fmt.Fprintf(d.Out, "  and not of   %s, which is less specific\n", text.Clean(route))
	}
	return nil
}
