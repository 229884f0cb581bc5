package guess

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kitchen/db/attach/sqltext"

	"github.com/jackc/pgx/v5"
)

// pairs is a table of names and values that belong to lines, as WordPress has it for everything without a column.
type pairs struct {
	*table
	name, value string
	quantity    string // the name under which the quantity is kept
}

// readPairs looks for such a table, and for the name of the quantity where no column of a line has one.
func (g *guess) readPairs(ctx context.Context, tx pgx.Tx) error {
	t := g.best(func(t *table) int {
		if g.lines == nil || t == g.lines || t == g.modifiers || t.refTo(g.lines) == nil || !has(t.Name, "meta", "attribute", "propert", "custom") || t.pairName() == "" || t.pairValue() == "" {
			return 0
		}
		return 1
	})
	if t == nil {
		return nil
	}
	g.pairs = pairs{table: t, name: t.pairName(), value: t.pairValue()}
	if g.lines.quantity() != "" {
		return nil
	}
	rows, err := tx.Query(ctx, fmt.Sprintf(`select distinct p.n from (select %s::text as n from %s limit 100000) p where p.n is not null order by 1 limit 1000`, quoteIf(g.pairs.name), t.sql()))
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if i := slices.IndexFunc(names, func(n string) bool { return slices.Contains([]string{"qty", "quantity", "count"}, flat(n)) }); i >= 0 {
		g.pairs.quantity = names[i]
	}
	return err
}

func (t *table) pairName() string  { return t.column("meta_key", "key", "name", "attribute") }
func (t *table) pairValue() string { return t.column("meta_value", "value", "val") }

// quantityOf returns SQL for a line's quantity.
func (g *guess) quantityOf(line string) string {
	p := g.pairs
	if p.quantity == "" {
		return columnOr(line, "1", "quantity", g.lines.quantity())
	}
	return fmt.Sprintf(`coalesce((select p.%[1]s::numeric from %[2]s p where %[3]s and p.%[4]s = %[5]s and p.%[1]s::text ~ '^[0-9]{1,6}(\.[0-9]{1,3})?$' limit 1), 1) as quantity`,
		quoteIf(p.value), p.sql(), p.refTo(g.lines).by("p", line), quoteIf(p.name), sqltext.Literal(p.quantity))
}

// writePairs prints the view of modifiers from the pairs that people are meant to read.
func (g *guess) writePairs() {
	p := g.pairs
	not := []string{fmt.Sprintf(`p.%s !~ '^_'`, quoteIf(p.name))}
	if p.quantity != "" && !strings.HasPrefix(p.quantity, "_") {
		not = append(not, fmt.Sprintf("p.%s <> %s", quoteIf(p.name), sqltext.Literal(p.quantity)))
	}
	g.p("select %s, %s, null as modifier_option_id, concat_ws(': ', p.%s, p.%s) as name, 1 as quantity, null as kind, 0 as position",
		named(p.id("p"), "id"), named(p.refTo(g.lines).id("p"), "line_id"), quoteIf(p.name), quoteIf(p.value))
	g.p("  from %s p\n where %s; -- GUESS: what the host shows to nobody begins with _", p.sql(), strings.Join(not, " and "))
}
