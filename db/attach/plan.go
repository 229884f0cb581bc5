package attach

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach/sqltext"
)

// planNode is a step of a plan as EXPLAIN prints it, with the fields that are used here.
type planNode struct {
	Type   string     `json:"Node Type"`
	Schema string     `json:"Schema"`
	Table  string     `json:"Relation Name"`
	Alias  string     `json:"Alias"`
	Index  string     `json:"Index Name"`
	Filter string     `json:"Filter"`
	Cond   string     `json:"Index Cond"`
	Join   string     `json:"Join Filter"`
	Plans  []planNode `json:"Plans"`
}

// read is one of the statements with which a kitchen reads a mapping.
type read struct {
	what         string // for people
	view, column string // by which it looks rows up
	sql          string
}

// byRestaurant reports whether the read looks up the open orders of a restaurant.
func (r read) byRestaurant() bool { return r.column == "restaurant_id" && r.what != recently }

// readsOf are the reads of a kitchen, each for a key of the mapping's type.
func readsOf(d *model) []read {
	one := func(typ string) string {
		if typ == "uuid" {
			return "00000000-0000-4000-8000-000000000000"
		}
		return "1"
	}
	list := func(typ, domain string) string {
		return fmt.Sprintf("('{%s}'::text[]::kitchen.%s[])", one(typ), domain)
	}
	return []read{
		{"the queue of a restaurant", "orders", "restaurant_id", fmt.Sprintf(`select * from kitchen.orders o where o.restaurant_id = '%s'::kitchen.restaurant_key and o.open`, one(d.keys.Restaurant))},
		{recently, "orders", "restaurant_id", fmt.Sprintf(`select * from kitchen.orders o where o.restaurant_id = '%s'::kitchen.restaurant_key
			and not o.open and o.left_at > now() - interval '1 hour' order by o.left_at desc limit 50`, one(d.keys.Restaurant))},
		{"an order that changed", "orders", "id", `select * from kitchen.orders o where o.id = any ` + list(d.keys.Order, "order_key")},
		{"the lines of an order", "lines", "order_id", `select * from kitchen.lines l where l.order_id = any ` + list(d.keys.Order, "order_key")},
		{"the modifiers of a line", "modifiers", "line_id", `select * from kitchen.modifiers x where x.line_id = any ` + list(d.keys.Line, "line_key")},
		{"a user", "users", "id", fmt.Sprintf(`select * from kitchen.users u where u.id = '%s'::kitchen.user_key`, one(d.keys.User))},
	}
}

