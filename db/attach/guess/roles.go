package guess

import (
	"fmt"
	"slices"
	"strings"

	"kitchen/db/attach/sqltext"
)

// role is the table and column with a user's role: of the membership in a restaurant rather than of the user.
func (g *guess) role() (*table, string) {
	for _, t := range []*table{g.membership, g.users} {
		if c := t.column("role", "user_role", "position", "type", "job", "rol", "rolle", "cargo"); c != "" && t.isStatus(c) && t.hasWords(c) {
			return t, c
		}
	}
	return nil, ""
}

// hasWords reports whether a column holds words itself, and not keys of a table that has them.
func (t *table) hasWords(col string) bool {
	for _, r := range t.refs {
		if slices.Contains(r.cols, col) {
			return len(r.cols) == 1 && isWord(t.typeOf(col)) && slices.Contains([]string{"", r.toCols[0]}, r.to.nameOf())
		}
	}
	return true
}

// findGrants finds the table that gives users, or their memberships, one role or several.
func (g *guess) findGrants() {
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
			g.grants, g.roleTable = t, role
			return
		}
	}
	g.grants = g.best(func(t *table) int {
		if t == g.membership || t == g.users || g.granteeOf(t) == nil || !has(t.Name, "role", "authorit", "group", "permission", "duty", "job") {
			return 0
		}
		score := 1
		if g.granteeOf(t).to == g.membership {
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
	if g.grants == nil || g.grants.roleWord() != "" {
		return
	}
	for _, r := range g.grants.refs {
		if r.to != g.users && r.to != g.membership && has(r.to.Name, "role", "authorit", "group", "job") {
			g.roleTable = r.to
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

// granteeOf is the reference of a table of grants to memberships, or to users.
func (g *guess) granteeOf(t *table) *ref {
	if r := t.declared(g.membership); r != nil {
		return r
	}
	return t.declared(g.users)
}

// roleQuery returns a query of all roles of a user; empty where no table has them.
func (g *guess) roleQuery() string {
	t := g.grants
	if t == nil {
		return ""
	}
	if t == g.users || t == g.membership {
		alias := map[bool]string{true: "u", false: "m"}[t == g.users]
		return fmt.Sprintf("select n.%s::text from %s n where %s", quoteIf(g.roleTable.nameOf()), g.roleTable.sql(), t.refTo(g.roleTable).on("n", alias))
	}
	r, alias := g.granteeOf(t), "u"
	if r.to == g.membership {
		alias = "m"
	}
	if g.roleTable != nil {
		d := t.declared(g.roleTable)
		return fmt.Sprintf("select n.%s::text from %s d join %s n on %s where %s", quoteIf(g.roleTable.nameOf()), t.sql(), g.roleTable.sql(), d.on("n", "d"), r.by("d", alias))
	}
	return fmt.Sprintf("select d.%s::text from %s d where %s", quoteIf(t.roleWord()), t.sql(), r.by("d", alias))
}

// writeRole prints the column role. It returns conditions that leave out users who may open no display.
func (g *guess) writeRole(owner *ref) (where []string) {
	t, col := g.role()
	word := "u." + quoteIf(col)
	switch {
	case t != nil && t == g.membership:
		word = "m." + quoteIf(col)
	case col == "" && g.grants != nil:
		word = ""
	}
	switch {
	case owner != nil:
		g.p("       'owner' as role,")
		g.grants, g.roleTable = nil, nil // not read
		return nil
	case len(g.roles) == 0 && g.guests() != nil:
		g.p("       'kitchen' as role,")
		return []string{"false -- GUESS: guests are users as well (" + g.guests().cols[0] + " of an order): say which users may open displays"}
	case len(g.roles) == 0 && g.adminFlag() != "":
		g.p("       case when u.%s then 'owner' else 'kitchen' end as role, -- GUESS: nothing else says what a user may do", quoteIf(g.adminFlag()))
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
	for _, w := range g.rolesByRank() {
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

// adminFlag is the boolean column that says which users may do everything.
func (g *guess) adminFlag() string {
	if c := g.users.column("is_owner", "is_admin", "is_superuser", "admin"); c != "" && g.users.typeOf(c) == "boolean" {
		return c
	}
	return ""
}

// rolesByRank are the roles, the most powerful first: a user with several gets the first.
func (g *guess) rolesByRank() []word {
	rank := func(w word) int {
		return slices.Index([]string{"owner", "manager", "cashier", "kitchen", "viewer", "", "nobody"}, w.Means)
	}
	return slices.SortedStableFunc(slices.Values(g.roles), func(a, b word) int { return rank(a) - rank(b) })
}
