package guess

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// tenantNames are usual names of a column with an order's restaurant, for hosts without a table of restaurants.
var tenantNames = []string{"restaurant_id", "branch_id", "store_id", "shop_id", "location_id", "outlet_id", "venue_id", "vendor_id", "merchant_id", "site_id", "tenant_id", "company_id",
	"organization_id", "org_id", "business_id", "restaurant", "branch", "store", "shop", "outlet", "tenant", "subdomain", "domain", "tenant_domain", "sucursal_id", "empresa_id", "loja_id"}

// tenantOf returns SQL for an order's restaurant; 1 where there is only one.
func (g *guess) tenantOf() string {
	switch r := g.orders.refTo(g.tenants); {
	case r != nil:
		return r.id("o")
	case g.between != nil:
		return g.between.refTo(g.tenants).id("b")
	}
	if c := g.tenantColumn(); c != "" {
		sql := g.orders.keyOf("o", []string{c})
		if g.hashTenant {
			return "md5(" + sql + ")"
		}
		return sql
	}
	return "1"
}

// tenantColumn is the column with an order's restaurant, for hosts without a table of restaurants.
func (g *guess) tenantColumn() string {
	if g.orders.refTo(g.tenants) != nil || g.between != nil {
		return ""
	}
	return g.orders.column(tenantNames...)
}

func (g *guess) writeRestaurants() {
	g.p("create view kitchen.restaurants as")
	tenant := g.tenantOf()
	switch t := g.tenants; {
	case t != nil:
		name := cmp.Or(t.column("name", "title", "label"), t.nameOf(), t.column("code", "slug"), t.keys[0])
		nameless := ""
		if slices.Contains(t.keys, name) {
			nameless = ", which has no name"
		}
		g.p("select %s, r.%s::text as name, %s -- GUESS: a restaurant is a row of %s%s", named(t.id("r"), "id"), quoteIf(name), cmp.Or(g.zone, "'UTC' as timezone"), t.sql(), nameless)
		g.p("  from %s r;", t.sql())
	case tenant == "1":
		g.p("select 1 as id, 'The restaurant' as name, 'UTC' as timezone; -- GUESS: no order refers to a table of restaurants, so there is one")
	default:
		g.p("select distinct %s as id, o.%s::text as name, 'UTC' as timezone -- GUESS: there is no table of restaurants", tenant, quoteIf(g.tenantColumn()))
		g.p("  from %s o where %s is not null;", g.orders.sql(), tenant)
	}
}

// guests is the reference of an order to the user who ordered, where guests are users as well.
func (g *guess) guests() *ref {
	if g.users == nil || g.users.refTo(g.tenants) != nil || g.membership != nil {
		return nil
	}
	for i := range g.orders.refs {
		if r := &g.orders.refs[i]; r.to == g.users && has(r.cols[0], "user", "customer", "client", "guest", "buyer", "account", "profile") {
			return r
		}
	}
	return nil
}

func (g *guess) writeUsers() {
	u, tenant := g.users, g.tenantOf()
	g.p("\n-- One row for each restaurant in which a user may do something. Roles are owner, manager, cashier, kitchen, viewer, screen.")
	g.p("create view kitchen.users as")
	if u == nil {
		g.p("select r.id, r.id as restaurant_id, 'Kitchen'::text as name, 'kitchen'::text as role, true as is_active -- GUESS: no table looks like one of users")
		g.p("  from kitchen.restaurants r;")
		return
	}
	from, of, owner := u.sql()+" u", "r.id", g.tenants.declared(u)
	var where []string
	flag := u.column("is_staff", "is_admin", "is_superuser", "is_employee")
	if g.membership == nil && u.refTo(g.tenants) == nil && u.typeOf(flag) == "boolean" {
		where = append(where, "u."+quoteIf(flag)) // the others are guests
	}
	switch r := u.refTo(g.tenants); {
	case r != nil:
		of, owner = r.id("u"), nil
		where = append(where, of+" is not null")
	case g.membership != nil:
		m := g.membership
		of, owner = m.refTo(g.tenants).id("m"), nil
		from += fmt.Sprintf("\n  join %s m on %s", m.sql(), m.refTo(u).by("m", "u"))
	case tenant == "1":
		of, owner = "1", nil
	case owner != nil:
		of = g.tenants.id("r")
		from += fmt.Sprintf("\n  join %s r on %s -- GUESS: the owner of the restaurant may use its displays; who else?", g.tenants.sql(), owner.by("r", "u"))
	default:
		from += "\n cross join kitchen.restaurants r -- GUESS: nothing says who works where, so all may use all: change it"
	}
	g.p("select %s, %s, %s,", named(u.id("u"), "id"), named(of, "restaurant_id"), g.userName("u", "name"))
	where = append(where, g.writeRole(owner)...)
	g.p("       %s", activity(u))
	g.end("  from %s%s", from, conditions(where))
}

// userName returns SQL for a user's name.
func (g *guess) userName(alias, what string) string {
	var parts []string
	for _, c := range []string{"name", "full_name", "display_name", "first_name", "username", "user_login", "login", "email"} {
		if c = g.users.column(c); c != "" && isWord(g.users.typeOf(c)) && len(parts) < 2 {
			parts = append(parts, fmt.Sprintf("nullif(%s, '')", g.users.keyOf(alias, []string{c})))
		}
	}
	if len(parts) == 0 {
		return fmt.Sprintf("%s::text as %s", g.users.id(alias), what)
	}
	return fmt.Sprintf("coalesce(%s, %s::text) as %s", strings.Join(parts, ", "), g.users.id(alias), what)
}

func activity(u *table) string {
	if c := u.column("is_active", "active", "enabled", "activated", "activo", "ativo"); c != "" && u.typeOf(c) == "boolean" {
		return "coalesce(u." + quoteIf(c) + ", false) as is_active"
	}
	if c := u.column("blocked", "disabled", "locked", "is_deleted", "is_blocked"); c != "" && u.typeOf(c) == "boolean" {
		return "u." + quoteIf(c) + " is not true as is_active"
	}
	if c := u.column("is_active", "isactive"); c != "" && isWord(u.typeOf(c)) {
		return "u." + quoteIf(c) + " = 'Y' as is_active -- GUESS"
	}
	if c := u.column("deleted_at", "disabled_at"); c != "" {
		return "u." + quoteIf(c) + " is null as is_active"
	}
	return "true as is_active -- GUESS"
}

// conditions is a where clause, or nothing.
func conditions(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return "\n where " + strings.Join(all, "\n   and ")
}

// end prints the last lines of a statement, with the semicolon before a comment.
func (g *guess) end(format string, args ...any) {
	sql := fmt.Sprintf(format, args...)
	last := sql[strings.LastIndex(sql, "\n")+1:]
	code, comment, _ := strings.Cut(last, " -- ")
	if comment != "" {
		comment = " -- " + comment
	}
	g.p("%s", strings.TrimSuffix(sql, last)+code+";"+comment)
}