// checkPlans has PostgreSQL plan what a kitchen reads, with sequential scans disabled: a table that is read whole even so lacks an index.
func checkPlans(ctx context.Context, tx pgx.Tx, d *model, report *Report) error {
	c := planCheck{tx: tx, model: d, report: report, said: map[string]bool{}}
	for _, r := range readsOf(d) {
		if err := c.check(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// planCheck is the state of [checkPlans].
type planCheck struct {
	tx     pgx.Tx
	model  *model
	report *Report
	said   map[string]bool // tables with their indexes, and statements that make these: each is reported once
}

// lookup is the host's column by which a read looks rows up, where it is one.
type lookup struct {
	table uint32 // its oid
	key   string
	found bool
}

func (c *planCheck) check(ctx context.Context, r read) error {
	plan, err := explain(ctx, c.tx, r.sql)
	if err != nil {
		return fmt.Errorf("plan reading %s: %w", r.what, err)
	}
	made, isMade, err := makes(ctx, c.tx, r.view, r.column)
	if err != nil {
		return fmt.Errorf("see how kitchen.%s makes %s: %w", r.view, r.column, err)
	}
	whole, joins := plan.readWhole()
	if len(whole) == 0 {
		if err := reportPast(ctx, c.tx, r.what, r.column, plan, c.report); err != nil {
			return fmt.Errorf("look at the index for %s: %w", r.what, err)
		}
	}
	var by lookup
	by.table, by.key, by.found, err = origin(ctx, c.tx, r.view, r.column)
	if err == nil && !by.found && !isMade && r.what == recently { // of the only restaurant, a constant: the time is what is looked for
		by.table, by.key, by.found, err = origin(ctx, c.tx, r.view, "left_at")
	}
	if err != nil {
		return fmt.Errorf("find the column of kitchen.%s.%s: %w", r.view, r.column, err)
	}
	for _, n := range whole {
		index := "" // of the column, or the expression, by which the read looks rows of this table up
		if !by.found && isMade && made.table == n.name() {
			index = sqltext.WithoutOuter(made.sql)
		}
		for _, s := range c.model.sources {
			if by.found && s.oid == by.table && s.schema == n.Schema && s.name == n.Table {
				index = sqltext.Quote(by.key)
			}
		}
		if err := c.reportWhole(ctx, r, by, n, joins, index); err != nil {
			return err
		}
	}
	return nil
}

// readWhole returns the tables that a plan reads from end to end, and the conditions of its joins and filters.
func (n planNode) readWhole() (whole []planNode, joins string) {
	n.walk(func(n planNode) {
		// An index that is read from end to end is no better than the table.
		if n.Table != "" && (n.Type == "Seq Scan" || strings.HasPrefix(n.Type, "Index") && n.Cond == "") {
			whole = append(whole, n)
		}
		joins += " " + n.Join + " " + n.Filter
	})
	return whole, joins
}

func (n planNode) name() string { return pgx.Identifier{n.Schema, n.Table}.Sanitize() }

// reportWhole reports a table that is read whole, with the statement that makes the index that it lacks, unless it was reported or the
// index exists: PostgreSQL reads a small table whole all the same.
func (c *planCheck) reportWhole(ctx context.Context, r read, by lookup, n planNode, joins, index string) error {
	exact, err := holdsJustThese(ctx, c.tx, n)
	if err != nil {
		return fmt.Errorf("look at the index %s: %w", n.Index, err)
	}
	if exact {
		return nil
	}
	served, err := servedByIndex(ctx, c.tx, n, joins)
	if err != nil {
		return fmt.Errorf("look for indexes of %s: %w", n.name(), err)
	}
	if index == "" && served {
		return nil
	}
	index, err = c.withTime(ctx, r, by, indexFor(n, joins, index, r.byRestaurant()))
	if err != nil {
		return err
	}
	if c.reported(n.name() + index) {
		return nil
	}
	mend := "write the condition so that an index can serve it"
	if index != "" {
		if mend, err = mendIndex(ctx, c.tx, n.name(), index); err != nil {
			return fmt.Errorf("try the index that %s lacks: %w", n.name(), err)
		}
		if mend == "" || c.reported(mend) {
			return nil
		}
	}
	c.report.add("plans", Warning, mend, "%s: the whole table %s is read, which is slow once it has grown", r.what, n.Table)
	return nil
}

// withTime adds the time at which orders leave the queue to an index of the restaurant alone, by which all orders that it ever had would
// be read for the few that left lately.
func (c *planCheck) withTime(ctx context.Context, r read, by lookup, index string) (string, error) {
	if r.what != recently || r.column != "restaurant_id" || !by.found || index != "("+sqltext.Quote(by.key)+")" {
		return index, nil
	}
	table, left, found, err := origin(ctx, c.tx, "orders", "left_at")
	if err != nil {
		return "", fmt.Errorf("find the column of kitchen.orders.left_at: %w", err)
	}
	if found && table == by.table && left != by.key {
		index = "(" + sqltext.Quote(by.key) + ", " + sqltext.Quote(left) + ")"
	}
	return index, nil
}

// reported reports whether something was reported before, and takes it as reported.
func (c *planCheck) reported(what string) bool {
	before := c.said[what]
	c.said[what] = true
	return before
}

const recently = "the orders that left a queue lately"

func (n planNode) walk(visit func(planNode)) {
	visit(n)
	for _, p := range n.Plans {
		p.walk(visit)
	}
}

func explain(ctx context.Context, tx pgx.Tx, sql string) (plan planNode, err error) {
	err = atSavepoint(ctx, tx, func() error {
		for _, off := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_material"} {
			if _, err := tx.Exec(ctx, "set local "+off+" = off"); err != nil {
				return err
			}
		}
		var text string
		if err := tx.QueryRow(ctx, "explain (format json, verbose) "+sql).Scan(&text); err != nil {
			return err
		}
		var all []struct{ Plan planNode }
		if err := json.Unmarshal([]byte(text), &all); err != nil || len(all) != 1 {
			return fmt.Errorf("read the plan: %w", err)
		}
		plan = all[0].Plan
		_, err := tx.Exec(ctx, "reset enable_seqscan; reset enable_hashjoin; reset enable_mergejoin; reset enable_material", pgx.QueryExecModeSimpleProtocol)
		return err
	})
	return plan, err
}
