package attach

import (
	"context"
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/jackc/pgx/v5"
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

// What is printed begins each statement at the start of a line, and each column of a table two spaces further in.
var (
	madeFunction = regexp.MustCompile(`(?m)^create function kitchen\.(\w+)\(`)
	madeRelation = regexp.MustCompile(`(?m)^create (?:unlogged )?(?:table|view|sequence) kitchen\.(\w+)`)
	madeTable    = regexp.MustCompile(`(?ms)^create (?:unlogged )?table kitchen\.(\w+) \(\n(.*?)^\)`)
	madeColumn   = regexp.MustCompile(`(?m)^  (\w+) +[\w."]`)
	notColumns   = []string{"constraint", "primary", "unique", "check", "foreign"} // these words begin a constraint
)

// madeBy returns the names of what SQL of the generator makes in the schema kitchen: functions, relations, and columns as table.column.
func madeBy(sql string) (functions, relations, columns []string) {
	names := func(of *regexp.Regexp, sql string) (all []string) {
		for _, m := range of.FindAllStringSubmatch(sql, -1) {
			all = append(all, m[1])
		}
		return all
	}
	for _, table := range madeTable.FindAllStringSubmatch(sql, -1) {
		for _, column := range names(madeColumn, table[2]) {
			if !slices.Contains(notColumns, column) {
				columns = append(columns, table[1]+"."+column)
			}
		}
	}
	return names(madeFunction, sql), names(madeRelation, sql), columns
}

// checkMade looks whether everything that was made in the schema kitchen is there.
func (g generator) checkMade(ctx context.Context, tx pgx.Tx, report *Report) error {
	functions, relations, columns := madeBy(g.frame() + "\n" + g.over())
	var missing []string
	err := tx.QueryRow(ctx, `
		select array(
		  select distinct 'the function ' || f from unnest($1::text[]) f
		   where not exists (select from pg_catalog.pg_proc p where p.pronamespace = 'kitchen'::regnamespace and p.proname = f)
		  union all
		  select distinct 'the relation ' || r from unnest($2::text[]) r where to_regclass('kitchen.' || r) is null
		  union all
		  select distinct 'the column ' || c from unnest($3::text[]) c
		   where to_regclass('kitchen.' || split_part(c, '.', 1)) is not null
		     and not exists (select from pg_catalog.pg_attribute a where a.attrelid = to_regclass('kitchen.' || split_part(c, '.', 1))
		                      and a.attname = split_part(c, '.', 2) and not a.attisdropped)
		  order by 1)`, functions, relations, columns).Scan(&missing)
	if err != nil {
		return fmt.Errorf("look what the schema kitchen has: %w", err)
	}
	if more := len(missing) - 6; more > 0 {
		missing = append(missing[:6], fmt.Sprintf("%d more", more))
	}
	if len(missing) > 0 {
		report.add("mapping", Wrong, mendAttach, "the schema kitchen lacks %s: somebody has dropped it, or it is of another version of this program", strings.Join(missing, ", "))
	}
	return nil
}
