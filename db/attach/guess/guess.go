// Package guess proposes a mapping from the tables, columns and foreign keys that a database has.
package guess

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach"
)

// Mapping proposes a mapping for the tables that a database has, with a comment wherever it guessed. The reader edits it, and
// kitchen attach check says what is wrong with it.
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
		if err := g.readKeys(ctx, tx); err != nil {
			return fmt.Errorf("read the keys: %w", err)
		}
		if err := g.readWords(ctx, tx); err != nil {
			return err
		}
		if err := g.readTypes(ctx, tx); err != nil {
			return fmt.Errorf("read the kinds of orders: %w", err)
		}
		if err := g.readPairs(ctx, tx); err != nil {
			return fmt.Errorf("read what lines have: %w", err)
		}
		if err := g.readTimes(ctx, tx); err != nil {
			return fmt.Errorf("read the times of orders: %w", err)
		}
		if own := g.lines.nameOf(); own != "" {
			if g.nameless, err = g.lines.some(ctx, tx, quoteIf(own)+" is null"); err != nil {
				return fmt.Errorf("read the names of lines: %w", err)
			}
		}
		if err := g.readDocument(ctx, tx); err != nil {
			return fmt.Errorf("read the lines: %w", err)
		}
		text = g.write()
		return nil
	})
	return text, err
}

// guess records which of the host's tables and columns hold what. A nil table or empty name means that none was found.
type guess struct {
	tables                                                   []*table
	orders, lines, modifiers, tenants, users, items, options *table
	diningTables                                             *table // the tables that guests sit at
	link                                                     *table // between lines and orders, where a line does not name its order
	history                                                  *table // whose latest row has an order's status
	grants                                                   *table // whose rows give users, or their memberships, a role
	roleTable                                                *table // the roles that users, memberships or grants refer to, where they do not hold the word itself
	between                                                  *table // between orders and tenants, where an order does not name its own
	membership                                               *table // between users and tenants
	variants                                                 *table // between lines and items, where what is sold has no name of its own
	categories                                               *table
	statuses                                                 *table // whose rows are the statuses, where an order has the key of one
	status                                                   string
	words, roles, types                                      []word
	nulls                                                    bool     // some order has no status
	nameless                                                 bool     // some line has no name of its own
	created                                                  []string // columns with the time of an order; several where each may lack it
	left                                                     string   // column with the time at which an order was done
	zone                                                     string   // SQL of a tenant's time zone
	document                                                 document // the lines, where they are JSON in the orders' table
	pairs                                                    pairs    // names and values that lines have besides their columns
	placed                                                   string   // column with the time of an order, which a draft lacks
	timeRef                                                  *ref     // of orders to the table that has their time
	unnamed                                                  bool     // the orders' table is chosen by what it holds
	hashTenant                                               bool     // the tenant of an order has characters that a key may not have
	out                                                      strings.Builder
}

func (g *guess) p(format string, args ...any) { fmt.Fprintf(&g.out, format+"\n", args...) }

// write prints the mapping.
func (g *guess) write() string {
	g.p("-- Guessed from this database's tables. Read every line that says GUESS, mend it, and let kitchen attach check prove it.\n")
	g.writeBlobs()
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

// first is the first table that fits.
func (g *guess) first(fits func(*table) bool) *table {
	for _, t := range g.tables {
		if fits(t) {
			return t
		}
	}
	return nil
}

// find says which table is what. Each step uses what those before it have found.
func (g *guess) find() error {
	g.orders = g.best(g.looksLikeOrders)
	if g.orders == nil {
		g.orders, g.unnamed = g.best(g.evidence), true
	}
	if g.orders == nil {
		return &attach.RefusedError{
			Means: "no table of this database looks like one of orders: none is called so, and none has lines, a status and a time",
			Mend:  "begin with a template of a system like yours (--list), and name your own tables in it",
		}
	}
	g.lines = g.best(g.looksLikeLines)
	if g.lines.refTo(g.orders) == nil {
		g.link = g.joins(g.orders, g.lines)
	}
	g.modifiers = g.first(func(t *table) bool {
		return g.lines != nil && t != g.lines && t != g.orders && t.refTo(g.lines) != nil &&
			has(t.Name, "modifier", "option", "extra", "topping", "addon", "attribute", "choice")
	})
	g.findTenants()
	g.chooseKeys()
	g.users = g.best(g.looksLikeUsers)
	if g.users.refTo(g.tenants) == nil {
		g.membership = g.joins(g.users, g.tenants)
	}
	g.diningTables = g.first(func(t *table) bool {
		return g.orders.refTo(t) != nil && (singular(t.Name) == "table" || has(t.Name, "diningtable", "restauranttable"))
	})
	g.findMenu()
	g.findStatus()
	g.findGrants()
	return nil
}

// findTenants finds the restaurants, of which an order has one, or which a table between them joins with orders.
func (g *guess) findTenants() {
	g.tenants = g.best(func(t *table) int {
		if g.orders.refTo(t) == nil {
			return 0
		}
		return tenancy(t)
	})
	if g.tenants != nil {
		return
	}
	g.tenants = g.best(func(t *table) int {
		if g.joins(g.orders, t) == nil {
			return 0
		}
		return tenancy(t)
	})
	g.between = g.joins(g.orders, g.tenants)
}

// findMenu finds the dishes, their categories, and the options of modifiers.
func (g *guess) findMenu() {
	g.items = g.named(g.lines, "menu", "product", "item", "dish", "variant", "article")
	if g.items == nil && g.lines == nil { // an order is of one dish
		g.items = g.named(g.orders, "menu", "product", "item", "dish", "variant", "article", "food", "meal", "plato")
	}
	if g.items == nil {
		g.items = g.first(func(t *table) bool {
			return t != g.orders && t != g.link && t.nameOf() != "" && g.lines != nil && g.lines.refTo(t) == nil &&
				has(t.Name, "menu", "product", "item", "dish", "article", "food") && g.joins(g.lines, t) != nil
		})
	}
	if g.items == nil {
		g.variants = g.first(func(t *table) bool { return has(t.Name, "variant", "sku") && g.lines.refTo(t) != nil })
		g.items = g.named(g.variants, "product", "item", "dish", "menu", "article")
	}
	g.options = g.named(g.modifiers, "modifier", "option", "extra", "topping", "addon", "choice")
	if x := g.modifiers; x != nil && g.options == nil && x.isLink() { // it pairs lines with options
		g.options = g.first(func(t *table) bool { return t != g.lines && x.declared(t) != nil && t.nameOf() != "" })
	}
	g.categories = g.named(g.items, "categor")
}

// chooseKeys takes as the key of orders, lines and restaurants the columns by which other tables refer to them.
func (g *guess) chooseKeys() {
	for _, r := range []*ref{g.lines.refTo(g.orders), g.modifiers.refTo(g.lines), g.orders.refTo(g.tenants)} {
		if r != nil && r.from != r.to {
			r.to.keys = r.toCols
		}
	}
}

// joins is a table that holds pairs of two others, or nil.
func (g *guess) joins(a, b *table) *table {
	if a == nil || b == nil || a == b {
		return nil
	}
	return g.best(func(t *table) int {
		if t == a || t == b || t == g.orders || t == g.tenants || t.declared(a) == nil || t.declared(b) == nil {
			return 0
		}
		return max(1, 20-len(t.Columns)) // the fewer columns, the more it is only that
	})
}

// named finds a table that from refers to and whose name has one of the words. A declared foreign key counts more than a column whose
// name looks like one.
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
