package attach

import (
	"context"
	"encoding/json"
	"fmt"
	"kitchen/db/attach/sqltext"
	"strings"

	"github.com/jackc/pgx/v5"
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

// checkPlans has PostgreSQL plan what a kitchen reads, with sequential scans disabled: a table that is read whole even so lacks an index.
func checkPlans(ctx context.Context, tx pgx.Tx, d *model, report *Report) error {
	sample := map[string]string{"uuid": "00000000-0000-4000-8000-000000000000"}
	one := func(typ string) string {
		if v, ok := sample[typ]; ok {
			return v
		}
		return "1"
	}
	list := func(typ, domain string) string {
		return fmt.Sprintf("('{%s}'::text[]::kitchen.%s[])", one(typ), domain)
	}
	reads := []struct{ what, view, column, sql string }{
		{"the queue of a restaurant", "orders", "restaurant_id", fmt.Sprintf(`select * from kitchen.orders o where o.restaurant_id = '%s'::kitchen.restaurant_key and o.open`, one(d.keys.Restaurant))},
		{recently, "orders", "restaurant_id", fmt.Sprintf(`select * from kitchen.orders o where o.restaurant_id = '%s'::kitchen.restaurant_key
			and not o.open and o.left_at > now() - interval '1 hour' order by o.left_at desc limit 50`, one(d.keys.Restaurant))},
		{"an order that changed", "orders", "id", `select * from kitchen.orders o where o.id = any ` + list(d.keys.Order, "order_key")},
		{"the lines of an order", "lines", "order_id", `select * from kitchen.lines l where l.order_id = any ` + list(d.keys.Order, "order_key")},
		{"the modifiers of a line", "modifiers", "line_id", `select * from kitchen.modifiers x where x.line_id = any ` + list(d.keys.Line, "line_key")},
		{"a user", "users", "id", fmt.Sprintf(`select * from kitchen.users u where u.id = '%s'::kitchen.user_key`, one(d.keys.User))},
	}
	said := map[string]bool{}
	for _, r := range reads {
		plan, err := explain(ctx, tx, r.sql)
		if err != nil {
			return fmt.Errorf("plan reading %s: %w", r.what, err)
		}
		made, isMade, err := makes(ctx, tx, r.view, r.column)
		if err != nil {
			return fmt.Errorf("see how kitchen.%s makes %s: %w", r.view, r.column, err)
		}
		var whole []planNode
		var joins string
		plan.walk(func(n planNode) {
			// An index that is read from end to end is no better than the table.
			if n.Table != "" && (n.Type == "Seq Scan" || strings.HasPrefix(n.Type, "Index") && n.Cond == "") {
				whole = append(whole, n)
			}
			joins += " " + n.Join + " " + n.Filter
		})
		if len(whole) == 0 {
			if err := reportPast(ctx, tx, r.what, r.column, plan, report); err != nil {
				return fmt.Errorf("look at the index for %s: %w", r.what, err)
			}
		}
		table, key, found, err := origin(ctx, tx, r.view, r.column)
		if err == nil && !found && !isMade && r.what == recently { // of the only restaurant, a constant: the time is what is looked for
			table, key, found, err = origin(ctx, tx, r.view, "left_at")
		}
		if err != nil {
			return fmt.Errorf("find the column of kitchen.%s.%s: %w", r.view, r.column, err)
		}
		for _, n := range whole {
			name := pgx.Identifier{n.Schema, n.Table}.Sanitize()
			exact, err := holdsJustThese(ctx, tx, n)
			if err != nil {
				return fmt.Errorf("look at the index %s: %w", n.Index, err)
			}
			if exact {
				continue
			}
			index := ""
			if !found && isMade && made.table == name {
				index = withoutOuter(made.sql)
			}
			for _, s := range d.sources {
				if found && s.oid == table && s.schema == n.Schema && s.name == n.Table {
					index = sqltext.Quote(key)
				}
			}
			served, err := servedByIndex(ctx, tx, n, joins)
			if err != nil {
				return fmt.Errorf("look for indexes of %s: %w", name, err)
			}
			if index == "" && served {
				continue // the index exists; PostgreSQL reads a small table whole all the same
			}
			index = indexFor(n, joins, index, r.column == "restaurant_id" && r.what != recently)
			if r.what == recently && found && r.column == "restaurant_id" && index == "("+sqltext.Quote(key)+")" {
				if owner, left, plain, err := origin(ctx, tx, "orders", "left_at"); err != nil {
					return fmt.Errorf("find the column of kitchen.orders.left_at: %w", err)
				} else if plain && owner == table && left != key { // by the restaurant alone, all orders that it ever had would be read
					index = "(" + sqltext.Quote(key) + ", " + sqltext.Quote(left) + ")"
				}
			}
			if said[name+index] {
				continue
			}
			said[name+index] = true
			mend := "write the condition so that an index can serve it"
			if index != "" {
				if mend, err = mendIndex(ctx, tx, name, index); err != nil {
					return fmt.Errorf("try the index that %s lacks: %w", name, err)
				}
				if mend == "" || said[mend] {
					continue
				}
				said[mend] = true
			}
			report.add("plans", Warning, mend, "%s: the whole table %s is read, which is slow once it has grown", r.what, n.Table)
		}
	}
	return nil
}

const recently = "the orders that left a queue lately"

// manyRows is the size from which reading all past orders of a restaurant takes noticeably long.
const manyRows = 50_000

// reportPast reports that a read uses an index. Where there are many orders, it names the index that would save reading all that the
// restaurant ever had.
func reportPast(ctx context.Context, tx pgx.Tx, what, column string, plan planNode, report *Report) error {
	table, _, found, err := origin(ctx, tx, "orders", "id")
	if err != nil {
		return err
	}
	key, mend := "", ""
	var rows float64
	if found && column == "restaurant_id" {
		var owner uint32
		if owner, key, found, err = origin(ctx, tx, "orders", column); err != nil {
			return err
		}
		found = found && owner == table
	}
	if found && key != "" {
		var name pgx.Identifier = make([]string, 2)
		if err := tx.QueryRow(ctx, `select n.nspname::text, c.relname::text, c.reltuples::float8 from pg_catalog.pg_class c
			join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = $1`, table).Scan(&name[0], &name[1], &rows); err != nil {
			return err
		}
		plan.walk(func(n planNode) {
			if n.Schema == name[0] && n.Table == name[1] && n.Filter != "" {
				mend = "create index concurrently on " + name.Sanitize() + " " + indexFor(n, "", sqltext.Quote(key), true)
			}
		})
		if what == recently && mend != "" {
			owner, left, plain, err := origin(ctx, tx, "orders", "left_at")
			if err != nil {
				return err
			}
			if mend = ""; plain && owner == table {
				mend = "create index concurrently on " + name.Sanitize() + " (" + sqltext.Quote(key) + ", " + sqltext.Quote(left) + ")"
			}
			served := false
			plan.walk(func(n planNode) { served = served || strings.Contains(n.Cond, left) })
			if served {
				mend = ""
			}
		}
	}
	if mend == "" || rows < manyRows {
		report.add("plans", OK, "", "%s: by index", what)
	} else {
		report.add("plans", Warning, mend, "%s: all orders that the restaurant ever had are read for it", what)
	}
	return nil
}

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
