package attach

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Guess proposes a mapping for the tables that a database has, with a comment wherever it guessed. It is to be edited, and
// check says what does not hold.
func Guess(ctx context.Context, conn *pgx.Conn) (text string, err error) {
	err = rolledBack(ctx, conn, func(tx pgx.Tx) error {
		all, err := readTables(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the tables: %w", err)
		}
		g := &guess{tables: all}
		if err := g.find(); err != nil {
			return err
		}
		if err := g.readWords(ctx, tx); err != nil {
			return fmt.Errorf("read the statuses: %w", err)
		}
		text = g.write()
		return nil
	})
	return text, err
}

// guess is which table is what.
type guess struct {
	tables                                                   []*table
	orders, lines, modifiers, tenants, users, items, options *table
	places                                                   *table // that guests sit at
	membership                                               *table // between users and tenants
	categories                                               *table
	status                                                   string
	words                                                    []string
}

// best is the table that scores highest, above zero; the first of equals.
func (g *guess) best(score func(*table) int) (found *table) {
	top := 0
	for _, t := range g.tables {
		if s := score(t); s > top {
			found, top = t, s
		}
	}
	return found
}

func has(name string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(flat(name), w) })
}

func (g *guess) find() error {
	referrers := func(t *table) (n int) {
		for _, other := range g.tables {
			if other != t && other.refTo(t) != nil {
				n++
			}
		}
		return n
	}
	g.orders = g.best(func(t *table) int {
		if !has(t.Name, "order", "ticket") || has(t.Name, "item", "line", "detail", "modifier", "status", "history", "vendor", "purchase", "prep") {
			return 0
		}
		score := 1 + referrers(t)
		if t.column("status", "state") != "" {
			score += 10
		}
		if singular(t.Name) == "order" {
			score += 5
		}
		return score
	})
	if g.orders == nil {
		return &RefusedError{"", "no table of this database looks like one of orders",
			"begin with a template of a system like yours (--list), and name your own tables in it"}
	}
	g.lines = g.best(func(t *table) int {
		if t == g.orders || t.refTo(g.orders) == nil {
			return 0
		}
		score := 0
		if t.column("quantity", "qty", "count", "amount") != "" {
			score += 5
		}
		if has(t.Name, "item", "line", "detail", "product") {
			score += 5
		}
		return score
	})
	g.modifiers = g.best(func(t *table) int {
		if g.lines == nil || t == g.lines || t == g.orders || t.refTo(g.lines) == nil {
			return 0
		}
		if has(t.Name, "modifier", "option", "extra", "topping", "addon", "attribute", "choice") {
			return 2
		}
		return 0
	})
	g.tenants = g.best(func(t *table) int {
		switch {
		case t == g.orders || t.refTo(g.orders) != nil || g.orders.refTo(t) == nil:
			return 0
		case has(t.Name, "restaurant"):
			return 9
		case has(t.Name, "branch", "venue", "outlet", "kitchen"):
			return 8
		case has(t.Name, "store", "shop", "location", "site", "merchant", "vendor"):
			return 7
		case has(t.Name, "tenant", "company", "organization", "organisation", "business"):
			return 6
		}
		return 0
	})
	g.users = g.best(func(t *table) int {
		if singular(t.Name) != "user" && !has(t.Name, "user", "staff", "employee") {
			return 0
		}
		score := 1
		if singular(t.Name) == "user" {
			score += 5
		}
		if t.column("username", "login", "email") != "" {
			score += 3
		}
		if t.refTo(g.tenants) != nil {
			score += 3
		}
		return score
	})
	g.membership = g.best(func(t *table) int {
		if g.users == nil || g.users.refTo(g.tenants) != nil || t == g.users || t == g.orders || t.refTo(g.users) == nil || t.refTo(g.tenants) == nil {
			return 0
		}
		return 1
	})
	g.places = g.best(func(t *table) int {
		if g.orders.refTo(t) != nil && (singular(t.Name) == "table" || has(t.Name, "diningtable", "restauranttable")) {
			return 1
		}
		return 0
	})
	of := func(t *table, words ...string) *table {
		return g.best(func(to *table) int {
			if t == nil || to == g.orders || to == g.lines || to == t || t.refTo(to) == nil || to.column("name", "title", "label") == "" {
				return 0
			}
			if has(to.Name, words...) {
				return 2
			}
			return 0
		})
	}
	g.items = of(g.lines, "menu", "product", "item", "dish", "variant", "article")
	g.options = of(g.modifiers, "modifier", "option", "extra", "topping", "addon", "choice")
	g.categories = of(g.items, "categor")
	g.status = g.orders.column("status", "state", "order_status")
	return nil
}

// readWords reads the words that stand in the status column.
func (g *guess) readWords(ctx context.Context, tx pgx.Tx) error {
	if g.status == "" {
		return nil
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		select distinct w from (select %[1]s::text as w from (select %[1]s from %[2]s limit 100000) t
		 union all select e.enumlabel::text from pg_catalog.pg_enum e join pg_catalog.pg_attribute a on a.atttypid = e.enumtypid
		  where a.attrelid = %[3]s::regclass and a.attname = %[4]s) s where w is not null order by 1 limit 40`,
		quote(g.status), g.orders.sql(), literal(g.orders.sql()), literal(g.status)))
	if err != nil {
		return err
	}
	g.words, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return err
}
