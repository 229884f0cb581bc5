// Package guess proposes a mapping from the tables, columns and foreign keys that a database has.
package guess

import (
	"context"
	"fmt"
	"kitchen/db/attach"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Mapping proposes a mapping for the tables that a database has, with a comment wherever it guessed. It is to be edited, and
// check says what does not hold.
func Mapping(ctx context.Context, conn *pgx.Conn) (text string, err error) {
	err = attach.RolledBack(ctx, conn, func(tx pgx.Tx) error {
		all, err := readTables(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the tables: %w", err)
		}
		g := &guess{tables: all}
		if err := g.find(); err != nil {
			return err
		}
		if err := g.readWords(ctx, tx); err != nil {
			return err
		}
		if err := g.readDocument(ctx, tx); err != nil {
			return fmt.Errorf("read the lines: %w", err)
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
	between                                                  *table // orders and tenants, where an order does not name its own
	membership                                               *table // between users and tenants
	variants                                                 *table // between lines and items, where what is sold has no name of its own
	categories                                               *table
	statuses                                                 *table // whose rows are the statuses, where an order has the key of one
	status                                                   string
	words, roles                                             []word
	nulls                                                    bool     // some order has no status
	zone                                                     string   // SQL of a tenant's time zone
	document                                                 document // the lines, where they are JSON in the orders' table
	out                                                      strings.Builder
}

func (g *guess) p(format string, args ...any) { fmt.Fprintf(&g.out, format+"\n", args...) }

// write prints the mapping.
func (g *guess) write() string {
	g.p("-- Guessed from this database's tables. Read every line that says GUESS, mend it, and let kitchen attach check prove it.\n")
	g.writeRestaurants()
	g.writeUsers()
	g.writeOrders()
	g.writeLines()
	g.writeModifiers()
	g.writeWatch()
	g.writeSetStatus()
	return g.out.String()
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

func (g *guess) find() error {
	g.orders = g.best(g.looksLikeOrders)
	if g.orders == nil {
		return &attach.RefusedError{
			Means: "no table of this database looks like one of orders",
			Mend:  "begin with a template of a system like yours (--list), and name your own tables in it",
		}
	}
	g.lines = g.best(func(t *table) int {
		if t == g.orders || t.refTo(g.orders) == nil {
			return 0
		}
		score := 0
		if t.columnLike(isNumber, "quantity", "qty", "count", "amount") != "" {
			score += 5
		}
		if has(t.Name, "item", "line", "detail", "product", "menu", "dish", "position") {
			score += 5
		}
		if score > 0 && t.nameOf() != "" {
			score += 3
		}
		if has(t.Name, "modifier", "option", "extra", "topping", "addon", "total", "payment", "meta", "lookup", "fulfil", "refund", "history", "discount") {
			score -= 9
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
		if g.orders.refTo(t) == nil {
			return 0
		}
		return tenancy(t)
	})
	if g.tenants == nil {
		g.tenants = g.best(func(t *table) int {
			if g.joins(g.orders, t) == nil {
				return 0
			}
			return tenancy(t)
		})
		g.between = g.joins(g.orders, g.tenants)
	}
	g.users = g.best(g.looksLikeUsers)
	if g.users.refTo(g.tenants) == nil {
		g.membership = g.joins(g.users, g.tenants)
	}
	g.places = g.best(func(t *table) int {
		if g.orders.refTo(t) != nil && (singular(t.Name) == "table" || has(t.Name, "diningtable", "restauranttable")) {
			return 1
		}
		return 0
	})
	g.items = g.named(g.lines, "menu", "product", "item", "dish", "variant", "article")
	if g.items == nil {
		g.variants = g.best(func(t *table) int {
			if has(t.Name, "variant", "sku") && g.lines.refTo(t) != nil {
				return 1
			}
			return 0
		})
		g.items = g.named(g.variants, "product", "item", "dish", "menu", "article")
	}
	g.options = g.named(g.modifiers, "modifier", "option", "extra", "topping", "addon", "choice")
	g.categories = g.named(g.items, "categor")
	g.status = g.orders.column("status", "state", "order_status", "order_state")
	if g.status == "" {
		g.statuses = g.best(func(t *table) int {
			if r := g.orders.refTo(t); r != nil && has(t.Name, "status", "state") && has(r.col, "status", "state") && t.nameOf() != "" {
				return 1
			}
			return 0
		})
		if r := g.orders.refTo(g.statuses); r != nil {
			g.status = r.col
		}
	}
	return nil
}

func (g *guess) looksLikeOrders(t *table) int {
	if !has(t.Name, "order", "ticket") || has(t.Name, "item", "line", "detail", "modifier", "status", "history", "vendor", "purchase", "prep",
		"stats", "meta", "lookup", "change", "summary", "transaction", "shipping", "event", "fulfil", "address", "total", "payment", "coupon", "menu") {
		return 0
	}
	score := 1
	for _, other := range g.tables {
		if other != t && other.refTo(t) != nil {
			score++
		}
	}
	if t.column("status", "state", "status_id") != "" {
		score += 10
	}
	if singular(t.Name) == "order" {
		score += 5
	}
	return score
}

// tenancy is how much a table's name is one of restaurants.
func tenancy(t *table) int {
	for score, words := range [][]string{5: {"channel"}, 6: {"tenant", "company", "organization", "organisation", "business"},
		7: {"store", "shop", "location", "site", "merchant", "vendor"}, 8: {"branch", "venue", "outlet", "kitchen"}, 9: {"restaurant"}} {
		if has(singular(t.Name), words...) || has(t.Name, words...) && !has(t.Name, "order") {
			return score
		}
	}
	return 0
}

func (g *guess) looksLikeUsers(t *table) int {
	if singular(t.Name) != "user" && !has(t.Name, "user", "staff", "employee", "admin") || has(t.Name, "group", "permission", "token", "session", "address") {
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
}

// joins is a table that holds pairs of two others, or nil.
func (g *guess) joins(a, b *table) *table {
	if a == nil || b == nil || a == b {
		return nil
	}
	return g.best(func(t *table) int {
		if t == a || t == b || t == g.orders || t.declared(a) == nil || t.declared(b) == nil {
			return 0
		}
		return max(1, 20-len(t.Columns)) // the fewer columns, the more it is only that
	})
}

// named is the table with names that another refers to: a declared foreign key before one by a column's name.
func (g *guess) named(from *table, words ...string) *table {
	return g.best(func(to *table) int {
		if from == nil || to == g.orders || to == g.lines || to == from || from.refTo(to) == nil || to.nameOf() == "" || !has(to.Name, words...) {
			return 0
		}
		if from.declared(to) != nil {
			return 3
		}
		return 2
	})
}
