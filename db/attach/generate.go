package attach

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

//go:embed sql/*.sql
var runtimeSQL embed.FS

// generator prints the SQL of a model.
type generator struct {
	*model
	Notify string // pg_notify, or in a proof what collects instead
	Own    bool   // for the project's own tables, whose migrations have the same stations
}

// StationTables are the kitchen's own tables in which a change is one that displays see, each with its trigger function.
func (g generator) StationTables() []struct{ Table, Function string } {
	return []struct{ Table, Function string }{
		{"stations", "watch_stations"}, {"routes", "watch_stations"}, {"line_changes", "watch_line_changes"},
	}
}

// Moves reports whether the kitchen can set the status of an order.
func (g generator) Moves() bool { return g.Own || g.setStatus != "" }

// Keys are the base types of the key domains, for the templates.
func (g generator) Keys() keys { return g.model.keys }

// JSON is SQL that prints an order's id as a JSON string. Numbers and uuids need no escaping.
func (g generator) JSON(id string) string {
	if g.keys.Order == "text" {
		return "to_json(" + id + "::text)"
	}
	return `'"' || ` + id + ` || '"'`
}

func (g generator) render(name string, data any) string {
	var b strings.Builder
	t := template.Must(template.ParseFS(runtimeSQL, "sql/"+name))
	if err := t.Execute(&b, data); err != nil {
		panic(err) // a template of ours with data of ours
	}
	return b.String()
}

// frame is the domains, and the kitchen's own tables: all that does not need the views.
func (g generator) frame() string {
	return g.render("frame.sql", g) + "\n" + g.render("stations.sql", g) + "\n" + g.render("screens.sql", g)
}

// over is what stands on the views: functions that announce, and the triggers of each table.
func (g generator) over() string {
	var b strings.Builder
	b.WriteString(g.render("announce.sql", g))
	b.WriteString("\n" + g.render("lines.sql", g))
	b.WriteString("\n" + g.render("follow.sql", g))
	for i := range g.sources {
		b.WriteString("\n" + g.watch(i))
	}
	if g.setStatus != "" {
		b.WriteString(g.render("status.sql", g))
	}
	b.WriteString(g.render("seed.sql", g))
	return b.String()
}

// fragments is the three expressions of a trigger function, one an event, that give an array of keys.
type fragments struct{ Changed, Inserted, Deleted string }

// watch is the trigger function of a table, and its triggers.
func (g generator) watch(i int) string {
	s := g.sources[i]
	data := struct {
		Table, Why, Function  string
		Behind                string // orders, users, or both
		Orders, Queues, Users *fragments
		OfOrders              bool
		Follow                bool // lines and statuses depend on it, and a display may set them
		Targets               []string
		Literal               func(string) string
	}{Literal: literal, Table: s.label(), Function: g.functionName(i), OfOrders: s.behind["orders"], Targets: s.targets,
		Follow: g.Moves() && (s.behind["orders"] || s.behind["lines"])}
	data.Behind = "orders"
	if s.behind["users"] {
		data.Behind = "both"
		if len(s.behind) == 1 {
			data.Behind = "users"
		}
	}
	var orders, queues []rule
	var why []string
	for _, r := range s.rules {
		if r.orders {
			orders = append(orders, r)
			why = append(why, "orders: "+r.text)
		} else {
			queues = append(queues, r)
			why = append(why, "restaurants: "+r.text)
		}
	}
	data.Why = strings.Join(strings.Fields(strings.Join(why, "; ")), " ")
	data.Orders = s.fragments(orders, "kitchen.order_key", s.seen)
	if data.Behind != "users" { // whose rights alone change: kitchen_users tells that
		data.Queues = s.fragments(queues, "kitchen.restaurant_key", s.seen)
	}
	if s.behind["users"] {
		user := s.userKey
		if user == "" {
			user = "'*'::text" // everybody
		}
		data.Users = s.fragments([]rule{{sql: user}}, "text", s.rights)
		if s.isUsers() {
			data.Users.Inserted = "'{}'" // a new user has no display yet
		}
	}
	return g.render("watch.sql", data)
}

// isUsers reports whether the table is the one whose rows are the users.
func (s *source) isUsers() bool {
	return s.userKey != "" && len(s.key) == 1 && s.userKey == quote(s.key[0])
}

