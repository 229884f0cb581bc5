package attach

import (
	"fmt"
	"maps"
	"strings"

	"kitchen/db/attach/sqltext"
)

// fragments holds three expressions of a trigger function, one for each event, that give an array of keys.
type fragments struct{ Changed, Inserted, Deleted string }

// fragments makes the expressions for rules that give keys of one type. They count only rows in which one of the watched columns differs.
func (s *source) fragments(rules []rule, typ string, watched map[string]bool) *fragments {
	if len(rules) == 0 {
		return nil
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
		distinct = "" // the same order may occur several times
	}
	keys := func(inner string) string {
		return "array(select " + distinct + "w.k from (" + inner + ") w where w.k is not null)"
	}
	alias := " as " + sqltext.Quote(s.name)
	f := &fragments{Inserted: keys(of("new_rows" + alias)), Deleted: keys(of("old_rows" + alias))}
	if len(s.key) == 0 {
		cols := s.comparable(watched)
		f.Changed = keys(of(fmt.Sprintf("((select %[1]s from old_rows except all select %[1]s from new_rows) union all (select %[1]s from new_rows except all select %[1]s from old_rows))%[2]s",
			cols, alias)))
		return f
	}
	names, pairs := s.compared(watched)
	first := sqltext.Quote(s.key[0])
	if col := s.column(rules[0]); len(rules) == 1 && col != "" {
		f.Changed = fmt.Sprintf(`(
      select array_remove(coalesce(array_agg(%[5]sn.%[1]s) || coalesce(array_agg(o.%[1]s) filter (where o.%[1]s is distinct from n.%[1]s), '{}'), '{}'), null)::%[6]s[]
        from old_rows o full join new_rows n on %[2]s
       where %[3]s *<> %[4]s)`, col, strings.Join(pairs, " and "), row(names, "o."), row(names, "n."), distinct, typ)
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

// compared returns the columns of a set in which a row must differ, and the conditions that pair the old row with the new one.
func (s *source) compared(watched map[string]bool) (names, pairs []string) {
	set := maps.Clone(watched)
	for _, k := range s.key {
		pairs = append(pairs, fmt.Sprintf("n.%[1]s = o.%[1]s", sqltext.Quote(k)))
		set[k] = true
	}
	for _, c := range s.columns(set) {
		names = append(names, c.name)
	}
	return names, pairs
}

// column is the column that a rule consists of, as most rules do; empty where the rule is another expression. The rule is as PostgreSQL
// prints it, with quotes only where they are needed.
func (s *source) column(r rule) string {
	for _, table := range []string{s.name, sqltext.Quote(s.name)} {
		name, of := strings.CutPrefix(r.sql, table+".")
		for _, c := range s.all {
			if of && !r.array && (name == sqltext.Quote(c.name) || name == c.name && sqltext.IsPlain(name)) {
				return name
			}
		}
	}
	return ""
}

// row returns SQL for columns as one value. The cast keeps PostgreSQL from comparing column by column, for which not every type has an
// operator.
func row(names []string, alias string) string { return "row(" + list(names, alias) + ")::record" }

// comparable returns columns in a form that EXCEPT accepts.
func (s *source) comparable(set map[string]bool) string {
	var all []string
	for _, c := range s.columns(set) {
		q := sqltext.Quote(c.name)
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
