package attach

import (
	"embed"
	"strings"
	"text/template"
)

//go:embed sql/*.sql
var runtimeSQL embed.FS

// generator prints the SQL of a model.
type generator struct {
	*model
	Notify string // the function that is called to notify: pg_notify, or in a proof one that collects
	Own    bool   // for the project's own tables, whose migrations have the same stations
}

// StationTables are the kitchen's own tables whose changes displays see, each with its trigger function.
func (g generator) StationTables() []struct{ Table, Function string } {
	return []struct{ Table, Function string }{
		{"stations", "watch_stations"}, {"routes", "watch_stations"}, {"line_changes", "watch_line_changes"},
	}
}

// Moves reports whether the kitchen can set the status of an order.
func (g generator) Moves() bool { return g.Own || g.setStatus != "" }

// Keys are the base types of the key domains, for the templates.
func (g generator) Keys() keys { return g.model.keys }

// JSON returns SQL that prints an order's id as a JSON string. Numbers and uuids need no escaping.
func (g generator) JSON(id string) string {
	if g.keys.Order == "text" {
		return "to_json(" + id + "::text)"
	}
	return `'"' || ` + id + ` || '"'`
}

func (g generator) render(name string, data any) string {
	var b strings.Builder
	t := template.Must(template.ParseFS(runtimeSQL, "sql/one.sql", "sql/record.sql", "sql/"+name))
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		panic(err) // a template of ours with data of ours
	}
	return b.String()
}

// frame returns SQL for everything that does not need the views: the domains and the kitchen's own tables.
func (g generator) frame() string {
	return g.render("frame.sql", g) + "\n" + g.render("stations.sql", g) + "\n" + g.render("screens.sql", g) + "\n" + g.render("devices.sql", g) + "\n" + g.render("sightings.sql", g)
}

// over returns SQL for everything that needs the views: the functions that announce, and the triggers of each table.
func (g generator) over() string {
	var b strings.Builder
	b.WriteString(g.render("rows.sql", g))
	b.WriteString("\n" + g.render("announce.sql", g))
	b.WriteString("\n" + g.render("lines.sql", g))
	b.WriteString("\n" + g.render("follow.sql", g))
	b.WriteString("\n" + g.render("unseen.sql", g))
	for i := range g.sources {
		b.WriteString("\n" + g.watch(i))
	}
	if g.setStatus != "" {
		b.WriteString(g.render("status.sql", g))
	}
	b.WriteString(g.render("seed.sql", g))
	return b.String()
}
