package guess

import (
	"fmt"
	"kitchen/db/attach/sqltext"
	"slices"
	"strings"
)

// role is the table and column with the word for what a user may do: by restaurant before by user.
func (g *guess) role() (*table, string) {
	for _, t := range []*table{g.membership, g.users} {
		if c := t.column("role", "user_role", "position", "type", "job", "rol", "rolle", "cargo"); c != "" && t.isStatus(c) && t.isSaid(c) {
			return t, c
		}
	}
	return nil, ""
}

// isSaid reports whether a column has words itself, and not keys of a table that has them.
func (t *table) isSaid(col string) bool {
	for _, r := range t.refs {
		if slices.Contains(r.cols, col) {
			return len(r.cols) == 1 && isWord(t.typeOf(col)) && slices.Contains([]string{"", r.toCols[0]}, r.to.nameOf())
		}
	}
	return true
}

// findDuties finds the table that gives users, or their membership, one role or several.
func (g *guess) findDuties() {
	if _, col := g.role(); col != "" || g.users == nil {
		return
	}
	for _, t := range []*table{g.membership, g.users} { // that name their role by its key
		if t == nil {
			continue
		}
		if role := g.best(func(to *table) int {
			if r := t.refTo(to); r != nil && to != t && to != g.users && to != g.tenants && to.nameOf() != "" && has(to.Name, "role", "group", "job", "position") && has(r.cols[0], "role", "group", "job", "position") {
				return 1
			}
			return 0
		}); role != nil {
			g.duties, g.duty = t, role
			return
		}
	}
	g.duties = g.best(func(t *table) int {
		if t == g.membership || t == g.users || g.dutyOf(t) == nil || !has(t.Name, "role", "authorit", "group", "permission", "duty", "job") {
			return 0
		}
		score := 1
		if g.dutyOf(t).to == g.membership {
			score += 2
		}
		if t.roleWord() != "" {
			return score + 1
		}
		for _, r := range t.refs {
			if r.to != g.users && r.to != g.membership && r.to.nameOf() != "" && has(r.to.Name, "role", "authorit", "group", "job") {
				return score
			}
		}
		return 0
	})
	if g.duties == nil || g.duties.roleWord() != "" {
		return
	}
	for _, r := range g.duties.refs {
		if r.to != g.users && r.to != g.membership && has(r.to.Name, "role", "authorit", "group", "job") {
			g.duty = r.to
			return
		}
	}
}

// roleWord is the column with the word for a role.
func (t *table) roleWord() string {
	if c := t.column("role", "role_name", "value", "authority_name", "authority", "group_name"); c != "" && t.isStatus(c) && !sqltext.Int.Fits(t.typeOf(c)) {
		return c
	}
	return ""
}

// dutyOf is the reference of a table of roles to members, or to users.
func (g *guess) dutyOf(t *table) *ref {
	if r := t.declared(g.membership); r != nil {
		return r
	}
	return t.declared(g.users)
}

// roleQuery is SQL of the words of all roles of a user, as an array; empty where no table has them.
func (g *guess) roleQuery() string {
	t := g.duties
	if t == nil {
		return ""
	}
	if t == g.users || t == g.membership {
		alias := map[bool]string{true: "u", false: "m"}[t == g.users]
		return fmt.Sprintf("select n.%s::text from %s n where %s", quoteIf(g.duty.nameOf()), g.duty.sql(), t.refTo(g.duty).on("n", alias))
	}
	r, alias := g.dutyOf(t), "u"
	if r.to == g.membership {
		alias = "m"
	}
	if g.duty != nil {
		d := t.declared(g.duty)
		return fmt.Sprintf("select n.%s::text from %s d join %s n on %s where %s", quoteIf(g.duty.nameOf()), t.sql(), g.duty.sql(), d.on("n", "d"), r.by("d", alias))
	}
	return fmt.Sprintf("select d.%s::text from %s d where %s", quoteIf(t.roleWord()), t.sql(), r.by("d", alias))
}

// writeRole prints the column role. It gives conditions on who may do anything.
func (g *guess) writeRole(owner *ref) (where []string) {
	t, col := g.role()
	word := "u." + quoteIf(col)
	switch {
	case t != nil && t == g.membership:
		word = "m." + quoteIf(col)
	case col == "" && g.duties != nil:
		word = ""
	}
	switch {
	case owner != nil:
		g.p("       'owner' as role,")
		g.duties, g.duty = nil, nil // not read
		return nil
	case len(g.roles) == 0 && g.guests() != nil:
		g.p("       'kitchen' as role,")
		return []string{"false -- GUESS: guests are users as well (" + g.guests().cols[0] + " of an order): say which users may open displays"}
	case len(g.roles) == 0 && g.boss() != "":
		g.p("       case when u.%s then 'owner' else 'kitchen' end as role, -- GUESS: nothing else says what a user may do", quoteIf(g.boss()))
		return nil
	case len(g.roles) == 0:
		g.p("       'kitchen' as role, -- GUESS: nothing says what a user may do")
		return nil
	}
	var nobody, somebody []string
	query := g.roleQuery()
	if word != "" {
		g.p("       case %s", word)
	} else {
		g.p("       case")
	}
	for _, w := range g.byDuty() {
		when := w.SQL
		if word == "" {
			when = fmt.Sprintf("%s in (%s)", w.SQL, query)
		}
		switch w.Means {
		case "nobody":
			nobody = append(nobody, w.SQL)
			continue
		case "":
			g.p("         when %s then 'viewer' -- GUESS: what may this one do?", when)
		default:
			g.p("         when %s then '%s'", when, w.Means)
		}
		somebody = append(somebody, w.SQL)
	}
	g.p("         else 'viewer'\n       end as role, -- GUESS: a viewer may look, and move no order")
	switch {
	case word == "" && len(somebody) > 0:
		where = append(where, fmt.Sprintf("exists (select from (%s) w (role) where w.role in (%s))", query, strings.Join(somebody, ", ")))
	case word != "" && len(nobody) > 0:
		where = append(where, fmt.Sprintf("%s not in (%s) -- GUESS: guests, who open no display", word, strings.Join(nobody, ", ")))
	}
	return where
}

// boss is the column of yes and no that says who may do everything.
func (g *guess) boss() string {
	if c := g.users.column("is_owner", "is_admin", "is_superuser", "admin"); c != "" && g.users.typeOf(c) == "boolean" {
		return c
	}
	return ""
}

// byDuty are the roles, those that may do more first: of several, a user has the first.
func (g *guess) byDuty() []word {
	rank := func(w word) int {
		return slices.Index([]string{"owner", "manager", "cashier", "kitchen", "viewer", "", "nobody"}, w.Means)
	}
	return slices.SortedStableFunc(slices.Values(g.roles), func(a, b word) int { return rank(a) - rank(b) })
}