// functionName is unique among the sources, and fits into PostgreSQL's 63 bytes.
func (g generator) functionName(i int) string {
	plain := func(s *source) string {
		name := "watch_" + strings.ReplaceAll(s.label(), ".", "_")
		safe := strings.Map(func(r rune) rune {
			if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
				return r
			}
			return '_'
		}, strings.ToLower(name))
		return safe[:min(len(safe), 54)]
	}
	name := plain(g.sources[i])
	taken := name == "watch_truncate" || name == "watch_settings"
	for j, other := range g.sources {
		taken = taken || j != i && plain(other) == name
	}
	if taken {
		sum := sha256.Sum256([]byte(g.sources[i].table()))
		name += "_" + hex.EncodeToString(sum[:4])
	}
	return name
}

// fragments makes the expressions for rules that give keys of one type, in the rows of which one of the columns differs.
func (s *source) fragments(rules []rule, typ string, watched map[string]bool) *fragments {
	if len(rules) == 0 {
		return nil
	}
	if len(s.columns(watched)) == 0 { // rows are counted, and no column is read
		watched = map[string]bool{}
		for _, k := range s.key {
			watched[k] = true
		}
	}
	of := func(from string) string {
		var parts []string
		for _, r := range rules {
			sql := r.sql
			if r.array {
				sql = "unnest(" + sql + ")"
			} else {
				sql = "(" + sql + ")"
			}
			parts = append(parts, fmt.Sprintf("select %s::%s as k from %s", sql, typ, from))
		}
		return strings.Join(parts, " union all ")
	}
	distinct := "distinct "
	if typ == "kitchen.order_key" {
		distinct = "" // the same order several times is no matter
	}
	keys := func(inner string) string {
		return "array(select " + distinct + "w.k from (" + inner + ") w where w.k is not null)"
	}
	alias := " as " + quote(s.name)
	f := &fragments{Inserted: keys(of("new_rows" + alias)), Deleted: keys(of("old_rows" + alias))}
	if len(s.key) == 0 {
		cols := s.comparable(watched)
		f.Changed = keys(of(fmt.Sprintf("((select %[1]s from old_rows except all select %[1]s from new_rows) union all (select %[1]s from new_rows except all select %[1]s from old_rows))%[2]s",
			cols, alias)))
		return f
	}
	var pairs []string
	for _, k := range s.key {
		pairs = append(pairs, fmt.Sprintf("n.%[1]s = o.%[1]s", quote(k)))
		watched[k] = true
	}
	var names []string
	for _, c := range s.columns(watched) {
		names = append(names, c.name)
	}
	first := quote(s.key[0])
	if len(rules) == 1 && slices.Contains(s.names(), rules[0].sql) { // a column, as it is nearly always
		f.Changed = fmt.Sprintf(`(
      select array_remove(coalesce(array_agg(%[5]sn.%[1]s) || coalesce(array_agg(o.%[1]s) filter (where o.%[1]s is distinct from n.%[1]s), '{}'), '{}'), null)::%[6]s[]
        from old_rows o full join new_rows n on %[2]s
       where %[3]s *<> %[4]s)`, rules[0].sql, strings.Join(pairs, " and "), row(names, "o."), row(names, "n."), distinct, typ)
		return f
	}
	f.Changed = fmt.Sprintf(`array(
      select %sw.k
        from old_rows o full join new_rows n on %s
       cross join lateral (%s
                           union all
                           %s) w
       where %s *<> %s
         and w.k is not null)`, distinct,
		strings.Join(pairs, " and "),
		of("(select o.* where o."+first+" is not null)"+alias), of("(select n.* where n."+first+" is not null)"+alias),
		row(names, "o."), row(names, "n."))
	return f
}

// names are the table's columns, as PostgreSQL prints them.
func (s *source) names() []string {
	names := make([]string, 0, 2*len(s.all))
	for _, c := range s.all {
		names = append(names, c.name, quote(c.name))
	}
	return slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, `"`) && !plainName.MatchString(n) })
}

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// row is columns as one value. The cast keeps PostgreSQL from comparing column by column, for which not every type has an operator.
func row(names []string, alias string) string { return "row(" + list(names, alias) + ")::record" }

// comparable is columns in a form that EXCEPT takes.
func (s *source) comparable(set map[string]bool) string {
	var all []string
	for _, c := range s.columns(set) {
		q := quote(c.name)
		switch {
		case c.typ == "json":
			q += "::jsonb as " + q
		case !c.comparable:
			q += "::text as " + q
		}
		all = append(all, q)
	}
	return strings.Join(all, ", ")
}
